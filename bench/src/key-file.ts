import { execFileSync } from 'node:child_process';
import { pbkdf2Sync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadCredential } from '@certgrant/core';
import { type Command, cpuOfCommand } from './child-cpu.ts';
import { openWithForge, openWithPkijs } from './key-file-peers.ts';
import type { Material } from './material.ts';
import {
  type Contender,
  compare,
  cpuTime,
  median,
  medianRatio,
  type Rounds,
  rotated,
  type Samples,
  wallTime,
} from './measure.ts';
import type { Finding } from './report.ts';
import { withTemporaryFolder } from './temporary-file.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const ours = 'certgrant';
const password = 'correct horse';
const modern = ['-keypbe', 'AES-256-CBC', '-certpbe', 'AES-256-CBC', '-macalg', 'sha256'];
const legacy = ['-legacy', '-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-RC2-40', '-macalg', 'sha1'];

/** A PFX without anything in it: to open it costs openssl its start, with all that it loads for `-legacy`, and no more. */
const emptyPfx = Buffer.from('3016020103301106092a864886f70d010701a00404023000', 'hex');

/** Opening PFX files: over the key derivations that they ask for, which nobody can save. */
export function benchKeyFiles({ pem }: Material): Promise<readonly Finding[]> {
  return withTemporaryFolder(async (folder) => {
    const pemFile = join(folder, 'daemon.pem');
    await writeFile(pemFile, pem, { mode: 0o600 });
    const make = async (name: string, iterations: number, args: readonly string[]): Promise<Bytes> => {
      const file = join(folder, name);
      const how = ['-passout', `pass:${password}`, '-iter', String(iterations), ...args];
      execFileSync('openssl', ['pkcs12', '-export', '-in', pemFile, '-out', file, ...how]);
      return new Uint8Array(await readFile(file));
    };
    return [
      await benchModern(2048, await make('few.pfx', 2048, modern), { rounds: 7, operations: 600, before: 1500 }),
      await benchModern(600_000, await make('many.pfx', 600_000, modern), { rounds: 5, operations: 1 }),
      await benchLegacy(folder, await make('legacy.pfx', 2048, legacy)),
    ];
  });
}

async function benchModern(iterations: number, pfx: Bytes, rounds: Rounds): Promise<Finding> {
  const bare = 'bare key derivations, OpenSSL';
  const macCost = nativeMacDerivation(iterations);
  // These take so long that a few show it; the forge also blocks the process meanwhile.
  const fewer = Math.ceil(rounds.operations / 100);
  const contenders: readonly Contender[] = [
    { name: bare, run: () => bareEncryptionKeys(iterations) },
    { name: ours, run: () => loadCredential(pfx, { password }) },
    { name: 'pkijs', operations: fewer, run: () => openWithPkijs(pfx, password) },
  ];
  const forge: Contender = { name: 'node-forge', run: () => openWithForge(pfx, password) };
  const measure = async (clock: () => number): Promise<Samples> => {
    const measured = new Map(await compare(contenders, rounds, clock, 2));
    const derivations = (measured.get(bare) ?? []).map((spent) => spent + macCost);
    const warmUps = iterations > 100_000 ? 0 : 2;
    const forged = await compare([forge], { rounds: 1, operations: fewer }, clock, warmUps);
    const [once = Number.NaN] = forged.get(forge.name) ?? [];
    return measured.set(bare, derivations).set(
      forge.name,
      derivations.map(() => once),
    );
  };
  const [elapsed, spent] = [await measure(wallTime), await measure(cpuTime)];
  const cpuRows = rowsOf(spent, bare);
  return {
    title: `Open a PFX, AES-256, ${iterations} iterations`,
    columns: ['', 'ms', '× bare', 'CPU ms', '× bare'],
    rows: rowsOf(elapsed, bare).map((row, index) => [...row, ...(cpuRows[index]?.slice(1) ?? [])]),
    goals: [
      {
        name: `PFX of ${iterations} iterations ÷ its bare key derivations`,
        measured: medianRatio(elapsed, ours, bare),
        relation: 'at most',
        goal: 1.2,
      },
    ],
    notes: [
      'Bare are the three derivations of the file, one after the other: PBKDF2 for the key and for the certificates (pbkdf2Sync of node:crypto),',
      `and that of the MAC, which Node cannot ask OpenSSL for: "openssl kdf PKCS12KDF" as processes, less those with one iteration: ${(macCost / 1000).toFixed(2)} ms.`,
      'ms is the time until the file is open, once the code has been compiled; certgrant derives the two keys on two cores, and',
      'CPU is what all of it costs.',
    ],
  };
}

/** What OpenSSL derives to decrypt such a file: 32 octets for each of its two parts. */
function bareEncryptionKeys(iterations: number): void {
  for (const salt of ['key bag.', 'certbags']) pbkdf2Sync(password, salt, iterations, 32, 'sha256');
}

/** Microseconds for the MAC's key (RFC 7292 Appendix B, id 3) of a file with so many iterations. */
function nativeMacDerivation(iterations: number): number {
  const many = 2_000_000;
  const kdf = (count: number): Command => ({
    name: 'openssl kdf',
    program: 'openssl',
    args: [
      ...['kdf', '-keylen', '32', '-kdfopt', 'digest:SHA256', '-kdfopt', 'hexpass:0063006f00720072000000'],
      ...['-kdfopt', 'hexsalt:0011223344556677', '-kdfopt', `iter:${count}`, '-kdfopt', 'id:3', 'PKCS12KDF'],
    ],
  });
  const differences = Array.from(
    { length: 7 },
    () => cpuOfCommand(kdf(many), process.env, 1) - cpuOfCommand(kdf(1), process.env, 1),
  );
  return (median(differences) * 1000 * iterations) / many;
}

async function benchLegacy(folder: string, pfx: Bytes): Promise<Finding> {
  const theirs = 'openssl pkcs12 -legacy, less its start';
  const empty = join(folder, 'empty.pfx');
  await writeFile(empty, emptyPfx);
  const openssl = (file: string): Command => ({
    name: 'openssl pkcs12 -legacy',
    program: 'openssl',
    args: ['pkcs12', '-legacy', '-in', file, '-nodes', '-passin', `pass:${password}`],
  });
  const commands = [openssl(join(folder, 'legacy.pfx')), openssl(empty)] as const;
  const quiet = { ...process.env, LC_ALL: 'C' };
  const contenders: readonly Contender[] = [
    { name: ours, operations: 100, run: () => loadCredential(pfx, { password }) },
    { name: 'node-forge', operations: 3, run: () => openWithForge(pfx, password) },
  ];
  const samples = new Map<string, number[]>([theirs, ...contenders.map(({ name }) => name)].map((name) => [name, []]));
  for (let round = 0; round < 7; round++) {
    const costs = rotated(commands, round).map((command) => [command, cpuOfCommand(command, quiet, 40)] as const);
    const cost = (command: Command): number => costs.find(([measured]) => measured === command)?.[1] ?? Number.NaN;
    samples.get(theirs)?.push(1000 * (cost(commands[0]) - cost(commands[1])));
    const one = await compare(rotated(contenders, round), { rounds: 1, operations: 1 }, cpuTime, round === 0 ? 5 : 0);
    for (const [name, values] of one) samples.get(name)?.push(...values);
  }
  return {
    title: 'Open a PFX, RC2-40 and triple DES, SHA-1 MAC, 2048 iterations: CPU',
    columns: ['', 'ms', '× openssl'],
    rows: [...rowsOf(samples, theirs), ['pkijs', 'cannot open', '']],
    goals: [
      {
        name: 'legacy PFX ÷ openssl pkcs12 -legacy less its start (CPU)',
        measured: medianRatio(samples, ours, theirs),
        relation: 'at most',
        goal: 1.5,
      },
    ],
    notes: [
      'openssl is a whole process that prints key and certificate; its start is the same command with an empty PFX, so that the',
      'providers are loaded in both. The others open the file in this process, once their code has been compiled.',
    ],
  };
}

function rowsOf(samples: Samples, base: string): readonly (readonly [string, number, number])[] {
  return [...samples].map(([name, values]) => [name, median(values) / 1000, medianRatio(samples, name, base)]);
}

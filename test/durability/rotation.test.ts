import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as elapse } from 'node:timers/promises';
import { type Authority, type Registered, startAuthority } from '@certgrant/authority';
import {
  createSelfSignedCertificate,
  findKey,
  GraphClient,
  generateKeyPair,
  listKeys,
  loadCredential,
  TokenClient,
  writePem,
} from '@certgrant/core';
import { createFetch } from '@certgrant/core/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { killProcess } from './authority-process.ts';

const bin = new URL('../../packages/cli/bin/certgrant.cjs', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'certgrant-rotation-'));

/** How often the process is killed in each step; CERTGRANT_KILLS=100 is the long run. */
const killsOfStep = Number(process.env.CERTGRANT_KILLS ?? 2);
/** As many at a time as keep both cores busy. */
const lanes = 2;
/** Keys to rotate between: finding primes takes longer than all the rest. */
const spareKeys = 3;

/** Each step, and within how many milliseconds of its beginning the process is killed: long enough to be over it at times. */
const steps = {
  rotate: { check: 120, make: 40, add: 60, wait: 400, switch: 40, hook: 60, overlap: 1000, remove: 80, tidy: 40 },
  undo: { restore: 80, hook: 60, withdraw: 60, tidy: 40 },
} as const;

/** One that knows a new key at once, and one that takes a moment, as Entra ID does. */
let authorities: { readonly quick: Authority; readonly slow: Authority };

beforeAll(async () => {
  const [quick, slow] = await Promise.all(
    [0, 0.2].map((keyPropagationDelay) => startAuthority({ files: true, keyPropagationDelay })),
  );
  if (quick !== undefined && slow !== undefined) authorities = { quick, slow };
});
afterAll(async () => {
  await Promise.all([authorities.quick.close(), authorities.slow.close()]);
  rmSync(folder, { recursive: true, force: true });
});

test(`after kill -9 in any step the same command ends well, ${killsOfStep} times for each`, {
  timeout: 60_000 + killsOfStep * 60_000,
}, async () => {
  const everyStep = Object.entries(steps).flatMap(([direction, ofDirection]) =>
    Object.entries(ofDirection).map(([step, within]) => ({ direction, step, within })),
  );
  const work = Array.from({ length: killsOfStep }, () => everyStep).flat();
  const late = await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const quick = await newDaemon(authorities.quick, join(folder, `quick-${lane}`));
      const slow = await newDaemon(authorities.slow, join(folder, `slow-${lane}`));
      let tooLate = 0;
      for (let at = lane; at < work.length; at += lanes) {
        const { direction, step, within } = work[at] ?? { direction: 'rotate', step: 'check', within: 0 };
        const daemon = step === 'wait' ? slow : quick;
        tooLate += (await killIn(daemon, direction, step, Math.random() * within)) ? 0 : 1;
        await expectOneKey(daemon);
        if (at % 100 === 0) console.log(`${at} of ${work.length}`);
      }
      return tooLate;
    }),
  );
  const tooLate = late.reduce((sum, count) => sum + count, 0);
  console.log(
    `${work.length} kills of a rotation, ${tooLate} of them after its end; each time one key was left, the one on disk`,
  );
  expect(tooLate).toBeLessThan(work.length / 2);
});

test('a new key and certificate are made once, however often the process is killed while it makes them', {
  timeout: 60_000 + killsOfStep * 10_000,
}, async () => {
  const daemon = await newDaemon(authorities.quick, join(folder, 'generated'));
  for (let kill = 0; kill < killsOfStep; kill++) {
    const argv = [...rotation(daemon), '--overlap', '0'];
    await killAndFinish(argv, 'make', Math.random() * 600, daemon.cert);
    await expectOneKey(daemon);
  }
});

/** An application with a certificate, beside keys of others. */
interface Daemon {
  readonly authority: Authority;
  readonly registered: Registered;
  readonly cert: string;
  readonly spare: readonly string[];
  readonly others: readonly string[];
}

async function newDaemon(authority: Authority, place: string): Promise<Daemon> {
  mkdirSync(place);
  const made = await Promise.all(Array.from({ length: spareKeys + 2 }, (_, number) => keyFile(place, number)));
  const [own, other, ...spare] = made;
  if (own === undefined || other === undefined) throw new Error('no keys');
  const cert = join(place, 'daemon.pem');
  copyFileSync(own.path, cert);
  const certificates = [own.certificate, other.certificate];
  const registered = await authority.register({ certificates });
  const keys = await listKeys(graph(authority), { type: 'applications', objectId: registered.objectId });
  const others = keys.map(({ keyId }) => keyId).filter((keyId) => keyId !== registered.keyId);
  return { authority, registered, cert, spare: spare.map(({ path }) => path), others };
}

async function keyFile(place: string, number: number) {
  const keyPair = await generateKeyPair('RSA-2048');
  const certificate = await createSelfSignedCertificate({ keyPair, subject: `CN=daemon-${number}` });
  const path = join(place, `key-${number}.pem`);
  writeFileSync(path, await writePem({ pkcs8: keyPair.pkcs8, certificates: [certificate] }), { mode: 0o600 });
  return { path, certificate };
}

function graph(authority: Authority): GraphClient {
  const platform = { fetch: createFetch({ ca: [authority.ca] }) };
  return new GraphClient({ graphUrl: authority.graphUrl, accessToken: async () => authority.adminToken, platform });
}

function rotation({ authority, registered, cert }: Daemon): string[] {
  const { tenantId, appId, objectId, keyId = '' } = registered;
  const who = ['--tenant', tenantId, '--client-id', appId, '--object-id', objectId, '--key-id', keyId];
  return [
    'rotate',
    ...who,
    '--cert',
    cert,
    '--authority',
    authority.url,
    '--ca',
    authority.caFile ?? '',
    '--hook',
    'true',
  ];
}

/** @returns whether the process was killed before it was through */
async function killIn(daemon: Daemon, direction: string, step: string, delay: number): Promise<boolean> {
  const current = readFileSync(daemon.cert, 'utf8');
  const next = daemon.spare.find((path) => readFileSync(path, 'utf8') !== current) ?? '';
  const rotate = [...rotation(daemon), '--new', next, '--overlap'];
  if (direction === 'rotate') {
    const argv = [...rotate, step === 'overlap' ? '1' : '0'];
    return killAndFinish(argv, step, delay, daemon.cert);
  }
  expect(await run([...rotate, '1h'])).toBe(0);
  const undo = ['rotate', 'undo', '--cert', daemon.cert, '--ca', daemon.authority.caFile ?? '', '--hook', 'true'];
  const killed = await killAndFinish(undo, step, delay, daemon.cert);
  expect(readFileSync(daemon.cert, 'utf8')).toBe(current);
  return killed;
}

/** Runs a command, kills it, and runs the same one again, unless it was through already when it was killed. */
async function killAndFinish(argv: readonly string[], step: string, delay: number, cert: string): Promise<boolean> {
  const before = finishedAt(cert);
  const killed = await runAndKill(argv, step, delay);
  const isThrough = (): boolean => ![undefined, before].includes(finishedAt(cert));
  if (!isThrough()) expect(await run(argv)).toBe(0);
  expect(isThrough()).toBe(true);
  return killed;
}

/** When the last rotation of a file was through; `undefined` while one is under way, and where there was none. */
function finishedAt(cert: string): string | undefined {
  const path = `${cert}.rotation.json`;
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).finishedAt : undefined;
}

function start(argv: readonly string[]): ChildProcess & { stderr: NodeJS.ReadableStream } {
  return spawn(process.execPath, [bin, ...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function run(argv: readonly string[]): Promise<number | null> {
  const child = start(argv);
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  await once(child, 'close');
  if (child.exitCode !== 0) console.log(said);
  return child.exitCode;
}

async function runAndKill(argv: readonly string[], step: string, delay: number): Promise<boolean> {
  const child = start(argv);
  for await (const line of createInterface({ input: child.stderr })) if (line.startsWith(`${step} `)) break;
  await elapse(delay);
  await killProcess(child);
  return child.signalCode === 'SIGKILL';
}

/** Of this daemon's keys one is registered, that of the file on disk, and it gets a token; those of others are all there. */
async function expectOneKey({ authority, registered, cert, others }: Daemon): Promise<void> {
  const credential = await loadCredential(readFileSync(cert));
  const keys = await listKeys(graph(authority), { type: 'applications', objectId: registered.objectId });
  const own = findKey(keys, credential.certificate);
  expect(keys.map(({ keyId }) => keyId).sort()).toEqual([...others, own?.keyId].sort());
  const { tenantId: tenant, appId: clientId } = registered;
  const platform = { fetch: createFetch({ ca: [authority.ca] }) };
  const client = new TokenClient({ tenant, clientId, authority: authority.url, credential, platform });
  const { accessToken } = await client.getToken({ scope: 'https://graph.microsoft.com/.default' });
  expect(accessToken).not.toBe('');
}

import { pbkdf2Sync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { largeFiles } from './large-files.ts';
import type { Outcome } from './opener.ts';
import { bundleOpener, limits, openAll } from './opening.ts';

interface Entry {
  readonly file: string;
  readonly class: 'must' | 'reject';
  readonly password: string | null;
  readonly keyFp: readonly string[];
  readonly certFp: readonly string[];
  readonly codes?: readonly string[];
}

const fixtures = join(import.meta.dirname, 'fixtures');
const { files } = JSON.parse(readFileSync(join(fixtures, 'manifest.json'), 'utf8')) as { files: readonly Entry[] };
const valid = files.filter((entry) => entry.class === 'must');
const hostile = files.filter((entry) => entry.class === 'reject');
const large = largeFiles();

let folder: string;
let opener: string;
/** Milliseconds of one iteration of a key derivation, generously: PBKDF2 with its slowest common hash. */
let perIteration: number;
const outcomes = new Map<string, Outcome>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'certgrant-keyfiles-'));
  opener = await bundleOpener(folder);
  const before = process.cpuUsage();
  pbkdf2Sync('password', 'salt', 200_000, 64, 'sha512');
  perIteration = process.cpuUsage(before).user / 1000 / 200_000;
  // One process for all that must be refused: what one of them keeps or takes too much of shows at the next.
  for (const entries of [valid, hostile]) {
    const jobs = entries.map(({ file, password }) => ({
      ...{ path: join(fixtures, file), password },
      credential: entries === hostile,
    }));
    const opened = await openAll(opener, jobs);
    for (const [index, { file }] of entries.entries()) outcomes.set(file, opened[index] as Outcome);
  }
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function outcomeOf(file: string): Outcome {
  const outcome = outcomes.get(file);
  if (outcome === undefined) throw new Error(`${file} was not opened`);
  return outcome;
}

/** CPU time of all threads and not the clock, which on a busy machine tells of others. */
function expectHonestTime({ cpu, iterations }: Outcome): void {
  expect(cpu).toBeLessThan(limits.milliseconds + iterations * perIteration * 2);
}

it('the corpus is as large as it is meant to be', () => {
  expect(valid.length).toBeGreaterThanOrEqual(120);
  expect(hostile.length + Object.keys(large).length).toBeGreaterThanOrEqual(100);
});

describe('readKeyFile finds the keys and certificates that OpenSSL finds, in', () => {
  it.each(valid)('$file', ({ file, keyFp, certFp }) => {
    const outcome = outcomeOf(file);
    expect(outcome.message).toBeUndefined();
    expect(outcome.keys?.toSorted()).toEqual(keyFp.toSorted());
    expect(outcome.certificates?.toSorted()).toEqual(certFp.toSorted());
    expectHonestTime(outcome);
  });
});

describe('loadCredential refuses with an error of its own', () => {
  it.each(hostile)('$file', ({ file, codes }) => {
    const outcome = outcomeOf(file);
    expect(codes, outcome.message).toContain(outcome.code);
    expect(outcome.message).not.toMatch(/undefined|NaN|\[object/);
    expectHonestTime(outcome);
  });

  it('none of which takes more memory than a key file may', () => {
    const [first, ...others] = hostile.map(({ file }) => outcomeOf(file).memory);
    expect(Math.max(...others) - (first ?? 0)).toBeLessThan(limits.megabytes);
  });

  it.each(Object.keys(large))('a file of %s', async (name) => {
    const [small, path] = [join(folder, 'small'), join(folder, 'large')];
    writeFileSync(small, 'A small file that is no key file.');
    writeFileSync(path, large[name]?.() ?? '');
    const jobs = [small, path].map((each) => ({ path: each, password: 'x', credential: true }));
    const [before, outcome] = await openAll(opener, jobs);
    expect(outcome?.code, outcome?.message).toMatch(/^[A-Z_]+$/);
    // No allowance for iterations: these ask for none that may be granted, or for little.
    expect(outcome?.cpu).toBeLessThan(limits.milliseconds);
    expect((outcome?.memory ?? 0) - (before?.memory ?? 0)).toBeLessThan(limits.megabytes);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as elapse } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { type AuthorityProcess, killProcess, spawnAuthority, startProcess } from './authority-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgrant-durability-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A hundred kills, as many in each of two authorities at a time as keeps both cores busy. */
const lanes = 2;
const killsOfLane = 50;
/** Requests in flight at any moment. */
const writers = 4;

/** What is known of an application: the state that was acknowledged, and the one that was asked for last. */
interface Known {
  readonly id: string;
  /** The name; `undefined` once it was deleted. */
  kept: string | undefined;
  asked: string | undefined;
  secrets: number;
  secretsAsked: number;
}

test('every write that an authority has acknowledged is there after kill -9, a hundred times', {
  timeout: 300_000,
}, async () => {
  const written = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => killAgainAndAgain(join(folder, `${lane}`))),
  );
  const total = written.reduce((sum, count) => sum + count, 0);
  console.log(`${lanes * killsOfLane} kills, ${total} acknowledged writes, none lost`);
  expect(total).toBeGreaterThan(lanes * killsOfLane);
});

/** @returns how many writes were acknowledged */
async function killAgainAndAgain(data: string): Promise<number> {
  const known: Known[] = [];
  let written = 0;
  for (let kill = 0; kill < killsOfLane; kill++) {
    if (kill % 10 === 9) await killWhileItStarts(data);
    const authority = await startProcess(data);
    await expectAll(authority, known.slice(-100));
    written += await writeUntilKilled(authority, known, Math.ceil(Math.random() * 20));
  }
  const last = await startProcess(data);
  await expectAll(last, known);
  await last.kill();
  return written;
}

async function killWhileItStarts(data: string): Promise<void> {
  const child = spawnAuthority(data);
  await elapse(Math.random() * 300);
  await killProcess(child);
}

/** Several writers at a time; when so many writes were acknowledged, the process is killed under the others. */
async function writeUntilKilled(authority: AuthorityProcess, known: Known[], enough: number): Promise<number> {
  let acknowledged = 0;
  let killed: Promise<void> | undefined;
  const writer = async (): Promise<void> => {
    for (let own: Known | undefined; killed === undefined; ) {
      own = await write(authority, known, own);
      acknowledged++;
      if (acknowledged === enough) killed = authority.kill();
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: writers }, writer));
  await killed;
  // Only the end of the process may end a writer.
  if (killed === undefined)
    throw outcomes.find(({ status }) => status === 'rejected') ?? new Error('nothing was written');
  return acknowledged;
}

/** One write more to an application, or a new one. */
async function write(authority: AuthorityProcess, known: Known[], own: Known | undefined): Promise<Known | undefined> {
  if (own === undefined) {
    const name = `app ${Math.random()}`;
    const { status, body } = await authority.graph('POST', '/applications', { displayName: name });
    expect(status).toBe(201);
    const made = { id: String(body.id), kept: name, asked: name, secrets: 0, secretsAsked: 0 };
    known.push(made);
    return made;
  }
  const path = `/applications/${own.id}`;
  const choice = Math.random();
  if (choice < 0.5) {
    own.asked = `renamed ${Math.random()}`;
    expect((await authority.graph('PATCH', path, { displayName: own.asked })).status).toBe(204);
    own.kept = own.asked;
    return own;
  }
  if (choice < 0.8) {
    own.secretsAsked++;
    expect((await authority.graph('POST', `${path}/addPassword`, {})).status).toBe(200);
    own.secrets = own.secretsAsked;
    return own;
  }
  if (choice < 0.9) {
    own.asked = undefined;
    expect((await authority.graph('DELETE', path)).status).toBe(204);
    own.kept = undefined;
  }
  return undefined;
}

/** What was acknowledged is there; what was in flight is there or not, and from then on stays so. */
async function expectAll(authority: AuthorityProcess, known: readonly Known[]): Promise<void> {
  for (const each of known) {
    const { status, body } = await authority.graph('GET', `/applications/${each.id}`);
    const name = status === 404 ? undefined : body.displayName;
    expect([each.kept, each.asked]).toContain(name);
    if (name === undefined) {
      each.kept = each.asked = undefined;
      continue;
    }
    const secrets = (body.passwordCredentials as unknown[]).length;
    expect([each.secrets, each.secretsAsked]).toContain(secrets);
    each.kept = each.asked = String(name);
    each.secrets = each.secretsAsked = secrets;
  }
}

test('a second authority on one folder says so and ends, and a killed one leaves nothing in the way', async () => {
  const data = join(folder, 'second');
  const first = await startProcess(data);
  const bin = new URL('../../packages/cli/bin/certgrant.cjs', import.meta.url).pathname;
  const second = spawnSync(process.execPath, [bin, 'authority', '--data', data, '--port', '0', '--json'], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(second.status).toBe(1);
  expect(JSON.parse(second.stderr)).toMatchObject({ error: { code: 'DATA_IN_USE' } });
  expect((await first.graph('GET', '/organization')).status).toBe(200);
  await first.kill();
  const third = await startProcess(data);
  expect((await third.graph('GET', '/organization')).status).toBe(200);
  await third.kill();
});

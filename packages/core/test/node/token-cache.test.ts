import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { generateKeyPair, type KeyPair } from '../../src/certificate/key-pair.ts';
import type { PrivateKey } from '../../src/keyfile/credential.ts';
import { importPrivateKey } from '../../src/keyfile/private-key.ts';
import { cacheFolder, openTokenCache } from '../../src/node/token-cache.ts';
import type { StoredToken, TokenStore } from '../../src/token/token-store.ts';
import { bundle } from './support/bundle.ts';

const hour = 60 * 60 * 1000;
const secret = 'eyJ0eXAiOiJKV1QifQ.s3cret.c2ln';
let keyPair: KeyPair;
let privateKey: PrivateKey;
let root: string;
let folder: string;

beforeAll(async () => {
  keyPair = await generateKeyPair('P-256');
  privateKey = await importPrivateKey(keyPair.pkcs8);
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'certgrant-cache-'));
  folder = join(root, 'certgrant');
});
afterEach(() => rmSync(root, { recursive: true }));

const token: StoredToken = {
  accessToken: secret,
  tokenType: 'Bearer',
  expiresOn: Date.now() + hour,
  refreshOn: Date.now() + hour / 2,
};

function open(key = privateKey): TokenStore {
  return openTokenCache({ privateKey: key, folder });
}

function onlyFile(): string {
  const [name, ...others] = readdirSync(folder);
  if (name === undefined || others.length > 0) throw new Error('there is not exactly one file');
  return join(folder, name);
}

describe('openTokenCache', () => {
  test('gives back what was written, in another process as well', async () => {
    await open().write('key', token);
    expect(await open(await importPrivateKey(keyPair.pkcs8)).read('key')).toEqual(token);
  });

  test('has nothing under another key, and nothing in an empty place', async () => {
    expect(await open().read('key')).toBeUndefined();
    await open().write('key', token);
    expect(await open().read('other')).toBeUndefined();
  });

  test('keeps files to their owner, and their names and contents to itself', async () => {
    await open().write('tenant-and-client', token);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(onlyFile()).mode & 0o777).toBe(0o600);
    const content = readFileSync(onlyFile(), 'latin1') + onlyFile();
    for (const text of [secret, 's3cret', 'Bearer', 'tenant', 'client']) expect(content).not.toContain(text);
  });

  test('closes a folder that others could look into', async () => {
    mkdirSync(folder, { mode: 0o755 });
    await open().write('key', token);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test('writes the same token differently each time', async () => {
    await open().write('key', token);
    const first = readFileSync(onlyFile());
    await open().write('key', token);
    expect(readFileSync(onlyFile()).equals(first)).toBe(false);
  });

  test('opens nothing for another private key', async () => {
    await open().write('key', token);
    const other = await importPrivateKey((await generateKeyPair('P-256')).pkcs8);
    const place = onlyFile();
    await open(other).write('key', token);
    const foreign = readdirSync(folder).find((name) => join(folder, name) !== place) ?? '';
    renameSync(join(folder, foreign), place);
    expect(await open().read('key')).toBeUndefined();
  });

  test('does not take the token of one key for that of another', async () => {
    await open().write('a', token);
    const a = onlyFile();
    await open().write('b', token);
    const b = readdirSync(folder).find((name) => join(folder, name) !== a) ?? '';
    renameSync(a, join(folder, b));
    expect(await open().read('b')).toBeUndefined();
  });

  test('ignores a file with any one bit changed, and replaces it', async () => {
    await open().write('key', token);
    const whole = readFileSync(onlyFile());
    for (let index = 0; index < whole.length; index += 1) {
      const damaged = Buffer.from(whole);
      damaged[index] = (damaged[index] ?? 0) ^ (1 << (index % 8));
      writeFileSync(onlyFile(), damaged);
      expect(await open().read('key')).toBeUndefined();
    }
    await open().write('key', token);
    expect(await open().read('key')).toEqual(token);
  });

  test.each<[string, (path: string) => void]>([
    ['an empty file', (path) => writeFileSync(path, '')],
    ['half a file', (path) => writeFileSync(path, readFileSync(path).subarray(0, 40))],
    ['a foreign file', (path) => writeFileSync(path, '{"access_token":"x"}'.repeat(10))],
    ['a file of 2 MB', (path) => writeFileSync(path, Buffer.alloc(2 * 1024 * 1024))],
    [
      'a link',
      (path) => {
        renameSync(path, join(root, 'elsewhere'));
        symlinkSync(join(root, 'elsewhere'), path);
      },
    ],
  ])('ignores %s in its place, and replaces it', async (_, damage) => {
    await open().write('key', token);
    damage(onlyFile());
    expect(await open().read('key')).toBeUndefined();
    await open().write('key', token);
    expect(await open().read('key')).toEqual(token);
  });

  test('removes what has expired and what a killed process left, and nothing else', async () => {
    await open().write('old', { ...token, expiresOn: Date.now() - 1000 });
    const old = onlyFile();
    const leftover = join(folder, '.certgrant-0123456789abcdef.tmp');
    const fresh = join(folder, '.certgrant-fedcba9876543210.tmp');
    const foreign = join(folder, 'notes.txt');
    for (const path of [leftover, fresh, foreign]) writeFileSync(path, 'x');
    const before = (Date.now() - 2 * hour) / 1000;
    for (const path of [leftover, foreign]) utimesSync(path, before, before);
    await open().write('new', token);
    expect([old, leftover, fresh, foreign].map(existsSync)).toEqual([false, false, true, true]);
    expect(await open().read('new')).toEqual(token);
  });

  test('keeps nothing when the key cannot derive another', async () => {
    const outside: PrivateKey = { ...privateKey, deriveSealingKey: async () => undefined };
    await open(outside).write('key', token);
    expect(existsSync(folder)).toBe(false);
    expect(await open(outside).read('key')).toBeUndefined();
  });

  test('lets several processes write and read at once, and each reads whole tokens only', {
    timeout: 60_000,
  }, async () => {
    const url = (path: string): string => new URL(`../../src/${path}`, import.meta.url).pathname;
    writeFileSync(join(root, 'key.p8'), keyPair.pkcs8);
    const script = bundle(
      `
      import { readFileSync } from 'node:fs';
      import { importPrivateKey } from '${url('keyfile/private-key.ts')}';
      import { openTokenCache } from '${url('node/token-cache.ts')}';
      const [, , keyFile, folder, name] = process.argv;
      async function main() {
      const privateKey = await importPrivateKey(new Uint8Array(readFileSync(keyFile)));
      const cache = openTokenCache({ privateKey, folder });
      const seen = new Set();
      for (let round = 0; round < 150; round++) {
        const accessToken = name.repeat(1000 + round);
        await cache.write('key', { accessToken, tokenType: 'Bearer', expiresOn: Date.now() + 3600000, refreshOn: 0 });
        const found = await cache.read('key');
        if (found === undefined || !/^(a+|b+|c+)$/.test(found.accessToken)) throw new Error('not whole');
        seen.add(found.accessToken[0]);
      }
      console.log([...seen].sort().join(''));
      }
      main();`,
      root,
    );
    const runs = ['a', 'b', 'c'].map(
      (name) =>
        new Promise<string>((resolve) => {
          const child = spawn(process.execPath, [script, join(root, 'key.p8'), folder, name]);
          let output = '';
          child.stdout.on('data', (chunk: Buffer) => (output += chunk));
          child.stderr.on('data', (chunk: Buffer) => (output += chunk));
          child.on('close', (code) => resolve(`${code} ${output.trim()}`));
        }),
    );
    for (const result of await Promise.all(runs)) expect(result).toMatch(/^0 [abc]+$/);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('says so when it cannot write, and leaves nothing', async () => {
    writeFileSync(folder, 'a file in the way');
    await expect(open().write('key', token)).rejects.toThrow();
    expect(await open().read('key')).toBeUndefined();
    chmodSync(folder, 0o600);
  });
});

describe.skipIf(process.platform !== 'linux')('cacheFolder', () => {
  test.each([
    [{ XDG_CACHE_HOME: '/caches', HOME: '/home/a' }, '/caches/certgrant'],
    [{ XDG_CACHE_HOME: 'relative', HOME: '/home/a' }, '/home/a/.cache/certgrant'],
    [{ HOME: '/home/a' }, '/home/a/.cache/certgrant'],
  ])('for %j is %s', (env, expected) => {
    expect(cacheFolder(env)).toBe(expected);
  });
});

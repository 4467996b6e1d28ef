import { createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { keyFiles } from '../support/credentials.ts';
import { temporaryFolder } from '../support/folder.ts';
import { fingerprint } from '../support/openssl.ts';
import { certgrant } from '../support/run.ts';

const files = keyFiles();
const identity = ['--tenant', 'contoso.com', '--client-id', '6731de76-14a6-49ae-97bc-6eba6914391e'];
let assertion = '';
let jwks = '';

beforeAll(async () => {
  assertion = (await certgrant(['assertion', ...identity, '--cert', files.pem])).stdout.trim();
  const jwk = createPublicKey(readFileSync(files.cer)).export({ format: 'jwk' });
  jwks = JSON.stringify({ keys: [{ ...jwk, use: 'sig' }] });
});

describe('certgrant verify', () => {
  test('verify --cert takes an assertion that was signed with the certificate and says with which key', async () => {
    const { code, stdout, stderr } = await certgrant(['verify', '--cert', files.cer], { stdin: assertion });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^valid: /);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`certificate ${fingerprint(files.cer, 'sha1')}, PS256`);
  });

  test('verify --json says the same to programs', async () => {
    const { code, stdout } = await certgrant(['verify', assertion, '--cert', files.pem, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, key: { alg: 'PS256', source: 'certificate' } });
  });

  test.each([
    ['another certificate', () => [assertion, '--cert', files.otherCer], 'signature-mismatch'],
    [
      'another audience',
      () => [assertion, '--cert', files.cer, '--audience', 'https://other.example'],
      'audience-mismatch',
    ],
    ['a changed token', () => [assertion.replace(/\.(.)/, '.A'), '--cert', files.cer], undefined],
  ] as const)('verify ends with 1 for %s and says why', async (_, argv, reasonCode) => {
    const { code, stdout, stderr } = await certgrant(['verify', ...argv(), '--json']);
    expect([code, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: false,
      reason: expect.stringMatching(/^[A-Z].*[^.]$/),
      ...(reasonCode === undefined ? {} : { reasonCode }),
    });
    expect((await certgrant(['verify', ...argv()])).stdout).toMatch(/^not valid: /);
  });

  test('verify ends with 1 for an expired token', async () => {
    const platform = { now: () => Date.now() + 3_600_000 };
    const { code, stdout } = await certgrant(['verify', assertion, '--cert', files.cer], { platform });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^not valid: It expired/);
    expect((await certgrant(['verify', assertion, '--cert', files.cer, '--tolerance', '2h'], { platform })).code).toBe(
      0,
    );
  });

  test('verify never takes the key in the header for proof', async () => {
    const own = await certgrant(['assertion', ...identity, '--cert', files.pem, '--x5c']);
    const { code } = await certgrant(['verify', '--cert', files.otherCer], { stdin: own.stdout });
    expect(code).toBe(1);
  });

  test('verify --jwks takes a file, standard input or a URL', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'keys.json'), jwks);
    expect((await certgrant(['verify', assertion, '--jwks', 'keys.json'], { cwd })).code).toBe(0);
    expect((await certgrant(['verify', assertion, '--jwks', '-'], { stdin: jwks })).code).toBe(0);
    const server = createServer((_, response) => response.end(jwks)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    const { code, stderr } = await certgrant(['verify', assertion, '--jwks', url]);
    expect([code, stderr]).toEqual([0, expect.stringContaining('without encryption')]);
    server.close();
  });

  test('verify says when a key set is none, and repeats nothing of it', async () => {
    const { code, stderr } = await certgrant(['verify', assertion, '--jwks', files.key]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: read --jwks: the file is not JSON\nhint: .+\n$/);
    expect(stderr).not.toContain(files.keyText);
  });

  test.each([
    [[], 'verify: there is nothing to verify against'],
    [['--jwks', 'a', '--issuer', 'https://b.example'], 'verify: there are several things to trust'],
  ])('verify %j is wrong usage', async (argv, message) => {
    const { code, stdout, stderr } = await certgrant(['verify', assertion, ...argv]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`error: ${message}\nhint: Give one of --issuer URL, --jwks FILE and --cert FILE\n`);
  });
});

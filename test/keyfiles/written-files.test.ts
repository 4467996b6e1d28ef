import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Certificate,
  createSelfSignedCertificate,
  generateKeyPair,
  type KeyPair,
  writePem,
  writePfx,
} from '@certgrant/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../scripts/lib/process.mjs';

/** OpenSSL and Java read what core writes in packages/core/test/keyfile/write.test.ts; here GnuTLS and NSS. */
const password = 'Passw0rd!';
const folder = mkdtempSync(join(tmpdir(), 'certgrant-written-'));
const pairs = new Map<string, { readonly keyPair: KeyPair; readonly certificate: Certificate }>();

beforeAll(async () => {
  for (const algorithm of ['RSA-2048', 'P-256'] as const) {
    const keyPair = await generateKeyPair(algorithm);
    const certificate = await createSelfSignedCertificate({ keyPair, subject: 'CN=daemon', validityDays: 30 });
    pairs.set(algorithm, { keyPair, certificate });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function contentsOf(algorithm: string): { pkcs8: KeyPair['pkcs8']; certificates: readonly Certificate[] } {
  const pair = pairs.get(algorithm);
  if (pair === undefined) throw new Error(algorithm);
  return { pkcs8: pair.keyPair.pkcs8, certificates: [pair.certificate] };
}

const profiles = ['RSA-2048', 'P-256'].flatMap((algorithm) =>
  (['aes256-sha256', 'tripledes-sha1'] as const).map((encryption) => ({ algorithm, encryption })),
);

/** The base64 of a certificate as tools print it. */
const printed = ({ der }: Certificate): string => Buffer.from(der).toString('base64');

describe('writePfx', () => {
  it.each(profiles)('writes what certtool opens: $algorithm, $encryption', async ({ algorithm, encryption }) => {
    const contents = contentsOf(algorithm);
    writeFileSync(
      join(folder, 'a.pfx'),
      await writePfx({ ...contents, friendlyName: 'daemon' }, { password, encryption }),
    );
    const shown = run('certtool', '--p12-info', '--inder', '--infile', 'a.pfx', '--password', password);
    expect(shown.replaceAll(/\s/g, '')).toContain(printed(contents.certificates[0] as Certificate));
    const [key = ''] =
      /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----[\s\S]*?-----END (ENCRYPTED )?PRIVATE KEY-----/.exec(shown) ?? [];
    writeFileSync(join(folder, 'out.key'), key);
    const unlocked = run('openssl', 'pkey', '-in', 'out.key', '-passin', `pass:${password}`);
    writeFileSync(join(folder, 'in.key'), await writePem({ pkcs8: contents.pkcs8, certificates: [] }));
    expect(unlocked).toBe(run('openssl', 'pkey', '-in', 'in.key'));
  });

  it.each(profiles)('writes what pk12util imports: $algorithm, $encryption', async ({ algorithm, encryption }) => {
    const contents = contentsOf(algorithm);
    const database = `nss-${algorithm}-${encryption}`;
    mkdirSync(join(folder, database));
    run('certutil', '-N', '-d', `sql:${database}`, '--empty-password');
    writeFileSync(
      join(folder, 'b.pfx'),
      await writePfx({ ...contents, friendlyName: 'daemon' }, { password, encryption }),
    );
    run('pk12util', '-i', 'b.pfx', '-d', `sql:${database}`, '-W', password);
    const listed = run('certutil', '-L', '-d', `sql:${database}`, '-n', 'daemon', '-a');
    expect(listed.replaceAll(/\s/g, '')).toContain(printed(contents.certificates[0] as Certificate));
    // The key came along: NSS lists it under the name of its certificate.
    expect(run('certutil', '-K', '-d', `sql:${database}`)).toContain('daemon');
  });
});

describe('writePem', () => {
  it.each(['RSA-2048', 'P-256'])('writes what certtool opens, encrypted or not: %s', async (algorithm) => {
    const contents = contentsOf(algorithm);
    writeFileSync(join(folder, 'plain.pem'), await writePem(contents));
    writeFileSync(join(folder, 'locked.pem'), await writePem(contents, { password }));
    const identifier = /Public Key ID:\s*\n?\s*(sha1:[0-9a-f]+)|Public Key PIN:\s*\n?\s*(pin-sha256:\S+)/;
    const plain = identifier.exec(run('certtool', '--key-info', '--infile', 'plain.pem'))?.[0];
    const locked = run('certtool', '--key-info', '--pkcs8', '--infile', 'locked.pem', '--password', password);
    expect(plain).toBeDefined();
    expect(identifier.exec(locked)?.[0]).toBe(plain);
  });
});

it('the tools are there: npm run setup -- --tests installs them', () => {
  for (const tool of ['certtool', 'certutil', 'pk12util']) expect(findProgram(tool), tool).toBeDefined();
});

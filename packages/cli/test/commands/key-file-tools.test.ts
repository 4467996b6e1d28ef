import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fingerprint } from '../support/openssl.ts';
import { certgrant } from '../support/run.ts';
import { hasTool, makeAuthority, sign, tool } from '../support/tools.ts';

/** What certgrant writes, read by other people's programs: the whole way from a request to a PFX of each kind. */

const folder = mkdtempSync(join(tmpdir(), 'certgrant-tools-'));
const path = (name: string): string => join(folder, name);
const run = (program: string, ...args: readonly string[]): string => tool(program, args, { cwd: folder });
const password = 'Passw0rd!';

async function succeed(...argv: readonly string[]): Promise<void> {
  const { code, stderr } = await certgrant(argv, { cwd: folder });
  expect(`${code} ${stderr.replaceAll(/^warning: Entra ID .*\n/gm, '')}`).toBe('0 ');
}

const kinds = [
  { kind: 'rsa', keyType: 'RSA-2048' },
  { kind: 'ec', keyType: 'P-256' },
] as const;

beforeAll(async () => {
  writeFileSync(path('password'), `${password}\n`);
  makeAuthority(folder);
  const secret = ['--out-password-file', 'password'];
  for (const { kind, keyType } of kinds) {
    await succeed(
      'cert',
      'request',
      '--subject',
      `CN=${kind}`,
      '--key-type',
      keyType,
      '--san',
      'dns:d.example',
      '--out',
      kind,
    );
    sign(folder, `${kind}.csr`, 'inter', `${kind}.crt`);
    await succeed(
      'cert',
      'join',
      `${kind}.key`,
      `${kind}.crt`,
      'root.crt',
      'inter.crt',
      '--out',
      `${kind}.pfx`,
      ...secret,
    );
    const legacy = ['--to', 'pfx', '--legacy', '--out', `${kind}-old.pfx`, '--name', `${kind}-old`];
    await succeed('cert', 'convert', `${kind}.pfx`, '--password-file', 'password', ...legacy);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = kinds.flatMap(({ kind }) => [
  { name: kind, kind, legacy: false },
  { name: `${kind}-old`, kind, legacy: true },
]);

describe.each(files)('the PFX $name', ({ name, kind, legacy }) => {
  const pfx = `${name}.pfx`;

  test('openssl opens it as the kind that it is, and verifies its chain', () => {
    const shown = run(
      'openssl',
      'pkcs12',
      '-in',
      pfx,
      '-info',
      '-noout',
      '-passin',
      `pass:${password}`,
      ...(legacy ? ['-legacy'] : []),
    );
    expect(shown).toMatch(legacy ? /MAC: sha1[\s\S]*3-KeyTripleDES/ : /MAC: sha256[\s\S]*AES-256-CBC/);
    const pem = run(
      'openssl',
      'pkcs12',
      '-in',
      pfx,
      '-noenc',
      '-passin',
      `pass:${password}`,
      ...(legacy ? ['-legacy'] : []),
    );
    const subjects = (pem.match(/^subject=.*$/gm) ?? []).map((line) => line.replaceAll(' ', ''));
    expect(subjects).toEqual([`subject=CN=${kind}`, 'subject=CN=Inter', 'subject=CN=Root']);
    expect(pem).toContain(`friendlyName: ${name}`);
    writeFileSync(path('out.pem'), pem);
    expect(fingerprint(path('out.pem'), 'sha256')).toBe(fingerprint(path(`${kind}.crt`), 'sha256'));
    const purpose = ['-x509_strict', '-purpose', 'sslclient', '-CAfile', 'root.crt', '-untrusted', 'inter.crt'];
    expect(run('openssl', 'verify', ...purpose, 'out.pem')).toContain('out.pem: OK');
    expect(run('openssl', 'pkey', '-in', 'out.pem', '-pubout')).toBe(
      run('openssl', 'pkey', '-in', `${kind}.key`, '-pubout'),
    );
  });

  test('certtool opens it, and verifies its chain', (context) => {
    if (!hasTool('certtool')) context.skip('there is no certtool (gnutls-bin) on this machine');
    const shown = run('certtool', '--p12-info', '--inder', '--infile', pfx, '--password', password);
    expect(shown).toContain(`Friendly name: ${name}`);
    expect(shown).toContain(legacy ? 'Cipher: 3DES-CBC' : 'Cipher: AES-256-CBC');
    writeFileSync(path('key.pem'), /-----BEGIN ENCRYPTED[\s\S]+END ENCRYPTED PRIVATE KEY-----/.exec(shown)?.[0] ?? '');
    const unlocked = run('certtool', '--key-info', '--infile', 'key.pem', '--password', password);
    expect(unlocked).toContain('Public Key Info');
    const chain = shown.match(/-----BEGIN CERT[\s\S]+?END CERTIFICATE-----/g) ?? [];
    expect(chain).toHaveLength(3);
    writeFileSync(path('chain.pem'), chain.join('\n'));
    const verified = run('certtool', '--verify', '--load-ca-certificate', 'root.crt', '--infile', 'chain.pem');
    expect(verified).toContain('Chain verification output: Verified. The certificate is trusted.');
  });

  test('pk12util imports it, and NSS takes its certificate for a client', (context) => {
    if (!hasTool('pk12util') || !hasTool('certutil'))
      context.skip('there is no pk12util (libnss3-tools) on this machine');
    const database = `nss-${name}`;
    mkdirSync(path(database));
    run('certutil', '-N', '-d', database, '--empty-password');
    expect(run('pk12util', '-i', pfx, '-d', database, '-w', 'password', '-K', '')).toContain('IMPORT SUCCESSFUL');
    run('certutil', '-A', '-d', database, '-n', 'the root', '-t', 'CT,C,C', '-i', 'root.crt');
    writeFileSync(path('nss.crt'), run('certutil', '-L', '-d', database, '-n', name, '-a'));
    expect(fingerprint(path('nss.crt'), 'sha256')).toBe(fingerprint(path(`${kind}.crt`), 'sha256'));
    expect(run('certutil', '-V', '-d', database, '-n', name, '-u', 'C')).toContain('certificate is valid');
    // NSS writes down in turn what it got: the key came along.
    run('pk12util', '-o', 'nss.pfx', '-n', name, '-d', database, '-w', 'password', '-K', '');
    run('openssl', 'pkcs12', '-in', 'nss.pfx', '-nocerts', '-noenc', '-passin', `pass:${password}`, '-out', 'nss.key');
    expect(run('openssl', 'pkey', '-in', 'nss.key', '-pubout')).toBe(
      run('openssl', 'pkey', '-in', `${kind}.key`, '-pubout'),
    );
  });

  // Each start of Java costs seconds, so that two files share the two questions.
  test('keytool opens it with its whole chain, and signs with its key', { timeout: 120_000 }, (context) => {
    if (!hasTool('keytool')) context.skip('there is no keytool (Java) on this machine');
    const store = ['-keystore', pfx, '-storetype', 'PKCS12', '-storepass', password];
    if (legacy === (kind === 'ec')) {
      const listed = run('keytool', '-list', '-v', ...store);
      expect(listed).toContain(`Alias name: ${name}`);
      expect(listed).toContain('Entry type: PrivateKeyEntry');
      expect(listed).toContain('Certificate chain length: 3');
      expect(listed.replaceAll(':', '')).toContain(fingerprint(path(`${kind}.crt`), 'sha256'));
    } else {
      run('keytool', '-certreq', '-alias', name, '-file', 'java.csr', ...store);
      run('openssl', 'req', '-in', 'java.csr', '-verify', '-noout');
      const requested = run('openssl', 'req', '-in', 'java.csr', '-noout', '-pubkey');
      expect(requested).toBe(run('openssl', 'pkey', '-in', `${kind}.key`, '-pubout'));
    }
  });
});

describe.each(kinds)('the other forms of the $kind key', ({ kind }) => {
  const convert = (to: string, out: string, ...extra: readonly string[]): Promise<void> =>
    succeed('cert', 'convert', `${kind}.pfx`, '--password-file', 'password', '--to', to, '--out', out, ...extra);
  const publicKey = (): string => run('openssl', 'pkey', '-in', `${kind}.key`, '-pubout');

  test('openssl and certtool read the PEM, plain and encrypted', async (context) => {
    await convert('pem', `${kind}-plain.pem`);
    await convert('pem', `${kind}-locked.pem`, '--out-password-file', 'password');
    expect(run('openssl', 'pkey', '-in', `${kind}-plain.pem`, '-pubout')).toBe(publicKey());
    expect(run('openssl', 'pkey', '-in', `${kind}-locked.pem`, '-pubout', '-passin', `pass:${password}`)).toBe(
      publicKey(),
    );
    expect(readFileSync(path(`${kind}-locked.pem`), 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    for (const file of [`${kind}-plain.pem`, `${kind}-locked.pem`]) {
      expect(readFileSync(path(file), 'utf8').match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
      expect(run('openssl', 'verify', '-CAfile', 'root.crt', '-untrusted', file, file)).toContain('OK');
    }
    if (!hasTool('certtool')) context.skip('there is no certtool (gnutls-bin) on this machine');
    const verify = ['--verify', '--load-ca-certificate', 'root.crt', '--infile', `${kind}-plain.pem`];
    expect(run('certtool', ...verify)).toContain('The certificate is trusted');
    expect(run('certtool', '--key-info', '--infile', `${kind}-plain.pem`)).toMatch(/Public Key Info/);
    expect(run('certtool', '--key-info', '--infile', `${kind}-locked.pem`, '--password', password)).toMatch(
      /Public Key Info/,
    );
  });

  test('openssl and certtool read the key as DER, plain and encrypted', async (context) => {
    await convert('der', `${kind}.der`);
    await convert('der', `${kind}-locked.der`, '--out-password-file', 'password');
    expect(run('openssl', 'pkey', '-inform', 'DER', '-in', `${kind}.der`, '-pubout')).toBe(publicKey());
    const unlock = [
      'pkcs8',
      '-inform',
      'DER',
      '-in',
      `${kind}-locked.der`,
      '-passin',
      `pass:${password}`,
      '-out',
      'u.pem',
    ];
    run('openssl', ...unlock);
    expect(run('openssl', 'pkey', '-in', 'u.pem', '-pubout')).toBe(publicKey());
    if (!hasTool('certtool')) context.skip('there is no certtool (gnutls-bin) on this machine');
    expect(run('certtool', '--key-info', '--inder', '--infile', `${kind}.der`)).toMatch(/Public Key Info/);
  });

  test('openssl, certtool and keytool read the certificate', async (context) => {
    await convert('cer', `${kind}.cer`);
    await convert('cer', `${kind}-text.cer`, '--pem');
    const expected = fingerprint(path(`${kind}.crt`), 'sha256');
    expect(fingerprint(path(`${kind}.cer`), 'sha256', 'DER')).toBe(expected);
    expect(fingerprint(path(`${kind}-text.cer`), 'sha256')).toBe(expected);
    if (!hasTool('certtool') || !hasTool('keytool')) context.skip('certtool or keytool is not on this machine');
    expect(run('certtool', '--certificate-info', '--inder', '--infile', `${kind}.cer`)).toContain('TLS WWW Client');
    expect(run('keytool', '-printcert', '-file', `${kind}.cer`).replaceAll(':', '')).toContain(expected);
  }, 60_000);
});

import { createPublicKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { fingerprint, openssl } from '../support/openssl.ts';
import { certgrant } from '../support/run.ts';

const create = ['cert', 'create', '--subject', 'CN=my-daemon,O=Contoso', '--key-type', 'P-256'];

describe('certgrant cert create', () => {
  test('cert create writes PFX, PEM and CER that openssl opens, with the thumbprints that it prints', async () => {
    const cwd = temporaryFolder();
    const line = ['cert', 'create', '--subject', 'CN=my-daemon,O=Contoso', '--san', 'dns:daemon.example', '--json'];
    const { code, stdout, stderr } = await certgrant(line, { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const { files, key, certificate } = JSON.parse(stdout);
    expect(Object.keys(files).sort()).toEqual(['cer', 'password', 'pem', 'pfx']);
    expect(readdirSync(cwd).sort()).toEqual(['my-daemon.cer', 'my-daemon.password', 'my-daemon.pem', 'my-daemon.pfx']);
    expect(certificate.sha1).toBe(fingerprint(files.cer, 'sha1', 'DER'));
    expect(certificate.sha256).toBe(fingerprint(files.pem, 'sha256'));
    expect(key).toMatchObject({ type: 'RSA', bits: 2048 });

    const opened = openssl(['pkcs12', '-in', files.pfx, '-passin', `file:${files.password}`, '-nodes']);
    expect(openssl(['x509', '-noout', '-fingerprint', '-sha1'], opened).replaceAll(':', '')).toContain(
      certificate.sha1,
    );
    const text = openssl(['x509', '-in', files.pem, '-noout', '-text']);
    expect(text).toMatch(/Subject: CN = my-daemon, O = Contoso|Subject: O = Contoso, CN = my-daemon/);
    expect(text).toMatch(/Digital Signature/);
    expect(text).toMatch(/TLS Web Client Authentication/);
    expect(text).toMatch(/Subject Key Identifier/);
    expect(text).toContain('DNS:daemon.example');
    const { validFrom, validTo } = new X509Certificate(readFileSync(files.cer));
    expect((Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000).toBe(365);
    openssl(['rsa', '-in', files.pem, '-check', '-noout']);
  });

  test.skipIf(process.platform === 'win32')('cert create lets nobody else read what holds a secret', async () => {
    const cwd = temporaryFolder();
    await certgrant(create, { cwd });
    const modes = Object.fromEntries(readdirSync(cwd).map((name) => [name, statSync(join(cwd, name)).mode & 0o777]));
    expect(modes).toMatchObject({ 'my-daemon.pfx': 0o600, 'my-daemon.pem': 0o600, 'my-daemon.password': 0o600 });
  });

  test('cert create shows thumbprints and paths, and neither the key nor the password', async () => {
    const cwd = temporaryFolder();
    const { stdout, stderr } = await certgrant(create, { cwd });
    expect(stdout).toContain(fingerprint(join(cwd, 'my-daemon.pem'), 'sha256'));
    expect(stdout).toContain(join(cwd, 'my-daemon.cer'));
    expect(stderr).toMatch(/^warning: The key is EC P-256/);
    const password = readFileSync(join(cwd, 'my-daemon.password'), 'utf8').trim();
    expect(password.length).toBeGreaterThan(20);
    expect(stdout + stderr).not.toContain(password);
    expect(stdout + stderr).not.toContain('PRIVATE KEY');
  });

  test('cert create takes the password of a file and protects both files with it', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'secret'), 'correct horse\n');
    const { code } = await certgrant([...create, '--password-file', 'secret'], { cwd });
    expect(code).toBe(0);
    expect(existsSync(join(cwd, 'my-daemon.password'))).toBe(false);
    openssl(['pkcs12', '-in', join(cwd, 'my-daemon.pfx'), '-passin', 'pass:correct horse', '-noout']);
    openssl(['pkey', '-in', join(cwd, 'my-daemon.pem'), '-passin', 'pass:correct horse', '-noout']);
    expect(() => openssl(['pkey', '-in', join(cwd, 'my-daemon.pem'), '-passin', 'pass:wrong', '-noout'])).toThrow();
  });

  test('cert create asks for a new password twice, until both are the same', async () => {
    const cwd = temporaryFolder();
    const answers = ['one', 'other', 'correct', 'correct'];
    const { code, questions, stderr, stdout } = await certgrant([...create, '--to', 'pfx'], { cwd, answers });
    expect(code).toBe(0);
    expect(questions).toHaveLength(4);
    expect(stderr).toContain('The two are not the same.');
    expect(stdout + stderr).not.toContain('correct');
    expect(readdirSync(cwd)).toEqual(['my-daemon.pfx']);
    openssl(['pkcs12', '-in', join(cwd, 'my-daemon.pfx'), '-passin', 'pass:correct', '-noout']);
  });

  test('cert create makes a password when the answer is empty', async () => {
    const cwd = temporaryFolder();
    const { code } = await certgrant(create, { cwd, answers: [''] });
    expect(code).toBe(0);
    expect(existsSync(join(cwd, 'my-daemon.password'))).toBe(true);
  });

  test.each([
    [
      ['--out', 'keys/'],
      ['keys/my-daemon.cer', 'keys/my-daemon.password', 'keys/my-daemon.pem', 'keys/my-daemon.pfx'],
    ],
    [
      ['--out', 'keys'],
      ['keys/my-daemon.cer', 'keys/my-daemon.password', 'keys/my-daemon.pem', 'keys/my-daemon.pfx'],
    ],
    [
      ['--out', 'keys/other', '--to', 'cer', '--to', 'pem'],
      ['keys/other.cer', 'keys/other.pem'],
    ],
    [['--out', 'keys/one.PEM'], ['keys/one.PEM']],
    [['--out', 'keys/one.cer'], ['keys/one.cer']],
    [
      ['--out', 'keys/one.p12'],
      ['keys/one.p12', 'keys/one.password'],
    ],
    [['--out', 'keys/one.jwks'], ['keys/one.jwks']],
    [
      ['--out', 'keys/', '--to', 'jwks', '--to', 'jwk', '--to', 'der'],
      ['keys/my-daemon.der', 'keys/my-daemon.jwk', 'keys/my-daemon.jwks'],
    ],
  ])('cert create %j writes %j', async (extra, expected) => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'keys'));
    const { code, stderr } = await certgrant([...create, ...extra], { cwd });
    expect([code, stderr.replace(/^warning: The key is EC.*\n/, '')]).toEqual([0, '']);
    expect(readdirSync(join(cwd, 'keys')).map((name) => `keys/${name}`)).toEqual(expected);
  });

  test('cert create overwrites nothing without --force and then leaves all as it was', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'my-daemon.pem'), 'precious');
    const refused = await certgrant(create, { cwd });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^error: write .*my-daemon\.pem: there is such a file already\nhint: .*--force/);
    expect(readdirSync(cwd)).toEqual(['my-daemon.pem']);
    expect(readFileSync(join(cwd, 'my-daemon.pem'), 'utf8')).toBe('precious');

    expect((await certgrant([...create, '--force'], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, 'my-daemon.pem'), 'utf8')).toContain('PRIVATE KEY');
  });

  test('cert create leaves nothing half-written when one of the files cannot be written', async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'my-daemon.cer'));
    const { code, stderr } = await certgrant([...create, '--force'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: write .*my-daemon\.cer: it is a folder\nhint: /);
    expect(readdirSync(cwd)).toEqual(['my-daemon.cer']);
  });

  test('cert create names files after the common name, whatever is in it', async () => {
    const cwd = temporaryFolder();
    const { code } = await certgrant(
      ['cert', 'create', '--subject', 'CN=../../a b/c', '--to', 'cer', '--key-type', 'P-256'],
      { cwd },
    );
    expect(code).toBe(0);
    expect(readdirSync(cwd)).toEqual(['a-b-c.cer']);
  });

  test('cert create --to der, jwk and jwks write the same key in the forms of cert convert', async () => {
    const cwd = temporaryFolder();
    await certgrant([...create, '--to', 'pem', '--to', 'der', '--to', 'jwk', '--to', 'jwks'], { cwd });
    const path = (form: string): string => join(cwd, `my-daemon.${form}`);
    const publicKey = openssl(['pkey', '-in', path('pem'), '-pubout']);
    expect(openssl(['pkey', '-inform', 'DER', '-in', path('der'), '-pubout'])).toBe(publicKey);
    const jwk = JSON.parse(readFileSync(path('jwk'), 'utf8'));
    const { keys } = JSON.parse(readFileSync(path('jwks'), 'utf8'));
    const { d, ...open } = jwk;
    expect(d).toMatch(/^[\w-]{43}$/);
    expect(keys).toEqual([open]);
    expect(createPublicKey({ key: keys[0], format: 'jwk' }).export({ type: 'spki', format: 'pem' })).toBe(publicKey);
    expect(['der', 'jwk', 'jwks'].map((form) => statSync(path(form)).mode & 0o777)).toEqual([0o600, 0o600, 0o644]);
  });

  test('cert create --legacy writes a PFX that openssl opens as an old one', async () => {
    const cwd = temporaryFolder();
    await certgrant([...create, '--to', 'pfx', '--legacy'], { cwd, answers: ['old', 'old'] });
    const info = openssl(['pkcs12', '-in', join(cwd, 'my-daemon.pfx'), '-passin', 'pass:old', '-legacy', '-nokeys']);
    expect(info).toContain('BEGIN CERTIFICATE');
  });

  test.each([
    [['--days', '0'], '--days: this is not a number of days between 1 and 36500'],
    [['--days', '1e3'], '--days: this is not a number of days between 1 and 36500'],
    [['--key-type', 'RSA-1024'], 'cert create: --key-type does not take this value'],
    [['--san', 'daemon'], 'read subject alternative name: "daemon" does not say its kind'],
    [['--subject', 'CN=', '--days', '1'], undefined],
    [['--out', 'a.pem', '--to', 'pfx'], '--out names a .pem file, and --to asks for other forms'],
  ])('cert create %j is wrong usage', async (extra, message) => {
    const cwd = temporaryFolder();
    const line =
      extra[0] === '--subject' ? ['cert', 'create', ...extra] : ['cert', 'create', '--subject', 'x', ...extra];
    const { code, stdout, stderr } = await certgrant(line, { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: .+\nhint: .+\n$/);
    if (message !== undefined) expect(stderr).toContain(`error: ${message}\n`);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

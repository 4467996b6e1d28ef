import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyFiles, password } from '../support/credentials.ts';
import { temporaryFolder } from '../support/folder.ts';
import { fingerprint, openssl } from '../support/openssl.ts';
import { certgrant } from '../support/run.ts';

const files = keyFiles();

async function inspect(argv: readonly string[]) {
  const { code, stdout, stderr } = await certgrant(['cert', 'inspect', ...argv, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describe('certgrant cert inspect', () => {
  test.each<[string, Uint8Array]>([
    ['a line break at its end', Buffer.from(`${password}\n`)],
    ['the UTF-16 of Windows PowerShell', Buffer.from(`\ufeff${password}\r\n`, 'utf16le')],
    ['a byte order mark of UTF-8', Buffer.from(`\ufeff${password}`)],
  ])('cert inspect takes the password from a file with %s', async (_, contents) => {
    const file = join(temporaryFolder(), 'password');
    writeFileSync(file, contents);
    expect(await inspect([files.pfx, '--password-file', file])).toMatchObject({ keyMatches: true });
  });

  test('cert inspect --json says what openssl says of the same PFX', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'p'), password);
    const result = await inspect([files.pfx, '--password-file', join(folder, 'p')]);
    const spki = createPublicKey(readFileSync(files.cer)).export({ type: 'spki', format: 'der' });
    const serial = openssl(['x509', '-in', files.cer, '-noout', '-serial']).trim().replace('serial=', '');
    const sha1 = fingerprint(files.cer, 'sha1');
    const sha256 = fingerprint(files.cer, 'sha256');
    expect(result).toEqual({
      file: files.pfx,
      format: 'pfx',
      key: { type: 'RSA', bits: 2048, spkiSha256: createHash('sha256').update(spki).digest('hex') },
      certificates: [
        {
          subject: 'CN=daemon',
          issuer: 'CN=daemon',
          serialNumber: serial,
          notBefore: expect.stringMatching(/^\d{4}-.*Z$/),
          notAfter: expect.stringMatching(/^\d{4}-.*Z$/),
          sha1,
          sha256,
          x5t: Buffer.from(sha1, 'hex').toString('base64url'),
          'x5t#S256': Buffer.from(sha256, 'hex').toString('base64url'),
        },
      ],
      keyMatches: true,
      chosen: {
        privateKey: 1,
        privateKeys: 1,
        certificate: 1,
        certificates: 1,
        reason: 'the only certificate whose private key is there',
      },
      friendlyName: null,
      problems: [],
    });
  });

  test.each([
    ['a certificate alone', () => [files.cer], null, ['no-private-key']],
    ['a certificate and its key', () => [files.cer, '--key', files.key], true, []],
    ['a certificate and a foreign key', () => [files.cer, '--key', files.otherKey], false, ['key-mismatch']],
    ['an EC key', () => [files.ecPem], true, ['key-type']],
    ['a key alone', () => [files.key], null, ['no-certificate']],
  ] as const)('cert inspect tells what is wrong with %s', async (_, argv, keyMatches, problems) => {
    const result = await inspect(argv());
    expect(result.keyMatches).toBe(keyMatches);
    expect(result.problems.map(({ code }: { code: string }) => code)).toEqual(problems);
    for (const { message, fix } of result.problems) expect([message, fix].join()).toMatch(/^[A-Z].*[^.]$/);
  });

  test('cert inspect puts the chain in order, whatever the order in the file', async () => {
    const folder = temporaryFolder();
    const path = (name: string) => join(folder, name);
    openssl([
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      path('ca.key'),
      '-out',
      path('ca.crt'),
      '-subj',
      '/CN=ca',
    ]);
    openssl(['req', '-new', '-key', files.key, '-out', path('leaf.csr'), '-subj', '/CN=leaf']);
    openssl([
      'x509',
      '-req',
      '-in',
      path('leaf.csr'),
      '-CA',
      path('ca.crt'),
      '-CAkey',
      path('ca.key'),
      '-out',
      path('leaf.crt'),
    ]);
    const text = ['ca.crt', 'leaf.crt'].map((name) => readFileSync(path(name), 'utf8')).join('');
    writeFileSync(path('all.pem'), text + readFileSync(files.otherCer, 'utf8') + readFileSync(files.key, 'utf8'));
    const { certificates, keyMatches } = await inspect([path('all.pem')]);
    expect(certificates.map(({ subject }: { subject: string }) => subject)).toEqual(['CN=leaf', 'CN=ca', 'CN=other']);
    expect(keyMatches).toBe(true);
    const { stdout } = await certgrant(['cert', 'inspect', path('all.pem')]);
    expect(stdout).toMatch(/Chain, leaf first\n {2}0 {2}CN=leaf\n {2}1 {2}CN=ca\n/);
    expect(stdout).toContain(
      'the only private key, certificate 2 of 3: the only certificate whose private key is there',
    );
  });

  test('cert inspect describes a file in words and never shows the key', async () => {
    const now = new Date(Date.now() + 400 * 86_400_000).getTime();
    const { code, stdout, stderr } = await certgrant(['cert', 'inspect', files.pem], { platform: { now: () => now } });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Format       PEM');
    expect(stdout).toContain('RSA, 2048 bits; it belongs to the certificate');
    expect(stdout).toContain('itself (self-signed)');
    expect(stdout).toMatch(/expired \d+ (days|months) ago/);
    expect(stdout).toContain('problem: The certificate expired');
    expect(stdout).toContain(fingerprint(files.cer, 'sha1'));
    expect(stdout).not.toContain(files.keyText);
    expect(stdout).not.toContain('PRIVATE');
  });

  test('cert inspect shows names from a file without letting them steer the terminal', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'evil.crt');
    const subject = '/CN=\u001b[2Jevil\u202etxt';
    openssl(['req', '-x509', '-utf8', '-key', files.key, '-out', file, '-subj', subject]);
    const { stdout } = await certgrant(['cert', 'inspect', file]);
    expect(stdout).toContain('evil');
    expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  });
});

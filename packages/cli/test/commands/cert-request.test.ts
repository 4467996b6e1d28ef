import { createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { keyFiles, password } from '../support/credentials.ts';
import { temporaryFolder } from '../support/folder.ts';
import { fingerprint, openssl } from '../support/openssl.ts';
import { certgrant, type Surroundings } from '../support/run.ts';
import { makeAuthority, sign, tool } from '../support/tools.ts';

const files = keyFiles();

function request(argv: readonly string[], surroundings: Surroundings = {}) {
  return certgrant(['cert', 'request', ...argv], surroundings);
}

/** What openssl reads from a request, after it has verified the signature. */
function verified(file: string): string {
  return openssl(['req', '-in', file, '-verify', '-noout', '-text', '-nameopt', 'RFC2253']);
}

const publicKeyOf = (file: string, ...args: readonly string[]): string =>
  openssl(['pkey', '-in', file, '-pubout', ...args]);
const requestedKey = (file: string): string => openssl(['req', '-in', file, '-noout', '-pubkey']);

describe('certgrant cert request', () => {
  test('cert request writes a new key, kept from others, and a request that openssl verifies', async () => {
    const cwd = temporaryFolder();
    const names = ['--san', 'dns:daemon.example', '--san', 'uri:urn:contoso:daemon'];
    const line = ['--subject', 'CN=my-daemon,O=Contoso', ...names, '--json'];
    const { code, stdout, stderr } = await request(line, { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const { files: made, ...rest } = JSON.parse(stdout);
    const [csr, key] = [join(cwd, 'my-daemon.csr'), join(cwd, 'my-daemon.key')];
    expect(made).toEqual({ csr, key });
    expect(rest).toMatchObject({
      key: { type: 'RSA', bits: 2048 },
      subject: 'CN=my-daemon,O=Contoso',
      subjectAlternativeNames: ['dns:daemon.example', 'uri:urn:contoso:daemon'],
    });
    const text = verified(csr);
    expect(text).toContain('Subject: CN=my-daemon,O=Contoso');
    expect(text).toContain('DNS:daemon.example, URI:urn:contoso:daemon');
    expect(text).toMatch(/Digital Signature[\s\S]+TLS Web Client Authentication/);
    expect(requestedKey(csr)).toBe(publicKeyOf(key));
    expect([csr, key].map((file) => statSync(file).mode & 0o777)).toEqual([0o644, 0o600]);
    expect(readFileSync(csr, 'utf8')).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n/);
  });

  test.each(['RSA-3072', 'P-256', 'P-384'])('cert request --key-type %s makes such a key', async (type) => {
    const cwd = temporaryFolder();
    await request(['--subject', 'x', '--key-type', type], { cwd });
    verified(join(cwd, 'x.csr'));
    const { asymmetricKeyDetails } = createPublicKey(publicKeyOf(join(cwd, 'x.key')));
    const { modulusLength, namedCurve } = asymmetricKeyDetails ?? {};
    expect(
      `RSA-${modulusLength}` === type || { 'P-256': 'prime256v1', 'P-384': 'secp384r1' }[type] === namedCurve,
    ).toBe(true);
  });

  test('cert request protects a new key with the password that is given or typed', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'secret'), 'correct horse\n');
    await request(['--subject', 'a', '--password-file', 'secret'], { cwd });
    await request(['--subject', 'b'], { cwd, answers: ['correct horse', 'correct horse'] });
    for (const name of ['a', 'b']) {
      expect(readFileSync(join(cwd, `${name}.key`), 'utf8')).toContain('ENCRYPTED');
      const opened = publicKeyOf(join(cwd, `${name}.key`), '-passin', 'pass:correct horse');
      expect(requestedKey(join(cwd, `${name}.csr`))).toBe(opened);
    }
  });

  test('cert request --key asks for a certificate for the key that is there', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'p'), password);
    for (const [file, extra] of [
      [files.key, ['--subject', 'CN=given']],
      [files.pfx, ['--subject', 'CN=given', '--password-file', 'p']],
      [files.ecPem, ['--subject', 'CN=given']],
    ] as const) {
      expect((await request(['--key', file, '--out', 'o.csr', '--force', ...extra], { cwd })).code).toBe(0);
      expect(verified(join(cwd, 'o.csr'))).toContain('Subject: CN=given');
    }
    expect(requestedKey(join(cwd, 'o.csr'))).toBe(publicKeyOf(files.ecPem));
    expect(readdirSync(cwd).sort()).toEqual(['o.csr', 'p']);
  });

  test('cert request --key takes subject and names from the certificate that is to be renewed', async () => {
    const cwd = temporaryFolder();
    const names = ['-addext', 'subjectAltName=DNS:old.example,IP:10.0.0.1'];
    const cert = openssl(['req', '-x509', '-key', files.key, '-subj', '/O=Contoso/CN=old', ...names]);
    writeFileSync(join(cwd, 'old.pem'), cert + readFileSync(files.key, 'utf8'));
    await request(['--key', 'old.pem', '--out', 'next'], { cwd });
    const text = verified(join(cwd, 'next.csr'));
    expect(text).toContain('Subject: CN=old,O=Contoso');
    expect(text).toContain('DNS:old.example, IP Address:10.0.0.1');
    const printed = await request(['--key', 'old.pem', '--san', 'dns:new.example', '--out', '-'], { cwd });
    expect(printed.stdout).toBe('');
    const shown = openssl(['req', '-verify', '-noout', '-text'], printed.stdoutBytes);
    expect(shown).toContain('DNS:new.example');
    expect(shown).not.toContain('old.example');
  });

  test('cert request overwrites nothing without --force', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'x.key'), 'precious');
    const { code, stderr } = await request(['--subject', 'x'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('x.key: there is such a file already');
    expect(readdirSync(cwd)).toEqual(['x.key']);
    expect(readFileSync(join(cwd, 'x.key'), 'utf8')).toBe('precious');
  });

  test.each([
    [[], 2, 'subject: none is given'],
    [['--subject', 'x', '--out', '-'], 2, '--out -: a new private key needs a file beside the request'],
    [
      ['--subject', 'x', '--key', files.key, '--key-type', 'P-256'],
      2,
      '--key-type: it is for a new key, and --key gives one',
    ],
    [['--key', files.key], 2, 'subject: none is given'],
    [['--key', files.cer, '--subject', 'x'], 1, 'read --key: there is no private key in the file'],
    [['--subject', 'x', '--san', 'nothing'], 2, 'read subject alternative name: "nothing" does not say its kind'],
  ])('cert request %j ends with %d', async (argv, exitCode, message) => {
    const cwd = temporaryFolder();
    const { code, stdout, stderr } = await request(argv, { cwd });
    expect([code, stdout]).toEqual([exitCode, '']);
    expect(stderr).toMatch(/^error: .+\nhint: .+\n$/);
    expect(stderr).toContain(`error: ${message}\n`);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test('cert inspect shows a request, and tells a wrong signature', async () => {
    const cwd = temporaryFolder();
    await request(['--key', files.key, '--subject', 'CN=seen', '--san', 'dns:seen.example', '--out', 'r.csr'], { cwd });
    const inspect = async (file: string) => (await certgrant(['cert', 'inspect', file, '--json'], { cwd })).stdout;
    expect(JSON.parse(await inspect('r.csr'))).toMatchObject({
      file: 'r.csr',
      format: 'pem',
      key: { type: 'RSA', bits: 2048 },
      certificates: [],
      keyMatches: null,
      problems: [],
      request: {
        subject: 'CN=seen',
        subjectAlternativeNames: ['dns:seen.example'],
        keyUsage: ['digitalSignature'],
        extendedKeyUsage: ['clientAuth'],
        signatureValid: true,
      },
    });
    const der = Buffer.from(readFileSync(join(cwd, 'r.csr'), 'utf8').replaceAll(/-----.*-----|\s/g, ''), 'base64');
    der[der.indexOf('seen')] = 'S'.charCodeAt(0);
    writeFileSync(join(cwd, 'bent.csr'), der);
    expect(JSON.parse(await inspect('bent.csr'))).toMatchObject({
      format: 'der',
      request: { subject: 'CN=Seen', signatureValid: false },
    });
    const { stdout } = await certgrant(['cert', 'inspect', 'bent.csr'], { cwd });
    expect(stdout).toContain('WRONG');
  });
});

describe('certgrant cert join', () => {
  let cwd = '';
  beforeEach(async () => {
    cwd = temporaryFolder();
    makeAuthority(cwd);
    await request(['--key', files.key, '--subject', 'CN=daemon', '--san', 'dns:d.example', '--out', 'd'], { cwd });
    writeFileSync(join(cwd, 'd.key'), readFileSync(files.key));
    writeFileSync(join(cwd, 'secret'), 'correct horse\n');
    sign(cwd, 'd.csr', 'inter', 'd.crt');
    tool('openssl', ['x509', '-in', 'd.crt', '-outform', 'DER', '-out', 'd.cer'], { cwd });
    const bundle = ['-certfile', 'root.crt', '-certfile', 'd.crt', '-certfile', 'inter.crt'];
    tool('openssl', ['crl2pkcs7', '-nocrl', ...bundle, '-out', 'd.p7b'], { cwd });
    tool('openssl', ['crl2pkcs7', '-nocrl', ...bundle, '-outform', 'DER', '-out', 'der.p7b'], { cwd });
    const texts = ['root.crt', 'inter.crt', 'd.crt'].map((name) => readFileSync(join(cwd, name), 'utf8'));
    writeFileSync(join(cwd, 'all.pem'), texts.join(''));
  });
  const join_ = (...argv: readonly string[]) => certgrant(['cert', 'join', ...argv], { cwd });
  const subjects = (file: string): string[] => {
    const bundle = tool('openssl', ['crl2pkcs7', '-nocrl', '-certfile', file], { cwd });
    const printed = openssl(['pkcs7', '-print_certs', '-noout'], bundle).match(/^subject=.*$/gm) ?? [];
    return printed.map((line) => line.slice('subject='.length).replaceAll(' ', ''));
  };

  test.each([
    ['a PEM certificate', ['d.crt'], 1],
    ['a DER certificate', ['d.cer'], 1],
    ['PKCS#7 as PEM', ['d.p7b'], 3],
    ['PKCS#7 as DER', ['der.p7b'], 3],
    ['a chain in the wrong order', ['all.pem'], 3],
    ['several files', ['root.crt', 'd.cer', 'inter.crt'], 3],
  ])('cert join takes %s, and puts the chain in order', async (_, answers, length) => {
    const { code, stdout, stderr } = await join_('d.key', ...answers, '--out', 'o.pem', '--json');
    expect(code).toBe(0);
    expect(stderr.includes('the certificate of the issuer')).toBe(false);
    expect(subjects('o.pem')).toEqual(['CN=daemon', 'CN=Inter', 'CN=Root'].slice(0, length));
    expect(publicKeyOf(join(cwd, 'o.pem'))).toBe(publicKeyOf(files.key));
    expect(fingerprint(join(cwd, 'o.pem'), 'sha256')).toBe(fingerprint(join(cwd, 'd.crt'), 'sha256'));
    expect(JSON.parse(stdout).chosen).toMatchObject({ privateKeys: 1, certificates: length });
    expect(statSync(join(cwd, 'o.pem')).mode & 0o777).toBe(0o600);
  });

  test('cert join says that an issuer is missing where the chain may have to be sent', async () => {
    const { stderr } = await join_('d.key', 'd.crt', '--out', 'o.pem');
    expect(stderr).toMatch(/^warning: the certificate of the issuer, CN=Inter, is not there/);
    expect((await join_('d.key', 'd.crt', 'inter.crt', '--out', 'p.pem')).stderr).toBe('');
  });

  test('cert join writes a PFX with the password of the key, with one of its own, or with one that it makes', async () => {
    const locked = ['pkcs8', '-topk8', '-in', 'd.key', '-out', 'locked.key', '-passout', 'file:secret'];
    tool('openssl', locked, { cwd });
    await join_('locked.key', 'd.p7b', '--out', 'a.pfx', '--password-file', 'secret');
    await join_('d.key', 'd.p7b', '--out', 'b.pfx', '--password-file', 'secret', '--legacy');
    await join_('d.key', 'd.p7b', '--out', 'c.pfx');
    for (const [file, source, ...extra] of [
      ['a.pfx', 'secret'],
      ['b.pfx', 'secret', '-legacy'],
      ['c.pfx', 'c.password'],
    ] as const) {
      const opened = tool('openssl', ['pkcs12', '-in', file, '-passin', `file:${source}`, '-noenc', ...extra], { cwd });
      expect(opened.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
      expect(opened).toContain(`friendlyName: ${file[0]}`);
    }
  });

  test('cert join tells a certificate for another key, with what to do', async () => {
    writeFileSync(join(cwd, 'other.key'), readFileSync(files.otherKey));
    for (const [answer, message] of [
      ['d.crt', 'join: the certificate is not for this private key'],
      ['d.p7b', 'join: none of the 3 certificates is for this private key'],
    ] as const) {
      const { code, stderr } = await join_('other.key', answer, '--out', 'o.pfx', '--json');
      expect(code).toBe(1);
      expect(JSON.parse(stderr).error).toEqual({
        code: 'KEY_MISMATCH',
        message,
        fix: 'Give the key that cert request wrote beside the request which was sent; if it is lost, make a new request',
      });
    }
    expect(readdirSync(cwd)).not.toContain('o.pfx');
  });

  test.each([
    [['d.key', '--out', 'o.pfx'], 2, "cert join: the authority's answer is missing"],
    [['--out', 'o.pfx'], 2, 'cert join: the private key is missing'],
    [['d.key', 'd.crt'], 2, '--out: it is missing'],
    [['d.key', 'd.crt', '--out', 'o.jwk'], 2, '--out: cert join writes pfx or pem, not jwk'],
    [['d.crt', 'd.key', '--out', 'o.pfx'], 1, 'join: there is no private key in the first file'],
    [['d.key', 'd.key', '--out', 'o.pfx'], 1, 'join d.key: there is no certificate in it'],
    [
      ['d.key', 'd.csr', '--out', 'o.pfx'],
      1,
      'read key file: there is no private key and no certificate in it, but a certificate signing request',
    ],
  ])('cert join %j ends with %d', async (argv, exitCode, message) => {
    const { code, stderr } = await join_(...argv);
    expect(code).toBe(exitCode);
    expect(stderr).toMatch(/^error: .+\nhint: .+\n$/);
    expect(stderr).toContain(`error: ${message}\n`);
    expect(readdirSync(cwd).filter((name) => name.startsWith('o.'))).toEqual([]);
  });
});

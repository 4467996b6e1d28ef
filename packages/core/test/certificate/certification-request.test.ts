import { writeFileSync } from 'node:fs';
import {
  type CertgrantError,
  createCertificationRequest,
  createSigner,
  generateKeyPair,
  type KeyAlgorithm,
  readCertificationRequest,
  readCertificationRequestFile,
  readPublicKey,
  requestSignatureAlgorithm,
  toHex,
  verifyCertificationRequest,
  writeCertificationRequest,
} from '@certgrant/core';
import { afterAll, describe, expect, it } from 'vitest';
import { Workshop } from '../keyfile/support/workshop.ts';

const workshop = new Workshop();
afterAll(() => workshop.remove());

async function request(algorithm: KeyAlgorithm, subject = 'CN=daemon,O=Contoso', names: readonly string[] = []) {
  const { pkcs8, spki } = await generateKeyPair(algorithm);
  const signer = await createSigner(pkcs8, requestSignatureAlgorithm(readPublicKey(spki)));
  return createCertificationRequest({ subject, publicKey: spki, signer, subjectAlternativeNames: names });
}

function openssl(...args: readonly string[]): string {
  return workshop.openssl(...args);
}

describe('createCertificationRequest', () => {
  it.each(['RSA-2048', 'P-256', 'P-384'] as const)('makes what openssl verifies and prints: %s', async (algorithm) => {
    const names = ['dns:daemon.example', 'uri:urn:contoso:daemon', 'ip:127.0.0.1'];
    const made = await request(algorithm, 'CN=daemon,O=Contoso', names);
    writeFileSync(workshop.path('made.csr'), writeCertificationRequest(made));
    // The verdict goes to the error stream; without -verify a bad signature would not matter.
    const text = openssl('req', '-in', 'made.csr', '-verify', '-noout', '-text');
    expect(text).toMatch(/Subject: O ?= ?Contoso, CN ?= ?daemon/);
    expect(text).toContain('Digital Signature');
    expect(text).toContain('TLS Web Client Authentication');
    expect(text).toContain('DNS:daemon.example, URI:urn:contoso:daemon, IP Address:127.0.0.1');
    expect(await verifyCertificationRequest(made)).toBe(true);
    expect(made).toMatchObject({
      subject: 'CN=daemon,O=Contoso',
      subjectAlternativeNames: names,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['clientAuth'],
    });
  });

  it('refuses an empty subject, and a signer that X.509 has no name for', async () => {
    await expect(request('P-256', '')).rejects.toMatchObject({ code: 'USAGE' });
    const { pkcs8, spki } = await generateKeyPair('RSA-2048');
    const signer = await createSigner(pkcs8, 'PS256');
    await expect(createCertificationRequest({ subject: 'CN=a', publicKey: spki, signer })).rejects.toThrow(TypeError);
  });

  it('requestSignatureAlgorithm refuses keys that nothing here signs with', () => {
    const key = { type: 'EC', bits: 521, curve: 'P-521', spki: new Uint8Array() };
    expect(() => requestSignatureAlgorithm(key)).toThrow(expect.objectContaining({ code: 'KEY_UNSUITABLE' }));
  });
});

describe('readCertificationRequest', () => {
  it.each([
    ['RSA with SHA-256', ['rsa:2048', '-sha256']],
    ['RSA with SHA-512', ['rsa:2048', '-sha512']],
    ['P-521 with SHA-512', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521', '-sha512']],
    ['P-256 with SHA-384', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-sha384']],
  ])('reads and verifies what openssl makes: %s', async (_, key) => {
    const extension = ['-addext', 'subjectAltName=DNS:a.example'];
    openssl(
      'req',
      '-new',
      '-newkey',
      ...key,
      '-noenc',
      '-keyout',
      'o.key',
      '-out',
      'o.csr',
      '-subj',
      '/CN=o',
      ...extension,
    );
    const read = readCertificationRequestFile(workshop.read('o.csr'));
    expect(read).toMatchObject({ subject: 'CN=o', subjectAlternativeNames: ['dns:a.example'], keyUsage: undefined });
    expect(read && (await verifyCertificationRequest(read))).toBe(true);
    openssl('req', '-in', 'o.csr', '-outform', 'DER', '-out', 'o.der');
    expect(readCertificationRequest(workshop.read('o.der'))).toEqual(read);
    const base64 = Buffer.from(workshop.read('o.der')).toString('base64');
    expect(readCertificationRequestFile(Buffer.from(base64))).toEqual(read);
  });

  it('reads a request without extensions, and with the label of old', () => {
    openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-noenc',
      '-keyout',
      'n.key',
      '-out',
      'n.csr',
      '-subj',
      '/CN=n',
      '-newhdr',
    );
    expect(workshop.text('n.csr')).toContain('NEW CERTIFICATE REQUEST');
    expect(readCertificationRequestFile(workshop.read('n.csr'))).toMatchObject({ subjectAlternativeNames: [] });
  });

  it('reads and verifies what certtool makes', async (context) => {
    if (!workshop.has('certtool')) context.skip('there is no certtool on this machine');
    workshop.write('template', 'cn = gnutls\ndns_name = g.example\nsigning_key\ntls_www_client\n');
    workshop.run('certtool', '--generate-privkey', '--key-type', 'ecdsa', '--outfile', 'g.key');
    workshop.run(
      'certtool',
      '--generate-request',
      '--load-privkey',
      'g.key',
      '--template',
      'template',
      '--outfile',
      'g.csr',
    );
    const read = readCertificationRequestFile(workshop.read('g.csr'));
    expect(read).toMatchObject({
      subject: 'CN=gnutls',
      subjectAlternativeNames: ['dns:g.example'],
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['clientAuth'],
    });
    expect(read && (await verifyCertificationRequest(read))).toBe(true);
  });

  it('verifies no request of which a single octet was changed', async () => {
    const { der } = await request('P-256', 'CN=d');
    const original = readCertificationRequest(der);
    for (let at = 0; at < der.length; at++) {
      const changed = new Uint8Array(der);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      const outcome = await verdict(changed);
      expect([at, outcome]).not.toEqual([at, true]);
    }
    expect(original.subject).toBe('CN=d');
  });

  it('finds no request in other files', () => {
    workshop.makePair('pair', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
    for (const name of ['pair.key', 'pair.crt'])
      expect(readCertificationRequestFile(workshop.read(name))).toBeUndefined();
    expect(readCertificationRequestFile(Buffer.from('a line'))).toBeUndefined();
    expect(readCertificationRequestFile(new Uint8Array())).toBeUndefined();
  });
});

async function verdict(der: Uint8Array): Promise<boolean | string> {
  try {
    return await verifyCertificationRequest(readCertificationRequest(der));
  } catch (thrown) {
    const { code } = thrown as CertgrantError;
    expect(['FORMAT_MALFORMED', 'FORMAT_UNSUPPORTED', 'KEY_UNSUITABLE'], `${code} for ${toHex(der)}`).toContain(code);
    return code;
  }
}

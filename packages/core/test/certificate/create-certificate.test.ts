import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import {
  type Certificate,
  type CreateCertificateOptions,
  createCertificate,
  createSelfSignedCertificate,
  createSigner,
  generateKeyPair,
  type KeyAlgorithm,
  type KeyPair,
  orderChain,
  readCertificate,
  thumbprints,
} from '@certgrant/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenSsl } from './openssl.ts';

const day = 24 * 60 * 60_000;
const openssl = new OpenSsl();
afterAll(() => openssl.remove());

let p256: KeyPair;
beforeAll(async () => {
  p256 = await generateKeyPair('P-256');
});

/** A self-signed EC certificate with some options replaced. */
async function create(options: Partial<CreateCertificateOptions> = {}): Promise<Certificate> {
  return createCertificate({
    subject: 'CN=daemon',
    publicKey: p256.spki,
    issuer: { signer: await createSigner(p256.pkcs8, 'ES256'), certificate: 'self' },
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + day),
    ...options,
  });
}

describe.each<[KeyAlgorithm, string, string]>([
  ['RSA-2048', 'sha256WithRSAEncryption', '2048 bit'],
  ['RSA-3072', 'sha256WithRSAEncryption', '3072 bit'],
  ['P-256', 'ecdsa-with-SHA256', '256 bit'],
  ['P-384', 'ecdsa-with-SHA384', '384 bit'],
])('createSelfSignedCertificate with %s', (algorithm, signature, size) => {
  const file = `${algorithm}.crt`;
  let keyPair: KeyPair;
  let certificate: Certificate;
  beforeAll(async () => {
    keyPair = await generateKeyPair(algorithm);
    certificate = await createSelfSignedCertificate({
      keyPair,
      subject: 'CN=my-daemon,O=Contoso',
      subjectAlternativeNames: ['dns:daemon.example', 'uri:urn:contoso:daemon', 'email:ops@contoso.example', 'ip:::1'],
    });
    openssl.writeCertificate(file, certificate);
  });

  it('satisfies openssl verify -x509_strict for a TLS client', () => {
    const verdict = openssl.run('verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', file, file);
    expect(verdict).toBe(`${file}: OK\n`);
  });

  it('says what openssl x509 -text shows', () => {
    const text = openssl.run('x509', '-in', file, '-noout', '-text');
    expect(text).toContain('Version: 3 (0x2)');
    expect(text).toContain(`Signature Algorithm: ${signature}`);
    expect(text).toContain(`Public-Key: (${size})`);
    expect(text).toMatch(/X509v3 Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/);
    expect(text).toMatch(/X509v3 Extended Key Usage: \s+TLS Web Client Authentication\n/);
    expect(text).toMatch(/X509v3 Subject Key Identifier:/);
    expect(text).toContain(
      'DNS:daemon.example, URI:urn:contoso:daemon, email:ops@contoso.example, IP Address:0:0:0:0:0:0:0:1',
    );
  });

  it('has the thumbprints that openssl computes, and the private key', async () => {
    const printed = (hash: string): string =>
      openssl
        .run('x509', '-in', file, '-noout', '-fingerprint', `-${hash}`)
        .trim()
        .replace(/^.*=/, '')
        .replaceAll(':', '');
    const { sha1, sha256, x5t } = await thumbprints(certificate);
    expect([sha1, sha256]).toEqual([printed('sha1'), printed('sha256')]);
    expect(x5t).toBe(createHash('sha1').update(certificate.der).digest('base64url'));
    const key = createPublicKey({ key: Buffer.from(keyPair.spki), format: 'der', type: 'spki' });
    expect(new X509Certificate(certificate.der).verify(key)).toBe(true);
  });
});

describe('createSelfSignedCertificate', () => {
  it('makes a key identifier as openssl does: the SHA-1 of the key alone', async () => {
    const certificate = await createSelfSignedCertificate({ keyPair: p256, subject: 'CN=x' });
    openssl.write('key.der', p256.pkcs8);
    openssl.run('pkey', '-in', 'key.der', '-inform', 'DER', '-out', 'key.pem');
    openssl.run('req', '-x509', '-key', 'key.pem', '-subj', '/CN=x', '-outform', 'DER', '-out', 'by-openssl.der');
    expect(certificate.subjectKeyIdentifier).toBe(readCertificate(openssl.read('by-openssl.der')).subjectKeyIdentifier);
  });

  it('begins five minutes ago and lasts as many days as asked for, by the given clock', async () => {
    const now = Date.UTC(2030, 0, 1, 12);
    const certificate = await createSelfSignedCertificate({
      keyPair: p256,
      subject: 'CN=x',
      validityDays: 30,
      platform: { now: () => now },
    });
    expect(certificate.notBefore).toEqual(new Date(now - 5 * 60_000));
    expect(certificate.notAfter.getTime() - certificate.notBefore.getTime()).toBe(30 * day);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 4_000_000])('refuses %s days', async (validityDays) => {
    await expect(createSelfSignedCertificate({ keyPair: p256, subject: 'CN=x', validityDays })).rejects.toThrow(
      RangeError,
    );
  });
});

describe('createCertificate', () => {
  it('makes a certificate authority and a server certificate that openssl verifies', async () => {
    const signer = await createSigner(p256.pkcs8, 'ES256');
    const authority = await create({ subject: 'CN=Local authority', certificateAuthority: true });
    const serverKey = await generateKeyPair('P-256');
    const server = await create({
      subject: 'CN=localhost',
      publicKey: serverKey.spki,
      issuer: { signer, certificate: authority },
      extendedKeyUsage: ['serverAuth'],
      subjectAlternativeNames: ['dns:localhost', 'ip:127.0.0.1', 'ip:::1'],
    });
    openssl.writeCertificate('ca.crt', authority);
    openssl.writeCertificate('server.crt', server);
    for (const name of [
      ['-verify_hostname', 'localhost'],
      ['-verify_ip', '127.0.0.1'],
      ['-verify_ip', '::1'],
    ]) {
      const verdict = openssl.run(
        'verify',
        '-x509_strict',
        '-purpose',
        'sslserver',
        ...name,
        '-CAfile',
        'ca.crt',
        'server.crt',
      );
      expect(verdict).toBe('server.crt: OK\n');
    }
    expect(authority).toMatchObject({ isCertificateAuthority: true, keyUsage: ['keyCertSign', 'cRLSign'] });
    expect(server).toMatchObject({ isCertificateAuthority: false, issuer: 'CN=Local authority' });
    expect(server.authorityKeyIdentifier).toBe(authority.subjectKeyIdentifier);
    expect(orderChain(server, [authority])).toEqual([server, authority]);
  });

  it('writes the years through 2049 as UTCTime and the later ones as GeneralizedTime', async () => {
    const notBefore = new Date('2049-12-31T23:59:59.999Z');
    const notAfter = new Date('2050-01-01T00:00:00Z');
    const certificate = await create({ notBefore, notAfter });
    openssl.write('times.der', certificate.der);
    const parsed = openssl.run('asn1parse', '-inform', 'DER', '-in', 'times.der');
    expect(parsed).toMatch(/UTCTIME +:491231235959Z/);
    expect(parsed).toMatch(/GENERALIZEDTIME +:20500101000000Z/);
    expect(certificate.notBefore.toISOString()).toBe('2049-12-31T23:59:59.000Z');
    expect(certificate.notAfter).toEqual(notAfter);
  });

  it('draws a positive serial number of 128 bits, whatever the bits are', async () => {
    for (const fill of [0x00, 0x7f, 0x80, 0xff]) {
      const platform = { randomBytes: (length: number) => new Uint8Array(length).fill(fill) };
      const certificate = await create({ platform });
      openssl.writeCertificate('serial.crt', certificate);
      expect(certificate.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
      expect(openssl.run('x509', '-in', 'serial.crt', '-noout', '-serial')).toBe(
        `serial=${certificate.serialNumber}\n`,
      );
    }
  });

  it('writes the key usages that were asked for', async () => {
    const certificate = await create({ keyUsage: ['digitalSignature', 'keyEncipherment', 'decipherOnly'] });
    openssl.writeCertificate('usage.crt', certificate);
    expect(openssl.run('x509', '-in', 'usage.crt', '-noout', '-ext', 'keyUsage')).toContain(
      'Digital Signature, Key Encipherment, Decipher Only',
    );
    expect(certificate.keyUsage).toEqual(['digitalSignature', 'keyEncipherment', 'decipherOnly']);
    // DER: a BIT STRING of seven unused bits and the one that is set (X.690 §11.2.2).
    expect(Buffer.from((await create()).der).toString('hex')).toContain('0603551d0f0101ff040403020780');
  });

  it('refuses what makes no certificate', async () => {
    const now = new Date();
    const other = { alg: 'PS256', sign: async () => new Uint8Array(256) } as const;
    await expect(create({ notBefore: now, notAfter: now })).rejects.toThrow(RangeError);
    await expect(create({ notAfter: new Date(Number.NaN) })).rejects.toThrow(RangeError);
    await expect(create({ issuer: { signer: other, certificate: 'self' } })).rejects.toThrow(TypeError);
    await expect(create({ subject: '' })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(create({ publicKey: new Uint8Array([1, 2, 3]) })).rejects.toMatchObject({ code: 'FORMAT_MALFORMED' });
  });
});

it('generateKeyPair refuses an algorithm that it does not know', async () => {
  await expect(generateKeyPair('RSA-1024' as KeyAlgorithm)).rejects.toThrow(RangeError);
  await expect(generateKeyPair('toString' as KeyAlgorithm)).rejects.toThrow(RangeError);
});

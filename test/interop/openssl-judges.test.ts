import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createCertificate,
  createClientAssertion,
  createSelfSignedCertificate,
  createSigner,
  generateKeyPair,
  type KeyAlgorithm,
  loadCredential,
  type SignatureAlgorithm,
} from '@certgrant/core';
import { afterAll, describe, expect, test } from 'vitest';
import { createDaemonIdentity, openssl } from './support/identities.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgrant-openssl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function file(contents: string | Uint8Array): string {
  const path = join(folder, `file-${files++}`);
  writeFileSync(path, contents, { mode: 0o600 });
  return path;
}

describe('createClientAssertion', () => {
  const daemon = createDaemonIdentity(folder);
  const publicKey = file(openssl(folder, 'x509', '-in', daemon.certificateFile, '-noout', '-pubkey'));
  const padding: Record<string, readonly string[]> = {
    PS256: ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32'],
    RS256: ['-sigopt', 'rsa_padding_mode:pkcs1'],
  };

  test.each(['PS256', 'RS256'] as const)('signs with %s what openssl verifies', async (alg) => {
    const credential = await loadCredential(readFileSync(daemon.pemFile));
    const assertion = await createClientAssertion({ credential, clientId: 'a', audience: 'https://localhost/b', alg });
    const [header = '', claims = '', signature = ''] = assertion.split('.');
    const signatureFile = file(Buffer.from(signature, 'base64url'));
    const verify = (data: string): string =>
      openssl(
        folder,
        ...['dgst', '-sha256', '-verify', publicKey, ...(padding[alg] ?? []), '-signature', signatureFile, file(data)],
      );
    expect(verify(`${header}.${claims}`).trim()).toBe('Verified OK');
    expect(() => verify(`${header}.${claims}x`)).toThrow(/Command failed/);
  });

  test('names the certificate by the thumbprint that openssl computes', async () => {
    const credential = await loadCredential(readFileSync(daemon.pemFile));
    const header = async (alg: SignatureAlgorithm): Promise<Record<string, string>> => {
      const assertion = await createClientAssertion({
        credential,
        clientId: 'a',
        audience: 'https://localhost/b',
        alg,
      });
      return JSON.parse(Buffer.from(assertion.split('.')[0] ?? '', 'base64url').toString());
    };
    const fingerprint = (hash: string): string =>
      openssl(folder, 'x509', '-in', daemon.certificateFile, '-noout', '-fingerprint', `-${hash}`)
        .trim()
        .replace(/^.*=/, '')
        .replaceAll(':', '');
    const hex = (text: string | undefined): string =>
      Buffer.from(text ?? '', 'base64url')
        .toString('hex')
        .toUpperCase();
    expect(hex((await header('PS256'))['x5t#S256'])).toBe(fingerprint('sha256'));
    expect(hex((await header('RS256')).x5t)).toBe(fingerprint('sha1'));
  });
});

describe('createSelfSignedCertificate', () => {
  test.each<KeyAlgorithm>(['RSA-2048', 'RSA-3072', 'RSA-4096', 'P-256', 'P-384'])(
    'makes a certificate of a %s key that openssl verifies for a TLS client',
    async (algorithm) => {
      const keyPair = await generateKeyPair(algorithm);
      const { der } = await createSelfSignedCertificate({
        keyPair,
        subject: 'CN=my-daemon,O=Contoso',
        validityDays: 30,
        subjectAlternativeNames: ['dns:daemon.example.com', 'uri:api://daemon'],
      });
      const pem = file(openssl(folder, 'x509', '-inform', 'DER', '-in', file(der)));
      const verdict = openssl(
        folder,
        ...['verify', '-x509_strict', '-check_ss_sig', '-purpose', 'sslclient', '-CAfile', pem, pem],
      );
      expect(verdict.trim()).toBe(`${pem}: OK`);
      const text = openssl(folder, 'x509', '-in', pem, '-noout', '-text');
      expect(text).toContain('DNS:daemon.example.com, URI:api://daemon');
      expect(text).toMatch(/Key Usage: critical\s+Digital Signature\s/);
      expect(text).toMatch(/Extended Key Usage:\s+TLS Web Client Authentication\s/);
      // The private key in the pair is the certificate's.
      const key = file(openssl(folder, 'pkey', '-inform', 'DER', '-in', file(keyPair.pkcs8), '-pubout'));
      expect(readFileSync(key, 'utf8')).toBe(openssl(folder, 'x509', '-in', pem, '-noout', '-pubkey'));
    },
  );
});

test('createCertificate makes a chain of authority and server that openssl verifies for a TLS server', async () => {
  const [caKey, serverKey] = [await generateKeyPair('P-256'), await generateKeyPair('P-256')];
  const signer = await createSigner(caKey.pkcs8, 'ES256');
  const [notBefore, notAfter] = [new Date(Date.now() - 60_000), new Date(Date.now() + 3_600_000)];
  const ca = await createCertificate({
    subject: 'CN=Test CA',
    publicKey: caKey.spki,
    issuer: { signer, certificate: 'self' },
    certificateAuthority: true,
    notBefore,
    notAfter,
  });
  const server = await createCertificate({
    subject: 'CN=localhost',
    publicKey: serverKey.spki,
    issuer: { signer, certificate: ca },
    subjectAlternativeNames: ['dns:localhost', 'ip:127.0.0.1', 'ip:::1'],
    extendedKeyUsage: ['serverAuth'],
    notBefore,
    notAfter,
  });
  const pem = (der: Uint8Array): string => file(openssl(folder, 'x509', '-inform', 'DER', '-in', file(der)));
  const [caFile, serverFile] = [pem(ca.der), pem(server.der)];
  const options = ['-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'localhost', '-CAfile', caFile];
  expect(openssl(folder, 'verify', ...options, serverFile).trim()).toBe(`${serverFile}: OK`);
});

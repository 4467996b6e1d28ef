import { createSigner } from '../../../src/assertion/signer.ts';
import type { Certificate } from '../../../src/certificate/certificate.ts';
import { createCertificate } from '../../../src/certificate/create-certificate.ts';
import { generateKeyPair, type KeyPair } from '../../../src/certificate/key-pair.ts';
import { createSelfSignedCertificate } from '../../../src/certificate/self-signed-certificate.ts';
import type { Credential } from '../../../src/keyfile/credential.ts';
import { importPrivateKey } from '../../../src/keyfile/private-key.ts';
import { toBase64 } from '../../../src/lib/text-encoding.ts';

/** A daemon's key with its certificate, as `loadCredential` gives it. */
export async function makeCredential(algorithm: 'RSA-2048' | 'P-256' = 'RSA-2048'): Promise<Credential> {
  const keyPair = await generateKeyPair(algorithm);
  const certificate = await createSelfSignedCertificate({ keyPair, subject: 'CN=test-daemon' });
  return { privateKey: await importPrivateKey(keyPair.pkcs8), certificate, chain: [certificate] };
}

/** What a TLS server is started with. */
export interface ServerIdentity {
  readonly key: string;
  readonly cert: string;
}

export interface TestAuthority {
  /** The CA's certificate as PEM. */
  readonly ca: string;
  /** A server certificate of this CA. */
  issue(options?: { names?: readonly string[]; notBefore?: Date; notAfter?: Date }): Promise<ServerIdentity>;
  /** A server certificate of no CA. */
  selfSigned(): Promise<ServerIdentity>;
}

const day = 24 * 60 * 60 * 1000;
const thisMachine = ['dns:localhost', 'ip:127.0.0.1'];

/** A certification authority for TLS servers on this machine. */
export async function makeAuthority(name = 'CN=Test CA'): Promise<TestAuthority> {
  const { keyPair, signer } = await makeKey();
  const yesterday = new Date(Date.now() - day);
  const tomorrow = new Date(Date.now() + day);
  const root = await createCertificate({
    subject: name,
    publicKey: keyPair.spki,
    issuer: { signer, certificate: 'self' },
    notBefore: new Date(Date.now() - 30 * day),
    notAfter: tomorrow,
    certificateAuthority: true,
  });
  return {
    ca: certificatePem(root),
    async issue({ names = thisMachine, notBefore = yesterday, notAfter = tomorrow } = {}) {
      const { keyPair: own } = await makeKey();
      const certificate = await createCertificate({
        subject: 'CN=localhost',
        publicKey: own.spki,
        issuer: { signer, certificate: root },
        notBefore,
        notAfter,
        subjectAlternativeNames: names,
        extendedKeyUsage: ['serverAuth'],
      });
      return { key: pem('PRIVATE KEY', own.pkcs8), cert: certificatePem(certificate) };
    },
    async selfSigned() {
      const own = await makeKey();
      const certificate = await createCertificate({
        subject: 'CN=localhost',
        publicKey: own.keyPair.spki,
        issuer: { signer: own.signer, certificate: 'self' },
        notBefore: yesterday,
        notAfter: tomorrow,
        subjectAlternativeNames: thisMachine,
      });
      return { key: pem('PRIVATE KEY', own.keyPair.pkcs8), cert: certificatePem(certificate) };
    },
  };
}

async function makeKey(): Promise<{ keyPair: KeyPair; signer: Awaited<ReturnType<typeof createSigner>> }> {
  const keyPair = await generateKeyPair('P-256');
  return { keyPair, signer: await createSigner(keyPair.pkcs8, 'ES256') };
}

function certificatePem({ der }: Certificate): string {
  return pem('CERTIFICATE', der);
}

function pem(label: string, der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

import { generateKeyPairSync } from 'node:crypto';
import { type Bytes, type Certificate, createCertificate, createSigner } from '@certgrant/core';

export interface Wanted {
  readonly key?: 'RSA-1024' | 'RSA-2048' | 'P-256';
  readonly subject?: string;
  /** In days from now. */
  readonly from?: number;
  readonly until?: number;
  /** `dns:localhost`, `ip:127.0.0.1` */
  readonly names?: readonly string[];
}

/** A self-signed certificate with its key: of a daemon, or of a TLS server that is trusted by itself. */
export interface TestIdentity {
  readonly certificate: Certificate;
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

const day = 86_400_000;

export async function makeIdentity(wanted: Wanted = {}): Promise<TestIdentity> {
  const { key = 'RSA-2048', subject = 'CN=daemon', from = -2, until = 365, names } = wanted;
  const { pkcs8, spki } = keyPair(key);
  const certificate = await createCertificate({
    subject,
    publicKey: spki,
    issuer: { signer: await createSigner(pkcs8, key === 'P-256' ? 'ES256' : 'RS256'), certificate: 'self' },
    notBefore: new Date(Date.now() + from * day),
    notAfter: new Date(Date.now() + until * day),
    ...(names === undefined ? {} : { subjectAlternativeNames: names, extendedKeyUsage: ['serverAuth'] }),
  });
  return {
    certificate,
    key: pem('PRIVATE KEY', pkcs8),
    cert: pem('CERTIFICATE', certificate.der),
  };
}

/** By node:crypto, which also makes keys that are too short. */
function keyPair(kind: 'RSA-1024' | 'RSA-2048' | 'P-256'): { readonly pkcs8: Bytes; readonly spki: Bytes } {
  const { privateKey, publicKey } =
    kind === 'P-256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: kind === 'RSA-1024' ? 1024 : 2048 });
  return {
    pkcs8: new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' })),
    spki: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
  };
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

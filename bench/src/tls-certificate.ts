import { createCertificate, createSigner, generateKeyPair } from '@certgrant/core';
import { pemBlock } from './material.ts';

/** PEM. */
export interface TlsCertificate {
  readonly key: string;
  readonly certificate: string;
}

/** A self-signed certificate for `localhost`, for the peers' servers. */
export async function createTlsCertificate(): Promise<TlsCertificate> {
  const { pkcs8, spki } = await generateKeyPair('P-256');
  const hour = 3_600_000;
  const certificate = await createCertificate({
    subject: 'CN=localhost',
    publicKey: spki,
    issuer: { signer: await createSigner(pkcs8, 'ES256'), certificate: 'self' },
    notBefore: new Date(Date.now() - hour),
    notAfter: new Date(Date.now() + 24 * hour),
    subjectAlternativeNames: ['dns:localhost', 'ip:127.0.0.1'],
    extendedKeyUsage: ['serverAuth'],
  });
  return { key: pemBlock('PRIVATE KEY', pkcs8), certificate: pemBlock('CERTIFICATE', certificate.der) };
}

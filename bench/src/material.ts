import { type Credential, createSelfSignedCertificate, generateKeyPair, loadCredential } from '@certgrant/core';

/** A daemon's RSA 2048 key and certificate, in every shape that a contender asks for. */
export interface Material {
  readonly credential: Credential;
  readonly pkcs8: Uint8Array<ArrayBuffer>;
  readonly spki: Uint8Array<ArrayBuffer>;
  readonly keyPem: string;
  readonly certificatePem: string;
  /** Key and certificate in one PEM file, as `--cert` takes it. */
  readonly pem: string;
}

export async function createMaterial(): Promise<Material> {
  const keyPair = await generateKeyPair('RSA-2048');
  const certificate = await createSelfSignedCertificate({ keyPair, subject: 'CN=bench', validityDays: 1 });
  const keyPem = pemBlock('PRIVATE KEY', keyPair.pkcs8);
  const certificatePem = pemBlock('CERTIFICATE', certificate.der);
  const pem = keyPem + certificatePem;
  const credential = await loadCredential(new TextEncoder().encode(pem));
  return { credential, pkcs8: keyPair.pkcs8, spki: keyPair.spki, keyPem, certificatePem, pem };
}

export function pemBlock(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

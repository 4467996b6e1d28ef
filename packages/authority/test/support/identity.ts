import { constants, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { type Certificate, createCertificate, createSigner, generateKeyPair, type KeyAlgorithm } from '@certgrant/core';

/** A key with its certificate, as a daemon has them. */
export interface Identity {
  readonly key: KeyObject;
  readonly certificate: Certificate;
}

const day = 24 * 60 * 60 * 1000;

/** @param days how many days ago the certificate began, and in how many it ends */
export async function identity(
  algorithm: KeyAlgorithm = 'RSA-2048',
  days: { readonly from: number; readonly until: number } = { from: -1, until: 30 },
): Promise<Identity> {
  const { pkcs8, spki } = await generateKeyPair(algorithm);
  const signer = await createSigner(pkcs8, algorithm.startsWith('RSA') ? 'RS256' : 'ES256');
  const certificate = await createCertificate({
    subject: 'CN=daemon',
    publicKey: spki,
    issuer: { signer, certificate: 'self' },
    notBefore: new Date(Date.now() + days.from * day),
    notAfter: new Date(Date.now() + days.until * day),
  });
  return { key: createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }), certificate };
}

export type Members = Readonly<Record<string, unknown>>;

/** How an assertion is signed, whatever its header says. */
export type Padding = 'PS256' | 'RS256' | 'ES256';

/** Signs any header and claims with node:crypto, so that nothing here rests on what is tested. */
export function signJws(header: Members | string, claims: Members | string, key: KeyObject, padding: Padding): string {
  const signingInput = `${encoded(header)}.${encoded(claims)}`;
  return `${signingInput}.${sign('sha256', Buffer.from(signingInput), { key, ...options[padding] }).toString('base64url')}`;
}

const options = {
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
  RS256: { padding: constants.RSA_PKCS1_PADDING },
  ES256: { dsaEncoding: 'ieee-p1363' },
} as const;

function encoded(part: Members | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

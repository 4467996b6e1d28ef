import type { SignatureAlgorithm } from '../assertion/signer.ts';
import type { Bytes } from '../lib/text-encoding.ts';

/** What kind of key to make. Microsoft Entra ID takes the RSA ones only. */
export type KeyAlgorithm = 'RSA-2048' | 'RSA-3072' | 'RSA-4096' | 'P-256' | 'P-384';

/** A new key, readable: it is meant to be written into a file. */
export interface KeyPair {
  readonly algorithm: KeyAlgorithm;
  /** The private key: PrivateKeyInfo (RFC 5958) as DER. */
  readonly pkcs8: Bytes;
  /** The public key: SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) as DER. */
  readonly spki: Bytes;
}

/** How a key of each kind signs certificates. */
export const certificateSignature: Readonly<Record<KeyAlgorithm, Exclude<SignatureAlgorithm, 'PS256'>>> = {
  'RSA-2048': 'RS256',
  'RSA-3072': 'RS256',
  'RSA-4096': 'RS256',
  'P-256': 'ES256',
  'P-384': 'ES384',
};

/**
 * Makes a key pair with Web Crypto. An RSA key takes from a tenth of a second to some seconds, an EC key milliseconds.
 *
 * @param algorithm kind and size of the key; Entra ID takes the RSA ones only
 * @returns both halves as DER: PKCS#8, which is a secret, and SubjectPublicKeyInfo
 * @throws {RangeError} for another algorithm
 * @example
 * const { pkcs8, spki } = await generateKeyPair('RSA-2048');
 */
export async function generateKeyPair(algorithm: KeyAlgorithm): Promise<KeyPair> {
  if (!Object.hasOwn(certificateSignature, algorithm)) {
    throw new RangeError('generate key pair: the algorithm is none of RSA-2048, RSA-3072, RSA-4096, P-256 and P-384');
  }
  const pair = await crypto.subtle.generateKey(webAlgorithm(algorithm), true, ['sign', 'verify']);
  const [pkcs8, spki] = await Promise.all([
    crypto.subtle.exportKey('pkcs8', pair.privateKey),
    crypto.subtle.exportKey('spki', pair.publicKey),
  ]);
  return { algorithm, pkcs8: new Uint8Array(pkcs8), spki: new Uint8Array(spki) };
}

function webAlgorithm(algorithm: KeyAlgorithm): RsaHashedKeyGenParams | EcKeyGenParams {
  if (algorithm === 'P-256' || algorithm === 'P-384') return { name: 'ECDSA', namedCurve: algorithm };
  return {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: Number(algorithm.slice('RSA-'.length)),
    publicExponent: new Uint8Array([1, 0, 1]),
  };
}

import { engine } from '#engine';
import type { Bytes } from '../lib/text-encoding.ts';

/** The JWS algorithms that certgrant signs with (RFC 7518 §3.1). Microsoft Entra ID takes the first two only. */
export type SignatureAlgorithm = 'PS256' | 'RS256' | 'ES256' | 'ES384';

/**
 * Something that holds a private key and signs with it: a key in memory, a token behind PKCS#11, a key vault.
 *
 * The signature is the one of JWS (RFC 7518 §3): for ECDSA the concatenation R || S, for PS256 a salt of 32 bytes.
 */
export interface Signer {
  readonly alg: SignatureAlgorithm;
  sign(data: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
}

/** The other half of a {@link Signer}. */
export interface Verifier {
  readonly alg: SignatureAlgorithm;
  /** Whether `signature` is this key's signature of `data`; a malformed signature is `false`, not an error. */
  verify(signature: Uint8Array, data: Uint8Array): Promise<boolean>;
}

/**
 * A signer with a key in memory, which cannot be read back from it.
 *
 * @param pkcs8 PrivateKeyInfo (RFC 5958) as DER
 * @param alg what it will sign with
 * @returns a signer; the key is not to be had from it
 * @throws what the runtime throws for bytes that are no such key; a signer of {@link importPrivateKey} says
 * `KEY_UNSUITABLE` instead
 * @example
 * const signature = await (await createSigner(keyPair.pkcs8, 'RS256')).sign(data);
 */
export async function createSigner(pkcs8: Bytes, alg: SignatureAlgorithm): Promise<Signer> {
  return { alg, sign: await engine.importSigningKey(pkcs8, alg) };
}

/**
 * A verifier for a public key.
 *
 * @param spki SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) as DER
 * @param alg the one that the signature must be of
 * @returns a verifier
 * @throws what the runtime throws for bytes that are no such key
 * @example
 * const holds = await (await createVerifier(certificate.publicKey.spki, 'RS256')).verify(signature, data);
 */
export async function createVerifier(spki: Bytes, alg: SignatureAlgorithm): Promise<Verifier> {
  return { alg, verify: await engine.importVerifyingKey(spki, alg) };
}

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

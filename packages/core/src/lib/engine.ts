import type { SignatureAlgorithm } from '../assertion/signer.ts';
import type { Bytes } from './text-encoding.ts';

/**
 * The few operations that run so often that the runtime's own way of doing them pays.
 *
 * `#engine` resolves to `node/engine.ts` in Node, Deno and Bun and to `lib/web-engine.ts` elsewhere (package.json,
 * "imports"); both pass the same tests. Everything else in the library uses Web Crypto directly.
 */
export interface Engine {
  digest(algorithm: 'SHA-1' | 'SHA-256', data: Uint8Array): Promise<Bytes>;
  /** Fills with bytes that nobody can foresee. */
  fillRandom(bytes: Bytes): void;
  /** Unpadded base64url (RFC 4648 §5) of bytes, or of a text's UTF-8. */
  base64Url(data: Uint8Array | string): string;
  /** Takes a PKCS#8 PrivateKeyInfo and keeps the key where it cannot be read back. */
  importSigningKey(pkcs8: Bytes, alg: SignatureAlgorithm): Promise<SigningKey>;
  /**
   * The same from an encrypted PrivateKeyInfo, in one step: its octets never stand in the program's memory. Only browsers
   * have it, where scripts of others may share that memory. Rejects what is no such key, or not as the runtime takes it.
   */
  readonly unwrapSigningKey?: (wrapped: WrappedKey, alg: SignatureAlgorithm) => Promise<SigningKey>;
  /** Takes a SubjectPublicKeyInfo. */
  importVerifyingKey(spki: Bytes, alg: SignatureAlgorithm): Promise<VerifyingKey>;
}

/** A PrivateKeyInfo under AES-CBC. */
export interface WrappedKey {
  /** Not extractable either: whoever has its octets has those of the private key. */
  readonly wrappingKey: CryptoKey;
  readonly iv: Bytes;
  readonly ciphertext: Bytes;
}

/** Signs as JWS does (RFC 7518 §3): ECDSA signatures are the concatenation R || S. */
export type SigningKey = (data: Uint8Array) => Promise<Bytes>;

/** Answers whether `signature` is this key's signature of `data`; a malformed signature is `false`, not an error. */
export type VerifyingKey = (signature: Uint8Array, data: Uint8Array) => Promise<boolean>;

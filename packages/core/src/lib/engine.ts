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
  /** HMAC (RFC 2104); the key must not be empty. */
  hmac(hash: WebHash, key: Bytes, data: Bytes): Promise<Bytes>;
  /** PBKDF2 with HMAC (RFC 8018 §5.2). */
  pbkdf2(hash: WebHash, parameters: Pbkdf2Input): Promise<Bytes>;
  /** AES-CBC with the padding of PKCS#7; `undefined` where the padding shows that the key is another. */
  decryptAesCbc(key: Bytes, iv: Bytes, ciphertext: Bytes): Promise<Bytes | undefined>;
  /** Takes a PKCS#8 PrivateKeyInfo and keeps the key where it cannot be read back. */
  importSigningKey(pkcs8: Bytes, alg: SignatureAlgorithm): Promise<SigningKey>;
  /**
   * The same from an encrypted PrivateKeyInfo, in one step: its octets never stand in the program's memory. Only browsers
   * have it, where scripts of others may share that memory. Rejects what is no such key, or not as the runtime takes it.
   */
  readonly unwrapSigningKey?: (wrapped: WrappedKey, alg: SignatureAlgorithm) => Promise<SigningKey>;
  /** Takes a SubjectPublicKeyInfo. */
  importVerifyingKey(spki: Bytes, alg: SignatureAlgorithm): Promise<VerifyingKey>;
  /** Takes octets that nobody else knows and keeps them where they cannot be read back. */
  importSealingSecret(secret: Bytes): Promise<SealingSecret>;
}

/** The hashes of Web Crypto. */
export type WebHash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

/** From what a key is derived, and how many octets of it. */
export interface Pbkdf2Input {
  readonly password: Bytes;
  readonly salt: Bytes;
  readonly iterations: number;
  readonly length: number;
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

/** Derives a key for a purpose, the same each time: HKDF-SHA256 (RFC 5869), the purpose as info, no salt. */
export type SealingSecret = (purpose: string) => Promise<SealingKey>;

/** Seals what others must neither read nor change: AES-256-GCM (NIST SP 800-38D). */
export interface SealingKey {
  /**
   * @param nonce 12 bytes, never the same twice
   * @param boundTo what must be given again to open it; it is not part of the result
   * @returns the ciphertext, with the tag in its last 16 bytes
   */
  seal(content: Uint8Array, nonce: Uint8Array, boundTo: Uint8Array): Promise<Bytes>;
  /** The other way; rejects what was not sealed so. */
  open(sealed: Uint8Array, nonce: Uint8Array, boundTo: Uint8Array): Promise<Bytes>;
}

/** Answers whether `signature` is this key's signature of `data`; a malformed signature is `false`, not an error. */
export type VerifyingKey = (signature: Uint8Array, data: Uint8Array) => Promise<boolean>;

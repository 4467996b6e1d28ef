import type { BlockHash } from '../lib/hashing/block-hash.ts';
import { sha1 } from '../lib/hashing/sha1.ts';
import { sha224, sha256 } from '../lib/hashing/sha256.ts';
import { sha384, sha512 } from '../lib/hashing/sha512.ts';
import { Oid } from './object-identifiers.ts';

/** A hash function of key derivations and of MACs. */
export interface HashAlgorithm {
  readonly block: BlockHash;
  /** Its name in Web Crypto, which does not have all of them. */
  readonly web?: 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';
}

const algorithms = {
  sha1: { block: sha1, web: 'SHA-1' },
  sha224: { block: sha224 },
  sha256: { block: sha256, web: 'SHA-256' },
  sha384: { block: sha384, web: 'SHA-384' },
  sha512: { block: sha512, web: 'SHA-512' },
} as const satisfies Record<string, HashAlgorithm>;

/** By the identifier of the hash. */
export const hashAlgorithms: Readonly<Record<string, HashAlgorithm>> = {
  [Oid.sha1]: algorithms.sha1,
  [Oid.sha224]: algorithms.sha224,
  [Oid.sha256]: algorithms.sha256,
  [Oid.sha384]: algorithms.sha384,
  [Oid.sha512]: algorithms.sha512,
};

/** By the identifier of the HMAC with the hash (RFC 8018 Appendix B.1). */
export const hmacAlgorithms: Readonly<Record<string, HashAlgorithm>> = {
  [Oid.hmacSha1]: algorithms.sha1,
  [Oid.hmacSha224]: algorithms.sha224,
  [Oid.hmacSha256]: algorithms.sha256,
  [Oid.hmacSha384]: algorithms.sha384,
  [Oid.hmacSha512]: algorithms.sha512,
};

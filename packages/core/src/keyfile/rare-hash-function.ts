import { blake2b, blake2s } from '@noble/hashes/blake2.js';
import { hmac } from '@noble/hashes/hmac.js';
import { md5, ripemd160 } from '@noble/hashes/legacy.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha512_224, sha512_256 } from '@noble/hashes/sha2.js';
import { sha3_224, sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js';
import type { HashFunction } from './hash-function.ts';

/** Hashes that `openssl pkcs12 -macalg` offers and hardly anybody asks for, so that their speed does not matter. */
const hashes: Readonly<Record<string, typeof md5 | typeof sha3_224 | typeof blake2b>> = {
  '1.2.840.113549.2.5': md5,
  '1.2.840.113549.2.6': md5,
  '1.3.6.1.5.5.8.1.1': md5,
  '1.3.36.3.2.1': ripemd160,
  '1.3.6.1.5.5.8.1.4': ripemd160,
  '2.16.840.1.101.3.4.2.5': sha512_224,
  '1.2.840.113549.2.12': sha512_224,
  '2.16.840.1.101.3.4.2.6': sha512_256,
  '1.2.840.113549.2.13': sha512_256,
  // SHA-3, then HMAC with SHA-3 (NIST's registry of algorithm identifiers)
  '2.16.840.1.101.3.4.2.7': sha3_224,
  '2.16.840.1.101.3.4.2.8': sha3_256,
  '2.16.840.1.101.3.4.2.9': sha3_384,
  '2.16.840.1.101.3.4.2.10': sha3_512,
  '2.16.840.1.101.3.4.2.13': sha3_224,
  '2.16.840.1.101.3.4.2.14': sha3_256,
  '2.16.840.1.101.3.4.2.15': sha3_384,
  '2.16.840.1.101.3.4.2.16': sha3_512,
  // RFC 7693 §4
  '1.3.6.1.4.1.1722.12.2.1.16': blake2b,
  '1.3.6.1.4.1.1722.12.2.2.8': blake2s,
};

export function rareHashFunction(identifier: string): HashFunction | undefined {
  const hash = hashes[identifier];
  if (hash === undefined) return undefined;
  return {
    outputLength: hash.outputLen,
    blockLength: hash.blockLen,
    weight: 10,
    async iterate(message, iterations) {
      let digest: Uint8Array = message;
      for (let round = 0; round < iterations; round++) digest = hash(digest);
      return new Uint8Array(digest);
    },
    hmac: async (key, message) => new Uint8Array(hmac(hash, key, message)),
    pbkdf2: async (password, salt, iterations, length) =>
      new Uint8Array(pbkdf2(hash, password, salt, { c: iterations, dkLen: length })),
  };
}

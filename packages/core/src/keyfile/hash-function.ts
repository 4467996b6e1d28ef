import { engine } from '#engine';
import type { WebHash } from '../lib/engine.ts';
import { bestHashLoop } from '../lib/hashing/best-hash-loop.ts';
import { type BlockHash, iteratedHash } from '../lib/hashing/block-hash.ts';
import { sha1 } from '../lib/hashing/sha1.ts';
import { sha224, sha256 } from '../lib/hashing/sha256.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import { Oid } from './object-identifiers.ts';

/** What key derivations and MACs do with a hash. */
export interface HashFunction {
  /** In octets. */
  readonly outputLength: number;
  /** In octets. */
  readonly blockLength: number;
  /** How many times as much an iteration costs as one of SHA-256. */
  readonly weight: number;
  /** The hash of the hash of … `message`. */
  iterate(message: Uint8Array, iterations: number): Promise<Bytes>;
  hmac(key: Bytes, message: Bytes): Promise<Bytes>;
  pbkdf2(password: Bytes, salt: Bytes, iterations: number, length: number): Promise<Bytes>;
}

function own(algorithm: BlockHash, web?: WebHash): HashFunction {
  return {
    outputLength: algorithm.outputLength,
    blockLength: algorithm.blockLength,
    weight: 1,
    iterate: async (message, iterations) =>
      iteratedHash(algorithm, message, iterations, await bestHashLoop(algorithm, iterations)),
    ...(web === undefined ? byHand(algorithm) : byEngine(web)),
  };
}

type KeyedHash = Pick<HashFunction, 'hmac' | 'pbkdf2'>;

function byEngine(web: WebHash): KeyedHash {
  return {
    hmac: (key, message) => engine.hmac(web, key, message),
    pbkdf2: (password, salt, iterations, length) => engine.pbkdf2(web, { password, salt, iterations, length }),
  };
}

/** For the hashes that Web Crypto does not have, and so few files ask for. */
function byHand(algorithm: BlockHash): KeyedHash {
  const load = () => import('../lib/hashing/hmac.ts');
  return {
    hmac: async (...parameters) => (await load()).hmac(algorithm, ...parameters),
    pbkdf2: async (...parameters) => (await load()).pbkdf2(algorithm, ...parameters),
  };
}

type Load = () => HashFunction | Promise<HashFunction>;

const loads = {
  sha1: () => own(sha1, 'SHA-1'),
  sha224: () => own(sha224),
  sha256: () => own(sha256, 'SHA-256'),
  sha384: async () => own((await import('../lib/hashing/sha512.ts')).sha384, 'SHA-384'),
  sha512: async () => own((await import('../lib/hashing/sha512.ts')).sha512, 'SHA-512'),
} satisfies Readonly<Record<string, Load>>;

/** By the identifier of the hash, or of the HMAC with it (RFC 8018 Appendix B.1). */
const common: Readonly<Record<string, Load>> = {
  [Oid.sha1]: loads.sha1,
  [Oid.sha224]: loads.sha224,
  [Oid.sha256]: loads.sha256,
  [Oid.sha384]: loads.sha384,
  [Oid.sha512]: loads.sha512,
  [Oid.hmacSha1]: loads.sha1,
  [Oid.hmacSha224]: loads.sha224,
  [Oid.hmacSha256]: loads.sha256,
  [Oid.hmacSha384]: loads.sha384,
  [Oid.hmacSha512]: loads.sha512,
};

/** The hash function that an identifier of a hash or of its HMAC names, if certgrant has it. */
export async function hashFunction(identifier: string): Promise<HashFunction | undefined> {
  const load = Object.hasOwn(common, identifier) ? common[identifier] : undefined;
  return load === undefined ? (await import('./rare-hash-function.ts')).rareHashFunction(identifier) : load();
}

/** The same for an identifier that the program itself names. */
export async function requireHash(identifier: string): Promise<HashFunction> {
  const found = await hashFunction(identifier);
  if (found === undefined) throw new RangeError(`no hash function ${identifier}`);
  return found;
}

import { CertgrantError } from '../errors.ts';
import { DerError } from '../lib/der/der-error.ts';
import { DerReader } from '../lib/der/reader.ts';
import { Tag } from '../lib/der/tag.ts';
import { pbkdf2 } from '../lib/hashing/block-hash.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import { readAlgorithmIdentifier } from './algorithm-identifier.ts';
import type { DerivationCost } from './derivation-cost.ts';
import { hmacAlgorithms } from './hash-algorithms.ts';
import { Oid } from './object-identifiers.ts';

/** PBKDF2-params (RFC 8018 Appendix A.2). */
export interface Pbkdf2Parameters {
  readonly salt: Bytes;
  readonly iterations: number;
  readonly keyLength: number | undefined;
  /** Identifier of the HMAC. */
  readonly prf: string;
}

/** No cipher or MAC takes a longer key; each further block of output would cost all iterations again. */
const longestKey = 64;

export function readPbkdf2Parameters(parameters: Bytes): Pbkdf2Parameters {
  const reader = new DerReader(parameters).sequence();
  const salt = reader.octetString();
  const iterations = reader.smallInteger();
  const keyLength = reader.nextTag === Tag.integer ? reader.smallInteger() : undefined;
  const prf = reader.atEnd ? Oid.hmacSha1 : readAlgorithmIdentifier(reader).algorithm;
  reader.end();
  if (keyLength !== undefined && (keyLength < 1 || keyLength > longestKey)) {
    throw new DerError('a derived key of impossible length');
  }
  return { salt, iterations, keyLength, prf };
}

/** Web Crypto computes where it knows the hash: outside the main thread, and several times as fast. */
export async function derivePbkdf2(
  { salt, iterations, prf }: Pbkdf2Parameters,
  password: Bytes,
  length: number,
  cost: DerivationCost,
): Promise<Bytes> {
  const algorithm = hmacAlgorithms[prf];
  cost.spend(iterations, Math.ceil(length / (algorithm?.block.outputLength ?? 16)));
  if (algorithm === undefined) return deriveWithRareHash(prf, password, salt, iterations, length);
  if (algorithm.web === undefined) return pbkdf2(algorithm.block, password, salt, iterations, length);
  const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
  const parameters = { name: 'PBKDF2', hash: algorithm.web, salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 8 * length));
}

/** HMAC with MD5 and the cut forms of SHA-512 do occur, so seldom that speed does not matter. */
async function deriveWithRareHash(
  prf: string,
  password: Bytes,
  salt: Bytes,
  iterations: number,
  length: number,
): Promise<Bytes> {
  const hash = await rareHash(prf);
  const noble = await import('@noble/hashes/pbkdf2.js');
  return new Uint8Array(noble.pbkdf2(hash, password, salt, { c: iterations, dkLen: length }));
}

async function rareHash(prf: string): Promise<Parameters<typeof import('@noble/hashes/pbkdf2.js').pbkdf2>[0]> {
  if (prf === Oid.hmacMd5) return (await import('@noble/hashes/legacy.js')).md5;
  const sha2 = await import('@noble/hashes/sha2.js');
  if (prf === Oid.hmacSha512Cut224) return sha2.sha512_224;
  if (prf === Oid.hmacSha512Cut256) return sha2.sha512_256;
  throw new CertgrantError('FORMAT_UNSUPPORTED', `open key file: a key derived by the unknown function ${prf}`, {
    fix: 'Export the file again with AES-256 and SHA-256',
  });
}

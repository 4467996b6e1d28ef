import { CertgrantError } from '../errors.ts';
import { DerError } from '../lib/der/der-error.ts';
import { DerReader } from '../lib/der/reader.ts';
import { Tag } from '../lib/der/tag.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import { readAlgorithmIdentifier } from './algorithm-identifier.ts';
import type { DerivationCost } from './derivation-cost.ts';
import { hashFunction } from './hash-function.ts';
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

export async function derivePbkdf2(
  { salt, iterations, prf }: Pbkdf2Parameters,
  password: Bytes,
  length: number,
  cost: DerivationCost,
): Promise<Bytes> {
  const hash = await hashFunction(prf);
  if (hash === undefined) {
    throw new CertgrantError('FORMAT_UNSUPPORTED', `open key file: a key derived by the unknown function ${prf}`, {
      fix: 'Export the file again with AES-256 and SHA-256',
    });
  }
  cost.spend(iterations, Math.ceil(length / hash.outputLength), hash.weight);
  return hash.pbkdf2(password, salt, iterations, length);
}

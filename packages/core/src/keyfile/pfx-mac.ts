import { CertgrantError } from '../errors.ts';
import { DerError } from '../lib/der/der-error.ts';
import { DerReader } from '../lib/der/reader.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from './algorithm-identifier.ts';
import { type HashFunction, hashFunction } from './hash-function.ts';
import { Oid } from './object-identifiers.ts';
import type { Opening } from './opening.ts';
import { passwordError } from './password-encryption.ts';
import type { PasswordForms } from './passwords.ts';
import { derivePbkdf2, readPbkdf2Parameters } from './pbkdf2.ts';
import { derivePkcs12, purpose } from './pkcs12-key-derivation.ts';

interface Mac {
  readonly hash: HashFunction;
  readonly forms: readonly Bytes[];
  deriveKey(password: Bytes): Promise<Bytes>;
}

/**
 * Checks MacData (RFC 7292 §4) over the contents of a PKCS#12 file.
 *
 * @returns the forms of the password, the one that fitted first
 * @throws {CertgrantError} `PASSWORD_WRONG` or `PASSWORD_REQUIRED` when none fits
 */
export async function verifyMac(macData: DerReader, contents: Bytes, opening: Opening): Promise<PasswordForms> {
  const digestInfo = macData.sequence();
  const identifier = readAlgorithmIdentifier(digestInfo);
  const expected = digestInfo.octetString();
  digestInfo.end();
  const salt = macData.octetString();
  const iterations = macData.atEnd ? 1 : macData.smallInteger();
  macData.end();
  const mac =
    identifier.algorithm === Oid.pbmac1
      ? await pbmac1(identifier, opening)
      : await classicMac(identifier, { salt, iterations }, opening);
  // A shorter one could be met by chance.
  if (expected.length !== mac.hash.outputLength) throw new DerError('a MAC of the wrong length');
  for (const form of mac.forms) {
    const actual = await mac.hash.hmac(await mac.deriveKey(form), contents);
    if (equal(actual, expected)) return preferring(opening.passwords, mac.forms.indexOf(form), identifier.algorithm);
  }
  throw passwordError(opening.passwords.given);
}

/** With the key derivation of PKCS#12 (RFC 7292 Appendix B.4). */
async function classicMac(
  { algorithm }: AlgorithmIdentifier,
  { salt, iterations }: { salt: Bytes; iterations: number },
  { passwords, cost }: Opening,
): Promise<Mac> {
  const hash = await hashFunction(algorithm);
  if (hash === undefined) throw unsupported(`the hash ${algorithm}`);
  return {
    hash,
    forms: passwords.pkcs12,
    async deriveKey(password) {
      cost.spend(iterations, 1, hash.weight);
      const length = hash.outputLength;
      return derivePkcs12(hash, password, { salt, iterations, id: purpose.mac, length });
    },
  };
}

/** PBMAC1 (RFC 9579): the parameters stand in the identifier; salt and count beside it mean nothing. */
async function pbmac1({ parameters }: AlgorithmIdentifier, { passwords, cost }: Opening): Promise<Mac> {
  const reader = new DerReader(parameters).sequence();
  const derivation = readAlgorithmIdentifier(reader);
  const scheme = readAlgorithmIdentifier(reader);
  reader.end();
  if (derivation.algorithm !== Oid.pbkdf2) throw unsupported(`the key derivation ${derivation.algorithm}`);
  const pbkdf2 = readPbkdf2Parameters(derivation.parameters);
  const { keyLength } = pbkdf2;
  // RFC 9579 §5: the length must be there, and a key under 20 octets could be guessed instead of the password.
  if (keyLength === undefined || keyLength < 20)
    throw new DerError('a PBMAC1 key that is missing its length or too short');
  const hash = await hashFunction(scheme.algorithm);
  if (hash === undefined) throw unsupported(`the MAC ${scheme.algorithm}`);
  return {
    hash,
    forms: passwords.octets,
    deriveKey: (password) => derivePbkdf2(pbkdf2, password, keyLength, cost),
  };
}

/** One form fits the whole file as a rule, and each further attempt costs a derivation. */
function preferring(passwords: PasswordForms, index: number, algorithm: string): PasswordForms {
  const first = (forms: readonly Bytes[]): readonly Bytes[] => [
    ...forms.slice(index, index + 1),
    ...forms.filter((_, other) => other !== index),
  ];
  return algorithm === Oid.pbmac1
    ? { ...passwords, octets: first(passwords.octets) }
    : { ...passwords, pkcs12: first(passwords.pkcs12) };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (const [index, octet] of a.entries()) difference |= octet ^ (b[index] ?? 0);
  return difference === 0;
}

function unsupported(what: string): CertgrantError {
  return new CertgrantError(
    'FORMAT_UNSUPPORTED',
    `open PKCS#12 file: it is sealed with ${what}, which certgrant does not know`,
    {
      fix: 'Export the file again with a SHA-256 MAC',
    },
  );
}

import { CertgrantError } from '../errors.ts';
import { DerReader } from '../lib/der/reader.ts';
import { integer, sequence } from '../lib/der/writer.ts';
import { type Bytes, toBigInt } from '../lib/text-encoding.ts';

/** The encoded halves of a key pair, as they stand inside PKCS#8 and SubjectPublicKeyInfo. */
export interface KeyHalves {
  readonly privateKey: Bytes;
  readonly publicKey: Bytes;
}

/** No one signs with a longer modulus, and a hostile one would cost minutes. */
const longestModulus = 16_384 / 8;

/**
 * Reads RSAPrivateKey (RFC 8017 §A.1.2) and writes it anew: some tools leave out the zero octet before a high bit, and
 * others add zero octets.
 */
export function readRsaPrivateKey(der: Uint8Array): KeyHalves {
  const outer = new DerReader(der);
  const reader = outer.sequence();
  outer.end();
  if (reader.smallInteger() !== 0) {
    throw new CertgrantError('FORMAT_UNSUPPORTED', 'read private key: an RSA key of more than two primes', {
      fix: 'Use an RSA key of two primes, as every tool makes them by default',
    });
  }
  const names = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;
  const numbers = names.map(() => reader.integerBytes());
  reader.end();
  return rsaKeyHalves(numbers);
}

/** From modulus, public and private exponent, the two primes, their exponents and the coefficient, in this order. */
export function rsaKeyHalves(numbers: readonly Bytes[]): KeyHalves {
  requireReasonableLength(numbers);
  if (!numbersBelongTogether(numbers.map(toBigInt))) {
    throw new CertgrantError(
      'FORMAT_MALFORMED',
      'read private key: the numbers of the RSA key do not belong together',
      {
        fix: 'The file was damaged after the key was written: export the key again from where it came from',
      },
    );
  }
  const [n, e] = numbers.map((bytes) => integer(bytes)) as [Bytes, Bytes];
  return {
    privateKey: sequence(integer(0), ...numbers.map((bytes) => integer(bytes))),
    publicKey: sequence(n, e),
  };
}

/** @throws {CertgrantError} `FORMAT_UNSUPPORTED` */
export function requireReasonableLength(numbers: readonly Bytes[]): void {
  if (numbers.every(({ length }) => length <= longestModulus + 1)) return;
  throw new CertgrantError('FORMAT_UNSUPPORTED', 'read private key: an RSA key of more than 16384 bits', {
    fix: 'Use an RSA key of 2048, 3072 or 4096 bits',
  });
}

/**
 * Neither OpenSSL nor Web Crypto looks at this when a key is imported, and a single damaged character of a PEM file would
 * then come to light as signatures that nobody accepts.
 */
function numbersBelongTogether(numbers: readonly bigint[]): boolean {
  const [n = 0n, e = 0n, d = 0n, p = 0n, q = 0n, dp = 0n, dq = 0n, qi = 0n] = numbers;
  return (
    p > 1n &&
    q > 1n &&
    p * q === n &&
    (e * d) % (p - 1n) === 1n &&
    (e * d) % (q - 1n) === 1n &&
    (e * dp) % (p - 1n) === 1n &&
    (e * dq) % (q - 1n) === 1n &&
    (qi * q) % p === 1n
  );
}

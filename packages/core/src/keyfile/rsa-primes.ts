import { type Bytes, fromHex, toBigInt } from '../lib/text-encoding.ts';

/**
 * The two primes of an RSA key, their exponents and the coefficient, from the modulus and both exponents: a JWK may leave
 * the rest out (RFC 7518 §6.3.2). By NIST SP 800-56B Rev. 2 Appendix C.2, which needs no random numbers.
 *
 * @returns p, q, dp, dq, qi; `undefined` when the three numbers are not those of a key
 */
export function recoverPrimes(modulus: Bytes, publicExponent: Bytes, exponent: Bytes): readonly Bytes[] | undefined {
  const [n, e, d] = [modulus, publicExponent, exponent].map(toBigInt) as [bigint, bigint, bigint];
  const multiple = d * e - 1n;
  if (n < 1n || multiple < 1n) return undefined;
  const a = multiple * greatestCommonDivisor(n - 1n, multiple);
  const sum = (n - (a % n)) / (a / n + 1n) + 1n;
  const difference = squareRoot(sum * sum - 4n * n);
  if (difference === undefined) return undefined;
  const [p, q] = [(sum + difference) / 2n, (sum - difference) / 2n];
  const coefficient = q > 1n ? inverse(q, p) : undefined;
  if (coefficient === undefined || p * q !== n) return undefined;
  return [p, q, d % (p - 1n), d % (q - 1n), coefficient].map(toBytes);
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller > 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

/** By Newton's method; `undefined` when it is no whole number above zero. */
function squareRoot(square: bigint): bigint | undefined {
  if (square < 1n) return undefined;
  let root = 1n << BigInt(2 * square.toString(16).length);
  for (;;) {
    const next = (root + square / root) / 2n;
    if (next >= root) return root * root === square ? root : undefined;
    root = next;
  }
}

/** Euclid's algorithm, extended. */
function inverse(value: bigint, modulus: bigint): bigint | undefined {
  let [previous, rest] = [modulus, value % modulus];
  let [before, factor] = [0n, 1n];
  while (rest > 0n) {
    const quotient = previous / rest;
    [previous, rest] = [rest, previous - quotient * rest];
    [before, factor] = [factor, before - quotient * factor];
  }
  return previous === 1n ? ((before % modulus) + modulus) % modulus : undefined;
}

function toBytes(value: bigint): Bytes {
  const digits = value.toString(16);
  return fromHex(digits.padStart(digits.length + (digits.length % 2), '0'));
}

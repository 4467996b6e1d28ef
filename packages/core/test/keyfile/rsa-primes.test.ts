import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { recoverPrimes } from '../../src/keyfile/rsa-primes.ts';
import { fromHex, toHex } from '../../src/lib/text-encoding.ts';

const number = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);
const bytes = (value: bigint): Uint8Array<ArrayBuffer> => {
  const digits = value.toString(16);
  return fromHex(digits.length % 2 === 0 ? digits : `0${digits}`);
};

function numbersOf(modulusLength: number, publicExponent: number): Record<string, bigint> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  const jwk = Object.entries(privateKey.export({ format: 'jwk' })).filter(([name]) => name !== 'kty');
  return Object.fromEntries(jwk.map(([name, value]) => [name, number(Buffer.from(String(value), 'base64url'))]));
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller > 0n) [larger, smaller] = [smaller, larger % smaller];
  return (a / larger) * b;
}

describe('recoverPrimes', () => {
  it.each([
    [512, 3],
    [1024, 17],
    [1027, 65_537],
    [2048, 65_537],
    [3072, 3],
  ])('finds what belongs to a key of %d bits with the exponent %d', (bits, exponent) => {
    const { n = 0n, e = 0n, d = 0n, p = 0n, q = 0n } = numbersOf(bits, exponent);
    // The private exponent is one of several: d by the least common multiple of p - 1 and q - 1, or that much larger.
    const period = leastCommonMultiple(p - 1n, q - 1n);
    for (const exponentOfKey of [d % period, (d % period) + period]) {
      const found = recoverPrimes(bytes(n), bytes(e), bytes(exponentOfKey))?.map(number) ?? [];
      const [foundP = 0n, foundQ = 0n, dp = 0n, dq = 0n, qi = 0n] = found;
      expect([foundP, foundQ].toSorted()).toEqual([p, q].toSorted());
      expect([(e * dp) % (foundP - 1n), (e * dq) % (foundQ - 1n), (qi * foundQ) % foundP]).toEqual([1n, 1n, 1n]);
    }
  });

  it('finds nothing for numbers that are not those of a key, at once', () => {
    const { n = 0n, e = 0n, d = 0n, p = 0n } = numbersOf(1024, 65_537);
    const huge = 2n ** 16_384n - 1n;
    for (const [modulus, publicExponent, exponent] of [
      [n, e, d + 2n],
      [n + 2n, e, d],
      [p * p, e, d],
      [p, e, d],
      [0n, e, d],
      [n, 0n, 0n],
      [n, 1n, 1n],
      [1n, e, d],
      [huge, huge - 2n, huge - 4n],
    ] as const) {
      const start = performance.now();
      expect(recoverPrimes(bytes(modulus), bytes(publicExponent), bytes(exponent))).toBeUndefined();
      expect(performance.now() - start).toBeLessThan(2000);
    }
  });
});

import {
  constants,
  createPrivateKey,
  createPublicKey,
  generatePrimeSync,
  type JsonWebKey,
  type KeyObject,
  sign as nodeSign,
  verify,
} from 'node:crypto';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { rsaSigner } from '../../packages/cli/src/export/postman/rsa-signer.ts';

/** The part of the pre-request script that signs, run here as it stands, with what a sandbox gives it. */
interface Signer {
  readPrivateKey(pem: string): object;
  sign(key: object, alg: Algorithm, text: string): Promise<string>;
}

type Algorithm = 'PS256' | 'RS256';
const algorithms: readonly Algorithm[] = ['PS256', 'RS256'];

const load = new Function('require', 'crypto', `${rsaSigner}\nreturn { readPrivateKey, sign };`);
const require = createRequire(import.meta.url);
/** As newman's sandbox, which has no Web Crypto; and as that of Postman. */
const byBigInt: Signer = load(require, undefined);
const byWebCrypto: Signer = load(require, globalThis.crypto);

const text = 'eyJhbGciOiJQUzI1NiJ9.eyJhdWQiOiJodHRwczovL2xvZ2luLm1pY3Jvc29mdG9ubGluZS5jb20ifQ';

function isGood(key: KeyObject, alg: Algorithm, signature: string): boolean {
  const padding =
    alg === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
      : { padding: constants.RSA_PKCS1_PADDING };
  return verify('sha256', Buffer.from(text), { key, ...padding }, Buffer.from(signature, 'base64url'));
}

const e = 65537n;

/** Euclid's extended algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (a > 1n) {
    [a, b, x, y] = [b % a, a, y - (b / a) * x, x];
    if (a === 0n) throw new Error('no inverse');
  }
  return ((x % modulus) + modulus) % modulus;
}

/** A real key of two primes: many keys out of few primes, which are what takes time to find. */
function keyOf(p: bigint, q: bigint): KeyObject {
  const d = inverse(e, (p - 1n) * (q - 1n));
  const numbers = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const member = (value: bigint): string => {
    const hex = value.toString(16);
    return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
  };
  const jwk = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, member(value)]));
  return createPrivateKey({ key: { kty: 'RSA', ...jwk } as JsonWebKey, format: 'jwk' });
}

function primes(bits: number, count: number): bigint[] {
  const found: bigint[] = [];
  while (found.length < count) {
    const prime = generatePrimeSync(bits, { bigint: true });
    if (prime % e !== 1n && !found.includes(prime)) found.push(prime);
  }
  return found;
}

let keys: readonly KeyObject[];

beforeAll(() => {
  // 2048 bits, and lengths that fill no whole byte.
  const pool = [...primes(1024, 12), ...primes(1025, 4), ...primes(1027, 3), ...primes(1031, 3), ...primes(1032, 2)];
  keys = pool.flatMap((p, index) => pool.slice(index + 1).map((q) => keyOf(p, q)));
}, 60_000);

describe('the signer of the pre-request script', () => {
  test('signs right with hundreds of keys and odd lengths of their modulus, as node:crypto judges', async () => {
    const lengths = new Set<number>();
    for (const [index, key] of keys.entries()) {
      const publicKey = createPublicKey(key);
      lengths.add(publicKey.asymmetricKeyDetails?.modulusLength ?? 0);
      const type = index % 2 === 0 ? 'pkcs8' : 'pkcs1';
      const read = byBigInt.readPrivateKey(key.export({ type, format: 'pem' }).toString());
      for (const alg of algorithms) {
        const signature = await byBigInt.sign(read, alg, text);
        expect(isGood(publicKey, alg, signature), `key ${index}, ${alg}`).toBe(true);
        if (alg === 'RS256') expect(signature).toBe(nodeSign('sha256', Buffer.from(text), key).toString('base64url'));
      }
    }
    expect(keys.length).toBeGreaterThan(200);
    expect([...lengths].filter((length) => length % 8 !== 0).length).toBeGreaterThan(4);
  }, 120_000);

  test('signs right with Web Crypto where a sandbox has it', async () => {
    for (const key of keys.slice(0, 20)) {
      const read = byWebCrypto.readPrivateKey(key.export({ type: 'pkcs1', format: 'pem' }).toString());
      for (const alg of algorithms) {
        expect(isGood(createPublicKey(key), alg, await byWebCrypto.sign(read, alg, text))).toBe(true);
      }
    }
  });

  test.each([
    ['BigInt', byBigInt],
    ['Web Crypto', byWebCrypto],
  ])(
    'releases no wrong signature when a bit of the key is damaged, with %s',
    async (_, signer) => {
      const key = keys[0] as KeyObject;
      const publicKey = createPublicKey(key);
      const der = key.export({ type: 'pkcs8', format: 'der' });
      const modulus = Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url');
      const start = der.indexOf(modulus);
      expect(start).toBeGreaterThan(0);
      for (let at = 0; at < der.length; at += 3) {
        const damaged = Buffer.from(der);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
        const pem = `-----BEGIN PRIVATE KEY-----\n${damaged.toString('base64')}\n-----END PRIVATE KEY-----\n`;
        const alg = algorithms[at % 2] ?? 'PS256';
        const outcome = await released(signer, pem, alg);
        if (typeof outcome === 'string') expect(isGood(publicKey, alg, outcome), `byte ${at}`).toBe(true);
        // Elsewhere a signature may still be right: d does not count where the primes are used, and OpenSSL, which is below
        // Web Crypto here, falls back on d where they are damaged.
        if (at >= start && at < start + modulus.length) expect(outcome, `byte ${at}`).toBeInstanceOf(Error);
      }
    },
    60_000,
  );

  test('says of a damaged key that it is damaged, and nothing of what is in it', async () => {
    const key = keys[1] as KeyObject;
    const der = key.export({ type: 'pkcs8', format: 'der' });
    der[der.length - 20] = (der[der.length - 20] ?? 0) ^ 1;
    const pem = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
    expect(await released(byBigInt, pem, 'PS256')).toEqual(
      new Error('it is damaged: its signature does not fit its public key'),
    );
  });

  test.each([
    ['on one line', (pem: string) => pem.replaceAll('\n', ' ')],
    ['with \\n for its line breaks', (pem: string) => pem.replaceAll('\n', '\\n')],
    ['with CRLF', (pem: string) => pem.replaceAll('\n', '\r\n')],
    ['indented', (pem: string) => pem.replaceAll(/^/gm, '   ')],
    ['after its certificate', (pem: string) => `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${pem}`],
  ])('reads a key %s', async (_, change) => {
    const key = keys[2] as KeyObject;
    const pem = change(key.export({ type: 'pkcs8', format: 'pem' }).toString());
    const signature = await byBigInt.sign(byBigInt.readPrivateKey(pem), 'PS256', text);
    expect(isGood(createPublicKey(key), 'PS256', signature)).toBe(true);
  });

  test('an RSA key of 1024 bits is refused', () => {
    const [p = 0n, q = 0n] = primes(512, 2);
    const pem = keyOf(p, q).export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => byBigInt.readPrivateKey(pem)).toThrow('it has less than 2048 bits');
  });
});

async function released(signer: Signer, pem: string, alg: Algorithm): Promise<string | Error> {
  try {
    return await signer.sign(signer.readPrivateKey(pem), alg, text);
  } catch (thrown) {
    return thrown as Error;
  }
}

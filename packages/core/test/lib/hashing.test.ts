import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bestHashLoop } from '../../src/lib/hashing/best-hash-loop.ts';
import { hash, hashLoop, iteratedHash } from '../../src/lib/hashing/block-hash.ts';
import { compileHashLoop } from '../../src/lib/hashing/hash-loop.ts';
import { hmac, pbkdf2 } from '../../src/lib/hashing/hmac.ts';
import { sha1 } from '../../src/lib/hashing/sha1.ts';
import { sha224, sha256 } from '../../src/lib/hashing/sha256.ts';
import { sha384, sha512 } from '../../src/lib/hashing/sha512.ts';

const octets = fc.uint8Array({ maxLength: 300 });

describe.each(Object.entries({ sha1, sha224, sha256, sha384, sha512 }))('%s', (name, algorithm) => {
  it('hash gives what OpenSSL gives, for every length around the block', () => {
    for (let length = 0; length < 300; length++) {
      const message = new Uint8Array(length).fill(length);
      expect(hash(algorithm, message)).toEqual(new Uint8Array(createHash(name).update(message).digest()));
    }
  });

  it('hmac gives what OpenSSL gives, for any key and message', () => {
    fc.assert(
      fc.property(octets, octets, (key, message) => {
        expect(hmac(algorithm, key, message)).toEqual(new Uint8Array(createHmac(name, key).update(message).digest()));
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['in JavaScript', () => hashLoop(algorithm)],
    ['in WebAssembly', () => compileHashLoop(algorithm)],
  ])('iteratedHash with the loop %s hashes as often as it is told', async (_, makeLoop) => {
    const loop = await makeLoop();
    fc.assert(
      fc.property(octets, fc.integer({ min: 1, max: 20 }), (message, iterations) => {
        let expected: Uint8Array = message;
        for (let i = 0; i < iterations; i++) expected = createHash(name).update(expected).digest();
        expect(iteratedHash(algorithm, message, iterations, loop)).toEqual(new Uint8Array(expected));
      }),
      { numRuns: 100 },
    );
  });

  it('both loops agree over many rounds, whole calls of the WebAssembly and a rest', async () => {
    const message = new Uint8Array(algorithm.blockLength);
    const inJavaScript = iteratedHash(algorithm, message, 10_001, hashLoop(algorithm));
    expect(iteratedHash(algorithm, message, 10_001, await compileHashLoop(algorithm))).toEqual(inJavaScript);
  });

  it('pbkdf2 gives what OpenSSL gives, for any password, salt, count and length', () => {
    const small = fc.integer({ min: 1, max: 150 });
    fc.assert(
      fc.property(octets, octets, small, small, (password, salt, iterations, length) => {
        const expected = new Uint8Array(pbkdf2Sync(password, salt, iterations, length, name));
        expect(pbkdf2(algorithm, password, salt, iterations, length)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

describe('bestHashLoop', () => {
  afterEach(() => vi.unstubAllGlobals());

  const message = new Uint8Array(64);
  const many = 30_000;
  const expected = iteratedHash(sha256, message, many, hashLoop(sha256));

  it('compiles WebAssembly once the rounds of this process are worth it, whichever file asked for them', async () => {
    const algorithm = { ...sha256 };
    const first = await bestHashLoop(algorithm, 2048);
    expect(await bestHashLoop(algorithm, 2048)).toBe(first);
    const compiled = await bestHashLoop(algorithm, many);
    expect(compiled).not.toBe(first);
    expect(await bestHashLoop(algorithm, 1)).toBe(compiled);
    expect(iteratedHash(algorithm, message, many, compiled)).toEqual(expected);
  });

  it.each([
    ['has none', undefined],
    ['forbids it', { instantiate: () => Promise.reject(new WebAssembly.CompileError('forbidden')) }],
  ])('goes on in JavaScript where the runtime %s', async (_, webAssembly) => {
    const algorithm = { ...sha256 };
    vi.stubGlobal('WebAssembly', webAssembly);
    const loop = await bestHashLoop(algorithm, many);
    expect(iteratedHash(algorithm, message, many, loop)).toEqual(expected);
  });
});

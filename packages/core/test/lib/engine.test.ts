import { generateKeyPairSync, type KeyPairKeyObjectResult, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SignatureAlgorithm } from '../../src/assertion/signer.ts';
import type { Engine } from '../../src/lib/engine.ts';
import type { Bytes } from '../../src/lib/text-encoding.ts';
import { engine as webEngine } from '../../src/lib/web-engine.ts';
import { engine as nodeEngine } from '../../src/node/engine.ts';

const engines: Record<string, Engine> = { 'web engine': webEngine, 'node engine': nodeEngine };

interface KeyPair {
  readonly pkcs8: Bytes;
  readonly spki: Bytes;
}

function exported({ privateKey, publicKey }: KeyPairKeyObjectResult): KeyPair {
  return {
    pkcs8: new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' })),
    spki: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
  };
}

const rsa = exported(generateKeyPairSync('rsa', { modulusLength: 2048 }));
const otherRsa = exported(generateKeyPairSync('rsa', { modulusLength: 2048 }));
const p256 = exported(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const p384 = exported(generateKeyPairSync('ec', { namedCurve: 'P-384' }));

/** RFC 7518 §3: what each algorithm's signature is long, RSA as the modulus, ECDSA twice the curve's field. */
const algorithms: { alg: SignatureAlgorithm; keys: KeyPair; length: number }[] = [
  { alg: 'PS256', keys: rsa, length: 256 },
  { alg: 'RS256', keys: rsa, length: 256 },
  { alg: 'ES256', keys: p256, length: 64 },
  { alg: 'ES384', keys: p384, length: 96 },
];

const data = new TextEncoder().encode('what is signed');

for (const [name, engine] of Object.entries(engines)) {
  const signingKey = (alg: SignatureAlgorithm, keys: KeyPair) => engine.importSigningKey(keys.pkcs8, alg);
  const verifyingKey = (alg: SignatureAlgorithm, keys: KeyPair) => engine.importVerifyingKey(keys.spki, alg);

  describe(name, () => {
    // FIPS 180-4's own examples for the message "abc".
    it.each([
      ['SHA-1', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
      ['SHA-256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ] as const)('digest makes the %s of FIPS 180-4', async (algorithm, hex) => {
      const digest = await engine.digest(algorithm, new TextEncoder().encode('abc'));
      expect(Buffer.from(digest).toString('hex')).toBe(hex);
    });

    it('digest takes a window on a larger buffer', async () => {
      const window = new TextEncoder().encode('xabcx').subarray(1, 4);
      expect(Buffer.from(await engine.digest('SHA-1', window)).toString('hex')).toMatch(/^a9993e36/);
    });

    // RFC 2202 §3 and RFC 4231 §4.3, their second test cases.
    it.each([
      ['SHA-1', 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
      ['SHA-256', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
    ] as const)('hmac with %s gives what the RFC has', async (hash, hex) => {
      const [key, message] = ['Jefe', 'what do ya want for nothing?'].map((text) => new TextEncoder().encode(text));
      const mac = await engine.hmac(hash, key as Bytes, message as Bytes);
      expect(Buffer.from(mac).toString('hex')).toBe(hex);
    });

    it.each([1, 5, 20_000])(
      'pbkdf2 with %i iterations gives several at the same time each its own',
      async (iterations) => {
        const [first, second, third] = await Promise.all(
          ['one', 'another', 'a third'].map((text) => {
            const password = new TextEncoder().encode(text);
            return engine.pbkdf2('SHA-256', { password, salt: data, iterations, length: 40 });
          }),
        );
        const expected = (text: string) => new Uint8Array(pbkdf2Sync(text, data, iterations, 40, 'sha256'));
        expect([first, second, third]).toEqual([expected('one'), expected('another'), expected('a third')]);
      },
    );

    it('fillRandom fills every byte, each time anew', () => {
      const draws = Array.from({ length: 8 }, () => {
        const bytes = new Uint8Array(1024);
        engine.fillRandom(bytes);
        return bytes;
      });
      expect(new Set(draws.map((bytes) => bytes.join())).size).toBe(8);
      // Of 8192 bytes each of the 256 values is missing with a probability of 10^-12 or so.
      expect(new Set(draws.flatMap((bytes) => [...bytes])).size).toBe(256);
    });

    it.each(algorithms)('importSigningKey signs with $alg in the form of JWS', async ({ alg, keys, length }) => {
      const signature = await (await signingKey(alg, keys))(data);
      expect(signature).toHaveLength(length);
      expect(signature.byteLength).toBe(signature.buffer.byteLength);
    });

    for (const [other, otherEngine] of Object.entries(engines)) {
      it.each(algorithms)(`importVerifyingKey accepts the $alg signature of the ${other}`, async ({ alg, keys }) => {
        const signature = await (await otherEngine.importSigningKey(keys.pkcs8, alg))(data);
        expect(await (await verifyingKey(alg, keys))(signature, data)).toBe(true);
      });
    }

    it.each(algorithms)('importVerifyingKey refuses a changed $alg signature, changed data and scraps', async (row) => {
      const signature = await (await signingKey(row.alg, row.keys))(data);
      const verify = await verifyingKey(row.alg, row.keys);
      const changed = Uint8Array.from(signature, (byte, index) => (index === 20 ? byte ^ 1 : byte));
      expect(await verify(changed, data)).toBe(false);
      expect(await verify(signature, data.subarray(1))).toBe(false);
      expect(await verify(signature.subarray(1), data)).toBe(false);
      expect(await verify(new Uint8Array(0), data)).toBe(false);
    });

    it('importVerifyingKey refuses the signature of another key', async () => {
      const signature = await (await signingKey('PS256', otherRsa))(data);
      expect(await (await verifyingKey('PS256', rsa))(signature, data)).toBe(false);
    });

    it('importSigningKey keeps PS256 and RS256 apart', async () => {
      const signature = await (await signingKey('RS256', rsa))(data);
      expect(await (await verifyingKey('PS256', rsa))(signature, data)).toBe(false);
    });

    it('importSigningKey gives a key that signs many things at once, each with its own signature', async () => {
      const sign = await signingKey('RS256', rsa);
      const verify = await verifyingKey('RS256', rsa);
      const messages = Array.from({ length: 12 }, (_, index) => new TextEncoder().encode(`message ${index}`));
      const signatures = await Promise.all(messages.map((message) => sign(message)));
      const verdicts = signatures.map((signature, index) => verify(signature, messages[index] ?? data));
      expect(await Promise.all(verdicts)).toEqual(messages.map(() => true));
    });

    it('importSigningKey refuses bytes that are no PKCS#8 key', async () => {
      await expect(engine.importSigningKey(new Uint8Array([0x30, 0x00]), 'PS256')).rejects.toThrow();
    });
  });
}

describe('the sealing keys of both engines', () => {
  const secret = new Uint8Array(40).fill(7);
  const [nonce, boundTo] = [new Uint8Array(12).fill(1), new TextEncoder().encode('its place')];
  const sealingKey = async (engine: Engine, purpose = 'test') => (await engine.importSealingSecret(secret))(purpose);

  it('open what the other has sealed', async () => {
    const [web, node] = await Promise.all([sealingKey(webEngine), sealingKey(nodeEngine)]);
    for (const content of [data, new Uint8Array()]) {
      const sealed = await web.seal(content, nonce, boundTo);
      expect(await node.seal(content, nonce, boundTo)).toEqual(sealed);
      expect(await node.open(sealed, nonce, boundTo)).toEqual(content);
      expect(await web.open(sealed, nonce, boundTo)).toEqual(content);
    }
  });

  it.each(Object.entries(engines))('of the %s open nothing that was changed or moved', async (_, engine) => {
    const key = await sealingKey(engine);
    const sealed = await key.seal(data, nonce, boundTo);
    const changed = sealed.map((byte, index) => (index === 3 ? byte ^ 1 : byte));
    const elsewhere = new TextEncoder().encode('another place');
    await expect(key.open(changed, nonce, boundTo)).rejects.toThrow();
    await expect(key.open(sealed, nonce, elsewhere)).rejects.toThrow();
    await expect(key.open(sealed, new Uint8Array(12), boundTo)).rejects.toThrow();
    for (const length of [0, 5, 16])
      await expect(key.open(sealed.subarray(0, length), nonce, boundTo)).rejects.toThrow();
    await expect((await sealingKey(engine, 'other')).open(sealed, nonce, boundTo)).rejects.toThrow();
  });
});

import { execFileSync } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aesCipher } from '../../src/lib/ciphers/aes.ts';
import { type BlockCipher, decryptCbc, encryptCbc } from '../../src/lib/ciphers/block-cipher.ts';
import { desCipher } from '../../src/lib/ciphers/des.ts';
import { rc2Cipher } from '../../src/lib/ciphers/rc2.ts';
import { rc4 } from '../../src/lib/ciphers/rc4.ts';

function opensslEncrypt(cipher: string, { key, iv, data }: { key: Buffer; iv?: Buffer; data: Uint8Array }): Uint8Array {
  const vector = iv === undefined ? [] : ['-iv', iv.toString('hex')];
  const args = [
    'enc',
    `-${cipher}`,
    '-K',
    key.toString('hex'),
    ...vector,
    '-provider',
    'legacy',
    '-provider',
    'default',
  ];
  return execFileSync('openssl', args, { input: data });
}

interface Case {
  readonly name: string;
  readonly keyLength: number;
  readonly make: (key: Uint8Array) => BlockCipher;
}

const cases: readonly Case[] = [
  { name: 'des-cbc', keyLength: 8, make: desCipher },
  { name: 'des-ede-cbc', keyLength: 16, make: desCipher },
  { name: 'des-ede3-cbc', keyLength: 24, make: desCipher },
  { name: 'rc2-40-cbc', keyLength: 5, make: (key) => rc2Cipher(key, 40) },
  { name: 'rc2-64-cbc', keyLength: 8, make: (key) => rc2Cipher(key, 64) },
  { name: 'rc2-cbc', keyLength: 16, make: (key) => rc2Cipher(key, 128) },
  { name: 'aes-128-cbc', keyLength: 16, make: aesCipher },
  { name: 'aes-192-cbc', keyLength: 24, make: aesCipher },
  { name: 'aes-256-cbc', keyLength: 32, make: aesCipher },
];

describe.each(cases)('$name', ({ name, keyLength, make }) => {
  const key = randomBytes(keyLength);
  const cipher = make(key);
  const iv = randomBytes(cipher.blockLength);
  const data = randomBytes(1003);

  it('decryptCbc opens what openssl encrypted', () => {
    const opened = decryptCbc(cipher, iv, opensslEncrypt(name, { key, iv, data }));
    expect(opened).toEqual(new Uint8Array(data));
  });

  it('decryptCbc returns undefined for a length that cannot be', () => {
    expect(decryptCbc(cipher, iv, new Uint8Array())).toBeUndefined();
    expect(decryptCbc(cipher, iv, new Uint8Array(cipher.blockLength + 1))).toBeUndefined();
  });
});

it('encryptCbc with triple DES writes what openssl writes', () => {
  const [key, iv, data] = [randomBytes(24), randomBytes(8), randomBytes(77)];
  expect(encryptCbc(desCipher(key), iv, data)).toEqual(
    new Uint8Array(opensslEncrypt('des-ede3-cbc', { key, iv, data })),
  );
});

it.each([5, 16])('rc4 opens what openssl encrypted with a key of %i octets', (length) => {
  const [key, data] = [randomBytes(length), randomBytes(500)];
  const encrypted = opensslEncrypt(length === 5 ? 'rc4-40' : 'rc4', { key, data });
  expect(rc4(key, encrypted)).toEqual(new Uint8Array(data));
});

it('decryptCbc and encryptCbc undo each other for any key and text', () => {
  const octets = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(octets(24), octets(8), fc.uint8Array({ maxLength: 100 }), (key, iv, data) => {
      const cipher = desCipher(key);
      expect(decryptCbc(cipher, iv, encryptCbc(cipher, iv, data))).toEqual(data);
    }),
  );
});

it('decryptCbc never throws, whatever it is given', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (data) => {
      const opened = decryptCbc(aesCipher(new Uint8Array(24)), new Uint8Array(16), data);
      expect(opened === undefined || opened.length < data.length).toBe(true);
    }),
  );
});

it('aesCipher opens what Node encrypted, for any key of 192 bits', () => {
  const keys = fc.uint8Array({ minLength: 24, maxLength: 24 });
  fc.assert(
    fc.property(keys, fc.uint8Array({ maxLength: 50 }), (key, data) => {
      const iv = new Uint8Array(16);
      const encryptor = createCipheriv('aes-192-cbc', key, iv);
      const encrypted = Buffer.concat([encryptor.update(data), encryptor.final()]);
      expect(decryptCbc(aesCipher(key), iv, encrypted)).toEqual(data);
    }),
  );
});

it.each([
  ['zero', 0],
  ['longer than a block', 17],
  ['with octets that differ', 2],
])('decryptCbc returns undefined for a padding that is %s', (_, last) => {
  const [key, iv] = [new Uint8Array(24), new Uint8Array(16)];
  const encryptor = createCipheriv('aes-192-cbc', key, iv).setAutoPadding(false);
  const block = new Uint8Array(32).fill(17);
  block[31] = last;
  const encrypted = Buffer.concat([encryptor.update(block), encryptor.final()]);
  expect(decryptCbc(aesCipher(key), iv, encrypted)).toBeUndefined();
});

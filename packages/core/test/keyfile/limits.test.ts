import { readKeyFile } from '@certgrant/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DerivationCost } from '../../src/keyfile/derivation-cost.ts';
import { Oid } from '../../src/keyfile/object-identifiers.ts';
import { DerReader } from '../../src/lib/der/reader.ts';
import { integer, octetString, oid, sequence } from '../../src/lib/der/writer.ts';
import { Workshop } from './support/workshop.ts';

const workshop = new Workshop();
beforeAll(() => workshop.makePair('ec', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'));
afterAll(() => workshop.remove());

/** The same file with another number where `from` stood; of the same length, so that nothing else changes. */
function withNumber(file: Uint8Array, from: number, to: number): Uint8Array {
  const changed = Buffer.from(file);
  const [before, after] = [Buffer.from(integer(from)), Buffer.from(integer(to))];
  expect(before.length).toBe(after.length);
  const places = [...Array(changed.length).keys()].filter((at) => changed.subarray(at).indexOf(before) === 0);
  expect(places.length).toBeGreaterThan(0);
  for (const place of places) changed.set(after, place);
  return changed;
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** EncryptedPrivateKeyInfo whose key comes from PBKDF2 or scrypt with these parameters. */
function encryptedKey(derivation: Uint8Array): Uint8Array {
  const scheme = sequence(derivation, sequence(oid(Oid.aes256Cbc), octetString(new Uint8Array(16))));
  return sequence(sequence(oid(Oid.pbes2), scheme), octetString(new Uint8Array(64)));
}
const pbkdf2 = (iterations: number, ...rest: Uint8Array[]): Uint8Array =>
  sequence(oid(Oid.pbkdf2), sequence(octetString(new Uint8Array(8)), integer(iterations), ...rest));
const scrypt = (n: number, r: number, p: number): Uint8Array =>
  sequence(oid(Oid.scrypt), sequence(octetString(new Uint8Array(8)), integer(n), integer(r), integer(p)));

describe('readKeyFile refuses at once to compute for long', () => {
  it.each([
    ['a MAC', ['-certpbe', 'NONE', '-keypbe', 'NONE']],
    ['PBES2', ['-nomac']],
    ['the old schemes', ['-nomac', '-legacy']],
  ])('because of the iterations of %s', async (_, args) => {
    // Both numbers take three octets.
    const file = withNumber(workshop.pfx('ec', 'x', '-iter', '70000', ...args), 70_000, 4_000_000);
    const time = await elapsed(async () => {
      await expect(readKeyFile(file, { password: 'x' })).rejects.toMatchObject({
        code: 'KEY_DERIVATION_TOO_COSTLY',
        message: expect.stringContaining('4000000'),
        fix: expect.stringContaining('--allow-costly'),
      });
    });
    expect(time).toBeLessThan(1000);
  });

  it.each<[string, Uint8Array]>([
    ['2^31 iterations', encryptedKey(pbkdf2(2 ** 31 - 1))],
    ['1 GB of scrypt', encryptedKey(scrypt(2 ** 20, 8, 1))],
    ['scrypt a million times over', encryptedKey(scrypt(2 ** 10, 8, 2 ** 20))],
    ['scrypt with a gigantic block', encryptedKey(scrypt(2, 2 ** 30, 1))],
  ])('because of %s', async (_, file) => {
    const time = await elapsed(async () => {
      await expect(readKeyFile(file, { password: 'x' })).rejects.toMatchObject({ code: 'KEY_DERIVATION_TOO_COSTLY' });
    });
    expect(time).toBeLessThan(1000);
  });

  it('even with allowCostly when it would never end', async () => {
    await expect(
      readKeyFile(encryptedKey(pbkdf2(2 ** 31 - 1)), { password: 'x', allowCostly: true }),
    ).rejects.toMatchObject({ code: 'KEY_DERIVATION_TOO_COSTLY' });
  });
});

it('readKeyFile opens a file of more than a million iterations when that is allowed', async () => {
  const file = workshop.pfx('ec', 'x', '-iter', '1000001', '-nomac', '-certpbe', 'NONE');
  await expect(readKeyFile(file, { password: 'x' })).rejects.toMatchObject({ code: 'KEY_DERIVATION_TOO_COSTLY' });
  expect((await readKeyFile(file, { password: 'x', allowCostly: true })).privateKeys).toHaveLength(1);
});

describe('DerivationCost', () => {
  it('takes a million iterations for honest, and a file that has them in several places', () => {
    const cost = new DerivationCost(false);
    for (let part = 0; part < 7; part++) cost.spend(1_000_000);
    expect(() => cost.spend(1_000_001)).toThrow('1000001 iterations');
  });

  it('refuses the sum of many derivations that are honest one by one', () => {
    const cost = new DerivationCost(false);
    const spendAll = (): void => {
      for (let part = 0; part < 20; part++) cost.spend(900_000);
    };
    expect(spendAll).toThrow('12000000 iterations in all');
  });

  it('takes what OpenSSL writes for scrypt and refuses what fills the memory', () => {
    const cost = new DerivationCost(false);
    cost.spendScrypt(16_384, 8, 1);
    expect(() => cost.spendScrypt(2 ** 21, 8, 1)).toThrow('2049 MB of memory');
  });
});

describe('readKeyFile weighs', () => {
  it.each([
    ['SHA3-512', '2.16.840.1.101.3.4.2.16'],
    ['BLAKE2b', '1.3.6.1.4.1.1722.12.2.1.16'],
    ['MD5', '1.2.840.113549.2.6'],
  ])('an iteration of %s, for which there is no fast way, ten times', async (_, prf) => {
    const file = (iterations: number): Uint8Array => encryptedKey(pbkdf2(iterations, sequence(oid(prf))));
    const costly = { code: 'KEY_DERIVATION_TOO_COSTLY' };
    await expect(readKeyFile(file(100_001), { password: 'x' })).rejects.toMatchObject(costly);
    await expect(readKeyFile(file(100), { password: 'x' })).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
  });

  it.each([
    ['a large block', 2, 2 ** 19, 1],
    ['many lanes', 2, 1, 2 ** 19],
  ])('scrypt by what it computes and not by N alone: %s', async (_, n, r, p) => {
    const reading = readKeyFile(encryptedKey(scrypt(n, r, p)), { password: 'x' });
    await expect(reading).rejects.toMatchObject({ code: 'KEY_DERIVATION_TOO_COSTLY' });
  });
});

describe('readKeyFile refuses', () => {
  it.each<[string, Uint8Array]>([
    ['no iterations', encryptedKey(pbkdf2(0))],
    ['a derived key of another length than the cipher asks', encryptedKey(pbkdf2(1, integer(16)))],
    ['a derived key of a thousand octets', encryptedKey(pbkdf2(1, integer(1000)))],
    ['scrypt with an N that is no power of two', encryptedKey(scrypt(1000, 8, 1))],
    ['scrypt with an N of one', encryptedKey(scrypt(1, 8, 1))],
  ])('%s', async (_, file) => {
    await expect(readKeyFile(file, { password: 'x' })).rejects.toMatchObject({ code: 'FORMAT_MALFORMED' });
  });

  it('a MAC that is cut short', async () => {
    const pfx = new DerReader(workshop.pfx('ec', 'x', '-nomac')).sequence();
    const [version, safe] = [pfx.element().raw, pfx.element().raw];
    const digest = sequence(sequence(oid(Oid.sha256)), octetString(new Uint8Array(1)));
    const file = sequence(version, safe, sequence(digest, octetString(new Uint8Array(8)), integer(1)));
    await expect(readKeyFile(file, { password: 'x' })).rejects.toMatchObject({ code: 'FORMAT_MALFORMED' });
  });

  it.each([
    ['missing', []],
    ['too short', [integer(1)]],
  ])('a PBMAC1 key whose length is %s', async (_, keyLength) => {
    const pfx = new DerReader(workshop.pfx('ec', 'x', '-nomac')).sequence();
    const [version, safe] = [pfx.element().raw, pfx.element().raw];
    const parameters = sequence(pbkdf2(1, ...keyLength), sequence(oid(Oid.hmacSha256)));
    const digest = sequence(sequence(oid(Oid.pbmac1), parameters), octetString(new Uint8Array(32)));
    const file = sequence(version, safe, sequence(digest, octetString(new Uint8Array(8)), integer(1)));
    await expect(readKeyFile(file, { password: 'x' })).rejects.toMatchObject({
      code: 'FORMAT_MALFORMED',
      message: expect.stringContaining('PBMAC1'),
    });
  });
});

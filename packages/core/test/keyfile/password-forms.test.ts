import { createCipheriv, pbkdf2Sync } from 'node:crypto';
import { generateKeyPair, type KeyPair, readKeyFile } from '@certgrant/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Oid } from '../../src/keyfile/object-identifiers.ts';
import { passwordForms } from '../../src/keyfile/passwords.ts';
import { integer, octetString, oid, sequence } from '../../src/lib/der/writer.ts';
import { Workshop } from './support/workshop.ts';

const workshop = new Workshop();
let keyPair: KeyPair;
beforeAll(async () => {
  workshop.makePair('ec', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
  keyPair = await generateKeyPair('P-256');
});
afterAll(() => workshop.remove());

/** An encrypted key whose password stands for these octets. */
function lockedKey(password: Uint8Array): Uint8Array {
  const [salt, iv] = [new Uint8Array(8).fill(1), new Uint8Array(16).fill(2)];
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync(password, salt, 10, 32, 'sha1'), iv);
  const ciphertext = Buffer.concat([cipher.update(keyPair.pkcs8), cipher.final()]);
  const derivation = sequence(oid(Oid.pbkdf2), sequence(octetString(salt), integer(10)));
  const scheme = sequence(derivation, sequence(oid(Oid.aes256Cbc), octetString(iv)));
  return sequence(sequence(oid(Oid.pbes2), scheme), octetString(ciphertext));
}

describe('readKeyFile opens a key that was locked', () => {
  it.each<[string, string, Uint8Array]>([
    ['in UTF-8', 'Größe', Buffer.from('Größe', 'utf8')],
    ['in Latin-1, as node-forge does it', 'Größe', Buffer.from('Größe', 'latin1')],
    ['in UTF-16, as NSS did it', 'Größe', Buffer.from('Größe\0', 'utf16le').swap16()],
    ['in UTF-16 with an ASCII password', 'secret', Buffer.from('secret\0', 'utf16le').swap16()],
    ['with the letters taken apart', 'Größe'.normalize('NFC'), Buffer.from('Größe'.normalize('NFD'))],
    ['with the letters put together', 'Größe'.normalize('NFD'), Buffer.from('Größe'.normalize('NFC'))],
    ['with no password', '', new Uint8Array()],
    ['with the final zero of no password', '', new Uint8Array(2)],
  ])('%s', async (_, password, octets) => {
    const { privateKeys } = await readKeyFile(lockedKey(octets), { password });
    expect(privateKeys[0]?.pkcs8).toEqual(keyPair.pkcs8);
  });
});

it('readKeyFile opens a PFX of an OpenSSL that took the octets of UTF-8 for characters', async () => {
  const asCharacters = Buffer.from('Größe', 'utf8').toString('latin1');
  const file = workshop.pfx('ec', asCharacters, '-legacy');
  expect((await readKeyFile(file, { password: 'Größe' })).privateKeys).toHaveLength(1);
});

it('passwordForms has one form of an ASCII password for PKCS#12, so that a wrong one costs one derivation', () => {
  expect(passwordForms('secret').pkcs12).toEqual([new Uint8Array(Buffer.from('secret\0', 'utf16le').swap16())]);
  expect(passwordForms('secret').octets[0]).toEqual(new Uint8Array(Buffer.from('secret')));
});

it('passwordForms has both forms of no password', () => {
  for (const none of ['', undefined]) expect(passwordForms(none).pkcs12.map(({ length }) => length)).toEqual([0, 2]);
});

import { createHmac, pbkdf2Sync } from 'node:crypto';
import { generateKeyPair, type KeyPair, readKeyFile } from '@certgrant/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Oid } from '../../src/keyfile/object-identifiers.ts';
import {
  explicit,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  setOf,
  utf8String,
} from '../../src/lib/der/writer.ts';

/** PKCS#12 files that no tool at hand writes, put together by hand. */
let keyPair: KeyPair;
beforeAll(async () => {
  keyPair = await generateKeyPair('P-256');
});

const data = (contents: Uint8Array): Uint8Array => sequence(oid(Oid.data), explicit(0, octetString(contents)));
const bag = (type: string, value: Uint8Array, ...attributes: Uint8Array[]): Uint8Array =>
  sequence(oid(type), explicit(0, value), ...(attributes.length === 0 ? [] : [setOf(...attributes)]));
const attribute = (type: string, ...values: Uint8Array[]): Uint8Array => sequence(oid(type), setOf(...values));
const safe = (...bags: Uint8Array[]): Uint8Array => sequence(data(sequence(...bags)));
const pfx = (authenticatedSafe: Uint8Array, ...mac: Uint8Array[]): Uint8Array =>
  sequence(integer(3), data(authenticatedSafe), ...mac);
const keyBag = (...attributes: Uint8Array[]): Uint8Array => bag(Oid.keyBag, keyPair.pkcs8, ...attributes);

describe('readKeyFile', () => {
  it('passes over secrets, revocation lists and bags of unknown types', async () => {
    const secret = sequence(oid('1.2.3'), explicit(0, octetString(new Uint8Array(3))));
    const list = sequence(oid('1.2.840.113549.1.9.23.1'), explicit(0, octetString(new Uint8Array(3))));
    const sdsi = sequence(oid('1.2.840.113549.1.9.22.2'), explicit(0, octetString(new Uint8Array(3))));
    const bags = [
      bag(Oid.secretBag, secret),
      bag(Oid.revocationListBag, list),
      bag('1.2.3.4', secret),
      bag(Oid.certificateBag, sdsi),
    ];
    const { privateKeys, skipped } = await readKeyFile(pfx(safe(...bags, keyBag())));
    expect(privateKeys).toHaveLength(1);
    expect(skipped).toEqual([
      'a secret',
      'a certificate revocation list',
      'a bag of the unknown type 1.2.3.4',
      'a certificate of another kind than X.509',
    ]);
  });

  it('opens bags within bags', async () => {
    const nested = bag(Oid.safeContentsBag, sequence(bag(Oid.safeContentsBag, sequence(keyBag()))));
    expect((await readKeyFile(pfx(safe(nested)))).privateKeys).toHaveLength(1);
  });

  it('reads names in other text types and passes over attributes that it does not understand', async () => {
    const attributes = [
      attribute(Oid.friendlyName, utf8String('daemon')),
      attribute(Oid.localKeyId, utf8String('not octets')),
      attribute('1.3.6.1.4.1.311.17.1', nullValue()),
      attribute('1.2.3'),
    ];
    const { privateKeys } = await readKeyFile(pfx(safe(keyBag(...attributes))));
    expect(privateKeys[0]).toMatchObject({ friendlyName: 'daemon' });
    expect(privateKeys[0]?.localKeyId).toBeUndefined();
    expect((await readKeyFile(pfx(safe(keyBag(attribute(Oid.friendlyName, integer(1))))))).privateKeys).toHaveLength(1);
  });

  it('opens a file sealed with PBMAC1', async () => {
    const contents = safe(keyBag());
    const salt = new Uint8Array(8);
    const parameters = sequence(
      sequence(oid(Oid.pbkdf2), sequence(octetString(salt), integer(10), integer(32), sequence(oid(Oid.hmacSha512)))),
      sequence(oid(Oid.hmacSha256)),
    );
    const mac = createHmac('sha256', pbkdf2Sync('Größe', salt, 10, 32, 'sha512'))
      .update(contents)
      .digest();
    const digestInfo = sequence(sequence(oid(Oid.pbmac1), parameters), octetString(mac));
    const file = pfx(contents, sequence(digestInfo, octetString(new Uint8Array(8)), integer(1)));
    expect((await readKeyFile(file, { password: 'Größe' })).privateKeys).toHaveLength(1);
    await expect(readKeyFile(file, { password: 'x' })).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
    await expect(readKeyFile(file)).rejects.toMatchObject({ code: 'PASSWORD_REQUIRED' });
  });

  it('answers with nothing for a file with nothing in it', async () => {
    expect(await readKeyFile(pfx(sequence()))).toEqual({
      format: 'pfx',
      privateKeys: [],
      certificates: [],
      skipped: [],
    });
  });

  it.each<[string, () => Uint8Array, string]>([
    ['version 1', () => sequence(integer(2), data(safe(keyBag()))), 'FORMAT_MALFORMED'],
    [
      'a seal by a signature',
      () => sequence(integer(3), sequence(oid(Oid.signedData), explicit(0, sequence()))),
      'FORMAT_UNSUPPORTED',
    ],
    [
      'encryption to a public key',
      () => pfx(sequence(sequence(oid(Oid.envelopedData), explicit(0, sequence())))),
      'FORMAT_UNSUPPORTED',
    ],
    ['no contents', () => sequence(integer(3), sequence(oid(Oid.data))), 'FORMAT_MALFORMED'],
    [
      'a part of an unknown type',
      () => pfx(sequence(sequence(oid('1.2.3'), explicit(0, sequence())))),
      'FORMAT_MALFORMED',
    ],
    ['a key that is none', () => pfx(safe(bag(Oid.keyBag, sequence()))), 'FORMAT_MALFORMED'],
    [
      'a certificate that is none',
      () =>
        pfx(
          safe(
            bag(Oid.certificateBag, sequence(oid(Oid.x509Certificate), explicit(0, octetString(new Uint8Array(2))))),
          ),
        ),
      'FORMAT_MALFORMED',
    ],
    ['a secret only', () => pfx(safe(bag(Oid.secretBag, sequence()))), 'FORMAT_UNSUPPORTED'],
  ])('refuses a file with %s', async (_, file, code) => {
    await expect(readKeyFile(file())).rejects.toMatchObject({ code });
  });
});

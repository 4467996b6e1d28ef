import { generateKeyPair, isCertgrantError, readKeyFile, writePem, writePfx } from '@certgrant/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBer } from './support/ber.ts';
import { found, Workshop } from './support/workshop.ts';

/** Not a slow machine but a loop without end is what this guards against. */
const longest = 5_000;
const password = 'x';
const workshop = new Workshop();
const files = new Map<string, Uint8Array>();
const fingerprints = new Set<string>();

beforeAll(async () => {
  workshop.makePair('ec', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
  workshop.makePair('rsa', 'rsa:1024');
  for (const name of ['ec', 'rsa']) {
    const { key, certificate } = workshop.fingerprints(name);
    fingerprints.add(key).add(certificate);
  }
  const few = ['-iter', '10'];
  files.set('a PFX', workshop.pfx('ec', password, ...few));
  files.set('a PFX without a MAC', workshop.pfx('rsa', password, '-nomac', ...few));
  files.set('a PFX in the clear', workshop.pfx('rsa', password, '-nomac', '-certpbe', 'NONE', '-keypbe', 'NONE'));
  files.set('an old PFX', workshop.pfx('ec', password, '-legacy', '-nomac', ...few));
  files.set('a PFX in BER', toBer(workshop.pfx('ec', password, '-nomac', '-certpbe', 'NONE', '-keypbe', 'NONE')));
  files.set('a PEM file', Buffer.from(workshop.text('rsa.key') + workshop.text('rsa.crt')));
  workshop.openssl(
    'rsa',
    '-traditional',
    '-aes128',
    '-passout',
    `pass:${password}`,
    '-in',
    'rsa.key',
    '-out',
    'old.key',
  );
  files.set('an old encrypted PEM file', workshop.read('old.key'));
  workshop.openssl(
    'pkcs8',
    '-topk8',
    '-iter',
    '10',
    '-passout',
    `pass:${password}`,
    '-in',
    'ec.key',
    '-out',
    'new.key',
  );
  files.set('an encrypted PEM file', workshop.read('new.key'));
  workshop.openssl('pkcs8', '-topk8', '-nocrypt', '-outform', 'DER', '-in', 'ec.key', '-out', 'ec.der');
  files.set('a DER key', workshop.read('ec.der'));
  workshop.openssl('crl2pkcs7', '-nocrl', '-certfile', 'rsa.crt', '-outform', 'DER', '-out', 'a.p7b');
  files.set('a .p7b file', workshop.read('a.p7b'));
  const { privateKeys } = await readKeyFile(workshop.read('rsa.key'));
  const web = await crypto.subtle.importKey(
    'pkcs8',
    privateKeys[0]?.pkcs8 ?? new Uint8Array(),
    { name: 'RSA-PSS', hash: 'SHA-256' },
    true,
    ['sign'],
  );
  files.set('a JWK', Buffer.from(JSON.stringify(await crypto.subtle.exportKey('jwk', web))));
});
afterAll(() => workshop.remove());

type Mutation = (file: Uint8Array) => Uint8Array;
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.nat(255)).map(
    ([at, octet]): Mutation =>
      (file) => {
        const changed = new Uint8Array(file);
        changed[Math.floor(at * file.length)] = octet;
        return changed;
      },
  ),
  // A single bit, in the first octets more often: there the structure is.
  fc.tuple(place, fc.nat(7)).map(
    ([at, bit]): Mutation =>
      (file) => {
        const changed = new Uint8Array(file);
        const index = Math.floor(at * Math.min(200, file.length));
        changed[index] = (changed[index] ?? 0) ^ (1 << bit);
        return changed;
      },
  ),
  place.map(
    (at): Mutation =>
      (file) =>
        file.slice(0, Math.floor(at * file.length)),
  ),
  fc.tuple(place, fc.uint8Array({ maxLength: 8 })).map(
    ([at, octets]): Mutation =>
      (file) => {
        const index = Math.floor(at * file.length);
        return Buffer.concat([file.subarray(0, index), octets, file.subarray(index)]);
      },
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 20 })).map(
    ([at, length]): Mutation =>
      (file) => {
        const index = Math.floor(at * file.length);
        return Buffer.concat([file.subarray(0, index), file.subarray(index + length)]);
      },
  ),
);

async function readOrTypedError(file: Uint8Array): Promise<void> {
  const start = performance.now();
  try {
    const contents = await readKeyFile(file, { password });
    // What comes out in spite of the change is what went in, except where nothing protects it: an EC point or a certificate.
    for (const { publicKey, pkcs8 } of contents.privateKeys) {
      if (publicKey.type === 'RSA') expect(fingerprints).toContain(found(contents).keys[0]);
      expect(pkcs8.length).toBeGreaterThan(30);
    }
  } catch (thrown) {
    if (!isCertgrantError(thrown)) throw thrown;
    expect(`${thrown.message} ${thrown.fix}`).not.toMatch(/undefined|NaN|\[object/);
  }
  expect(performance.now() - start).toBeLessThan(longest);
}

describe('readKeyFile ends in a typed error or the right key', () => {
  it.each([
    'a PFX',
    'a PFX without a MAC',
    'a PFX in the clear',
    'an old PFX',
    'a PFX in BER',
    'a PEM file',
    'an old encrypted PEM file',
    'an encrypted PEM file',
    'a DER key',
    'a .p7b file',
    'a JWK',
  ])('whatever happened to %s', async (name) => {
    const file = files.get(name) ?? new Uint8Array();
    const mutations = fc.array(mutation, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(mutations, (changes) =>
        readOrTypedError(changes.reduce((octets, change) => change(octets), file)),
      ),
      { numRuns: 80 },
    );
  });

  it('for any octets and any text', async () => {
    const file = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint16Array({ maxLength: 200 }).map((units) => Buffer.from(String.fromCharCode(...units))),
      fc.uint8Array({ maxLength: 100 }).map((octets) => Buffer.from(Buffer.from(octets).toString('base64'))),
      fc.json().map((text) => Buffer.from(text)),
    );
    await fc.assert(fc.asyncProperty(file, readOrTypedError), { numRuns: 200 });
  });

  it('for PEM blocks around any octets', async () => {
    const label = fc.constantFrom(
      'PRIVATE KEY',
      'RSA PRIVATE KEY',
      'ENCRYPTED PRIVATE KEY',
      'CERTIFICATE',
      'PKCS12',
      'PKCS7',
      'X',
    );
    await fc.assert(
      fc.asyncProperty(label, fc.uint8Array({ maxLength: 100 }), (name, octets) =>
        readOrTypedError(
          Buffer.from(`-----BEGIN ${name}-----\n${Buffer.from(octets).toString('base64')}\n-----END ${name}-----`),
        ),
      ),
      { numRuns: 150 },
    );
  });
});

it('writePfx and writePem write what readKeyFile reads, for any name and password', async () => {
  const { pkcs8 } = await generateKeyPair('P-256');
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  const word = text.filter((given) => given === given.normalize('NFC') && !given.includes('\0'));
  await fc.assert(
    fc.asyncProperty(word, word, async (secret, friendlyName) => {
      const pfx = await writePfx(
        { pkcs8, certificates: [], friendlyName },
        { password: secret, encryption: 'tripledes-sha1' },
      );
      const [key] = (await readKeyFile(pfx, { password: secret })).privateKeys;
      expect([key?.friendlyName, key?.pkcs8]).toEqual([friendlyName, pkcs8]);
      const pem = await writePem({ pkcs8, certificates: [] }, { password: secret });
      expect((await readKeyFile(Buffer.from(pem), { password: secret })).privateKeys[0]?.pkcs8).toEqual(pkcs8);
    }),
    { numRuns: 5 },
  );
});

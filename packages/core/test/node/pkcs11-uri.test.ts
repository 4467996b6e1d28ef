import { isCertgrantError } from '@certgrant/core';
import { isPkcs11Uri, type Pkcs11Uri, parsePkcs11Uri } from '@certgrant/core/node';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

/** What the URI names, without what it leaves open. */
function parsed(uri: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parsePkcs11Uri(uri)).filter(([, value]) => value !== undefined));
}

describe('parsePkcs11Uri', () => {
  test.each<[string, Pkcs11Uri]>([
    ['pkcs11:', {}],
    ['PKCS11:token=a', { token: 'a' }],
    // The examples of RFC 7512 §3.
    ['pkcs11:object=my-pubkey;type=private', { object: 'my-pubkey', type: 'private' }],
    [
      'pkcs11:token=Software%20PKCS%2311%20softtoken;manufacturer=Snake%20Oil,%20Inc.?pin-source=/etc/token_pin',
      { token: 'Software PKCS#11 softtoken', manufacturer: 'Snake Oil, Inc.', pinSource: '/etc/token_pin' },
    ],
    [
      'pkcs11:object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91?module-path=/usr/lib/libmypkcs11.so.1',
      {
        object: 'my-certificate',
        type: 'cert',
        id: new Uint8Array([0x69, 0x95, 0x3e, 0x5c, 0xf4, 0xbd, 0xec, 0x91]),
        modulePath: '/usr/lib/libmypkcs11.so.1',
      },
    ],
    [
      'pkcs11:slot-description=Sun%20Metaslot;slot-id=327;slot-manufacturer=M',
      { slotDescription: 'Sun Metaslot', slotId: 327, slotManufacturer: 'M' },
    ],
    [
      'pkcs11:library-manufacturer=Snake%20Oil;library-description=Soft%20Token%20Library;library-version=1.23',
      {
        libraryManufacturer: 'Snake Oil',
        libraryDescription: 'Soft Token Library',
        libraryVersion: { major: 1, minor: 23 },
      },
    ],
    ['pkcs11:library-version=3', { libraryVersion: { major: 3, minor: 0 } }],
    ['pkcs11:token=;serial=DECC0401648;model=1', { token: '', serial: 'DECC0401648', model: '1' }],
    ['pkcs11:object=A%20name%20with%20a%20substring%20%25%3B', { object: 'A name with a substring %;' }],
    [
      'pkcs11:token=Name%20with%20a%20small%20A%20with%20acute:%20%C3%A1',
      { token: 'Name with a small A with acute: á' },
    ],
    ['pkcs11:?module-name=softhsm2', { moduleName: 'softhsm2' }],
    // What people type without encoding it.
    ['pkcs11:token=My token', { token: 'My token' }],
    ['pkcs11:id=abc', { id: new Uint8Array([0x61, 0x62, 0x63]) }],
    ['pkcs11:token=a=b', { token: 'a=b' }],
    ['pkcs11:?x-vendor=1&x-vendor=2;3&module-path=C:\\p11.dll', { modulePath: 'C:\\p11.dll' }],
  ])('parsePkcs11Uri reads %s', (uri, expected) => {
    expect(parsed(uri)).toEqual(expected);
  });

  test.each([
    ['/etc/pin', '/etc/pin'],
    ['pin.txt', 'pin.txt'],
    ['file:/etc/a%2520pin', '/etc/a pin'],
    ['file:///etc/pin', '/etc/pin'],
    ['file:secrets/pin', 'secrets/pin'],
    ['C:\\pin.txt', 'C:\\pin.txt'],
  ])('parsePkcs11Uri takes pin-source=%s as a file', (source, path) => {
    expect(parsePkcs11Uri(`pkcs11:?pin-source=${source}`).pinSource).toBe(path);
  });

  test.each([
    ['token=a', 'does not begin with pkcs11:'],
    ['pkcs11:token', 'no attribute of the form name=value'],
    ['pkcs11:token=a;', 'no attribute of the form name=value'],
    ['pkcs11:token=a;=b', 'no attribute of the form name=value'],
    ['pkcs11:token=a;token=b', 'token stands there twice'],
    ['pkcs11:?module-path=a&module-path=b', 'module-path stands there twice'],
    ['pkcs11:tokn=a', 'does not know the attribute tokn'],
    ['pkcs11:x-vendor=a', 'does not know the attribute x-vendor'],
    ['pkcs11:token=%4', 'in token a % is not followed'],
    ['pkcs11:token=100%', 'in token a % is not followed'],
    ['pkcs11:token=%FF', 'the value of token is not UTF-8'],
    ['pkcs11:token=a%00b', 'the value of token has a null character'],
    ['pkcs11:slot-id=0x1', 'slot-id is not a decimal number'],
    ['pkcs11:slot-id=', 'slot-id is not a decimal number'],
    ['pkcs11:library-version=1.2.3', 'library-version is not of the form'],
    ['pkcs11:type=public', 'type is neither private nor cert'],
    ['pkcs11:module-path=a', 'module-path stands before the question mark'],
    ['pkcs11:?token=a', 'token stands after the question mark'],
    ['pkcs11:?module-path=a;pin-source=b', 'the value of module-path has a semicolon'],
    ['pkcs11:?pin-source=', 'pin-source is empty'],
    ['pkcs11:?pin-source=|/bin/pin', 'pin-source is a program'],
    ['pkcs11:?pin-source=https://example.com', 'a URI of another kind than file:'],
    ['pkcs11:?pin-source=file://elsewhere/pin', 'not the URI of a file on this machine'],
  ])('parsePkcs11Uri refuses %s', (uri, message) => {
    expect(() => parsePkcs11Uri(uri)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(message) }),
    );
  });

  test.each(['pkcs11:?pin-value=s3cret', 'pkcs11:pin-value=s3cret', 'pkcs11:tokn=a?pin-source=|x&pin-value=s3cret'])(
    'parsePkcs11Uri takes no PIN in %s, and does not repeat it',
    (uri) => {
      const refusal = expect.objectContaining({
        code: 'USAGE',
        message: expect.stringMatching(/pin-value would show the PIN/),
        fix: expect.stringMatching(/pin-source=file.*--password-file/),
      });
      expect(() => parsePkcs11Uri(uri)).toThrow(refusal);
      expect(() => parsePkcs11Uri(uri)).not.toThrow(/s3cret/);
    },
  );

  test('parsePkcs11Uri gives back every text that is percent-encoded', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
    fc.assert(
      fc.property(text, text, fc.uint8Array(), (token, object, octets) => {
        const id = [...octets].map((octet) => `%${octet.toString(16).padStart(2, '0')}`).join('');
        const uri = `pkcs11:token=${encodeURIComponent(token)};id=${id};object=${encodeURIComponent(object)}`;
        expect(parsed(uri)).toEqual({ token, object, id: octets });
      }),
    );
  });

  test('parsePkcs11Uri takes or refuses whatever it is given', () => {
    const piece = fc.constantFrom('token', 'id', 'pin-source', 'file:', '=', ';', '?', '&', '%', '%41', '/', '|', 'é');
    const input = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(piece, fc.string({ maxLength: 3 }))).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(input, (rest) => {
        try {
          parsePkcs11Uri(`pkcs11:${rest}`);
        } catch (thrown) {
          expect(isCertgrantError(thrown) && thrown.code).toBe('USAGE');
        }
      }),
    );
  });
});

test('isPkcs11Uri tells a URI from a path', () => {
  expect(['pkcs11:', 'PKCS11:token=a', 'pkcs11', './pkcs11:a', 'file.pem'].map(isPkcs11Uri)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

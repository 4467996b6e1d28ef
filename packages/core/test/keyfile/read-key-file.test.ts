import { generateKeyPair, readKeyFile, toBase64Url } from '@certgrant/core';
import { describe, expect, it } from 'vitest';
import { DerReader } from '../../src/lib/der/reader.ts';
import { sha256 } from './support/workshop.ts';

const text = (content: string): Uint8Array => Buffer.from(content);
const nested = (depth: number): string => JSON.stringify({ value: depth === 1 ? '' : nested(depth - 1) });

describe('readKeyFile says what a file is that is no key file', () => {
  it.each<[string, Uint8Array, string, string]>([
    ['an empty file', new Uint8Array(), 'FILE_EMPTY', 'empty'],
    ['5 MB', new Uint8Array(5_000_000), 'FILE_TOO_LARGE', '4 MB'],
    ['a web page', text('<!DOCTYPE html><html><body>Sign in</body></html>'), 'FORMAT_UNSUPPORTED', 'web page'],
    ['an XML document', text('<?xml version="1.0"?><RSAKeyValue/>'), 'FORMAT_UNSUPPORTED', 'XML'],
    ['a text', text('Dear Sir, your certificate is attached'), 'FORMAT_UNKNOWN', 'text'],
    ['a JKS keystore', Buffer.from('feedfeed0000000200000001', 'hex'), 'FORMAT_UNSUPPORTED', 'JKS'],
    ['a JCEKS keystore', Buffer.from('cececece0000000200000001', 'hex'), 'FORMAT_UNSUPPORTED', 'JCEKS'],
    ['a ZIP archive', Buffer.from('504b030414000000', 'hex'), 'FORMAT_UNSUPPORTED', 'ZIP'],
    ['a PDF document', text('%PDF-1.7\n\0'), 'FORMAT_UNSUPPORTED', 'PDF'],
    ['an NSS database', text('SQLite format 3\0'), 'FORMAT_UNSUPPORTED', 'SQLite'],
    ['a PuTTY key', text('PuTTY-User-Key-File-3: ssh-rsa\n'), 'FORMAT_UNSUPPORTED', 'PuTTY'],
    ['an SSH public key', text('ssh-rsa AAAAB3NzaC1yc2E me@host'), 'FORMAT_UNSUPPORTED', 'SSH public key'],
    [
      'an OpenSSH private key',
      text('-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE=\n-----END OPENSSH PRIVATE KEY-----'),
      'FORMAT_UNSUPPORTED',
      'OpenSSH',
    ],
    [
      'an OpenPGP key',
      text('-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQVYBF==\n-----END PGP PRIVATE KEY BLOCK-----'),
      'FORMAT_UNSUPPORTED',
      'OpenPGP',
    ],
    ['random octets', Buffer.from('ff00aa55ff00aa55', 'hex'), 'FORMAT_UNKNOWN', 'no key file'],
    ['JSON in JSON in JSON in JSON', text(nested(4)), 'FORMAT_UNKNOWN', 'no JWK'],
    ['JSON that is no JWK', text('{"tenant":"contoso"}'), 'FORMAT_UNKNOWN', 'no JWK'],
    ['JSON that is cut short', text('{"kty":"RSA",'), 'FORMAT_MALFORMED', 'JSON'],
    ['a line that only looks like PEM', text('-----BEGIN nothing'), 'FORMAT_UNKNOWN', 'no PEM block'],
    [
      'base64 of nothing known',
      text(Buffer.from('hello, hello, hello, hello').toString('base64')),
      'FORMAT_UNKNOWN',
      '',
    ],
    ['a DER structure of another kind', Buffer.from('300506032a0304', 'hex'), 'FORMAT_UNKNOWN', ''],
  ])('%s', async (_, file, code, word) => {
    await expect(readKeyFile(file)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(word),
      fix: expect.stringMatching(/^[A-Z].+[^.]$/),
    });
  });
});

it('readKeyFile says of a public key that the private one is missing', async () => {
  const { spki } = await generateKeyPair('P-256');
  const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(spki).toString('base64')}\n-----END PUBLIC KEY-----`;
  for (const file of [spki, text(pem)]) {
    await expect(readKeyFile(file)).rejects.toMatchObject({
      code: 'FORMAT_UNSUPPORTED',
      message: expect.stringContaining('a public key'),
    });
  }
});

describe('readKeyFile opens', () => {
  it.each(['RSA-2048', 'P-256', 'P-384'] as const)('a JWK of the type %s', async (algorithm) => {
    const { pkcs8, spki } = await generateKeyPair(algorithm);
    const jwk = { ...(await exportJwk(pkcs8, algorithm)), kid: 'key-1' };
    for (const json of [jwk, { keys: [jwk] }, [jwk]]) {
      const contents = await readKeyFile(text(JSON.stringify(json)));
      expect(contents.format).toBe('jwk');
      expect(contents.privateKeys.map(({ publicKey }) => sha256(publicKey.spki))).toEqual([sha256(spki)]);
      expect(contents.privateKeys[0]?.friendlyName).toBe('key-1');
    }
  });

  it('a JWK with the RSA key in three numbers as the same key', async () => {
    const { pkcs8 } = await generateKeyPair('RSA-2048');
    const { kty, n, e, d } = await exportJwk(pkcs8, 'RSA-2048');
    const contents = await readKeyFile(text(JSON.stringify({ kty, n, e, d })));
    expect(contents.privateKeys).toEqual((await readKeyFile(pkcs8)).privateKeys);
  });

  it('the PEM or base64 in the JSON of a secret from Azure Key Vault', async () => {
    const { pkcs8 } = await generateKeyPair('P-256');
    const base64 = Buffer.from(pkcs8).toString('base64');
    const pem = `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
    const expected = (await readKeyFile(pkcs8)).privateKeys;
    for (const value of [base64, pem]) {
      const json = JSON.stringify({ attributes: { enabled: true }, contentType: 'application/x-pkcs12', value });
      expect((await readKeyFile(text(json))).privateKeys).toEqual(expected);
    }
  });

  it('the private keys of a JWK Set and passes over the others', async () => {
    const keys = await Promise.all(
      (['P-256', 'P-384'] as const).map(async (curve) => exportJwk((await generateKeyPair(curve)).pkcs8, curve)),
    );
    const set = [...keys, { kty: 'oct', k: toBase64Url(new Uint8Array(32)) }, { ...keys[0], d: undefined }];
    const contents = await readKeyFile(text(JSON.stringify({ keys: set })));
    expect(contents.privateKeys.map(({ publicKey }) => publicKey.curve)).toEqual(['P-256', 'P-384']);
    expect(contents.skipped).toEqual(['a symmetric key', 'a public key']);
  });

  it('an RSA key whose numbers miss the zero before their high bit', async () => {
    const { pkcs8 } = await generateKeyPair('RSA-2048');
    const expected = await readKeyFile(pkcs8);
    const file = new Uint8Array(pkcs8);
    const info = new DerReader(file).sequence();
    info.element();
    info.element();
    const numbers = new DerReader(info.octetString()).sequence();
    const values = Array.from({ length: 9 }, () => numbers.integerBytes());
    const bare = values.map((value) => (value.length > 1 && value[0] === 0 ? value.subarray(1) : value));
    const inner = bare.map((value) => der(0x02, value));
    const contents = await readKeyFile(der(0x30, Buffer.concat(inner)));
    expect(contents.privateKeys[0]?.pkcs8).toEqual(expected.privateKeys[0]?.pkcs8);
  });
});

it.each([
  ['without its leading zeros', 0],
  ['with a zero too many', 33],
])('readKeyFile opens an EC key whose number is written %s, as the same key', async (_, length) => {
  const number = Buffer.alloc(32);
  number[31] = 5;
  const file = (octets: Uint8Array): Uint8Array =>
    der(0x30, Buffer.concat([der(0x02, Buffer.from([1])), der(0x04, octets), der(0xa0, Buffer.from(p256, 'hex'))]));
  const other = length === 0 ? Buffer.from([5]) : Buffer.concat([Buffer.alloc(1), number]);
  const [expected, contents] = [await readKeyFile(file(number)), await readKeyFile(file(other))];
  expect(contents.privateKeys[0]?.pkcs8).toEqual(expected.privateKeys[0]?.pkcs8);
  expect(contents.privateKeys[0]?.publicKey.curve).toBe('P-256');
});
const p256 = '06082a8648ce3d030107';

describe('readKeyFile refuses a JWK', () => {
  it.each([
    ['without its modulus', { kty: 'RSA', d: 'AQAB' }, 'FORMAT_MALFORMED'],
    [
      'whose numbers do not belong together',
      { kty: 'RSA', n: 'Dw', e: 'Aw', d: 'Aw', p: 'Aw', q: 'Bw', dp: 'AQ', dq: 'AQ', qi: 'AQ' },
      'FORMAT_MALFORMED',
    ],
    ['whose three numbers do not belong together', { kty: 'RSA', n: 'Dw', e: 'Aw', d: 'BQ' }, 'FORMAT_MALFORMED'],
    [
      'with a modulus of impossible length',
      { kty: 'RSA', n: 'A'.repeat(3000), e: 'Aw', d: 'Aw' },
      'FORMAT_UNSUPPORTED',
    ],
    ['with some of the other numbers', { kty: 'RSA', n: 'Dw', e: 'Aw', d: 'Aw', q: 'Aw' }, 'FORMAT_MALFORMED'],
    [
      'with a number longer than its curve',
      { kty: 'EC', crv: 'P-256', d: 'A'.repeat(60), x: 'B'.repeat(60), y: 'A' },
      'FORMAT_MALFORMED',
    ],
    ['of an unknown curve', { kty: 'EC', crv: 'P-999', d: 'AA', x: 'AA', y: 'AA' }, 'FORMAT_UNSUPPORTED'],
    ['of an unknown type', { kty: 'XYZ', d: 'AA' }, 'FORMAT_UNSUPPORTED'],
    ['with a certificate that is none', { kty: 'RSA', x5c: ['AAAA'] }, 'FORMAT_MALFORMED'],
  ])('%s', async (_, jwk, code) => {
    await expect(readKeyFile(text(JSON.stringify(jwk)))).rejects.toMatchObject({ code });
  });
});

async function exportJwk(pkcs8: Uint8Array<ArrayBuffer>, algorithm: string): Promise<JsonWebKey> {
  const web = algorithm.startsWith('RSA')
    ? { name: 'RSA-PSS', hash: 'SHA-256' }
    : { name: 'ECDSA', namedCurve: algorithm };
  return crypto.subtle.exportKey('jwk', await crypto.subtle.importKey('pkcs8', pkcs8, web, true, ['sign']));
}

function der(tag: number, contents: Uint8Array): Uint8Array {
  const { length } = contents;
  const header = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...header]), contents]);
}

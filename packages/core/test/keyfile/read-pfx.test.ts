import { readKeyFile } from '@certgrant/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBer } from './support/ber.ts';
import { found, legacy, Workshop } from './support/workshop.ts';

const workshop = new Workshop();
const password = 'Passw0rd!';

beforeAll(() => {
  workshop.makePair('rsa');
  workshop.makePair('ec', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
});
afterAll(() => workshop.remove());

async function expectPair(name: string, file: Uint8Array, given: string | undefined): Promise<void> {
  const contents = await readKeyFile(file, { password: given });
  const { key, certificate } = workshop.fingerprints(name);
  expect(contents.format).toBe('pfx');
  expect(found(contents)).toEqual({ keys: [key], certificates: [certificate] });
}

describe('readKeyFile opens PKCS#12 files of OpenSSL', () => {
  it.each([
    ['as OpenSSL 3 makes them', []],
    ['as OpenSSL 3 makes them with -legacy: RC2-40, triple DES, SHA-1', ['-legacy']],
    ['RC4-128', ['-certpbe', 'PBE-SHA1-RC4-128', '-keypbe', 'PBE-SHA1-RC4-128', ...legacy]],
    ['RC4-40', ['-certpbe', 'PBE-SHA1-RC4-40', '-keypbe', 'PBE-SHA1-RC4-40', ...legacy]],
    ['triple DES', ['-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES']],
    ['triple DES of two keys', ['-certpbe', 'PBE-SHA1-2DES', '-keypbe', 'PBE-SHA1-2DES']],
    ['RC2-128', ['-certpbe', 'PBE-SHA1-RC2-128', '-keypbe', 'PBE-SHA1-RC2-128', ...legacy]],
    ['RC2-40', ['-certpbe', 'PBE-SHA1-RC2-40', '-keypbe', 'PBE-SHA1-RC2-40', ...legacy]],
    ['MD5 and DES', ['-certpbe', 'PBE-MD5-DES', '-keypbe', 'PBE-MD5-DES', ...legacy]],
    ['SHA-1 and DES', ['-certpbe', 'PBE-SHA1-DES', '-keypbe', 'PBE-SHA1-DES', ...legacy]],
    ['MD5 and RC2', ['-certpbe', 'PBE-MD5-RC2-64', '-keypbe', 'PBE-MD5-RC2-64', ...legacy]],
    ['PBES2 with AES-128', ['-certpbe', 'AES-128-CBC', '-keypbe', 'AES-128-CBC']],
    ['PBES2 with AES-192', ['-certpbe', 'AES-192-CBC', '-keypbe', 'AES-192-CBC']],
    ['PBES2 with triple DES', ['-certpbe', 'DES-EDE3-CBC', '-keypbe', 'DES-EDE3-CBC']],
    ['PBES2 with DES', ['-certpbe', 'DES-CBC', '-keypbe', 'DES-CBC', ...legacy]],
    ['PBES2 with RC2', ['-certpbe', 'RC2-CBC', '-keypbe', 'RC2-CBC', ...legacy]],
    ['no encryption, only a MAC', ['-certpbe', 'NONE', '-keypbe', 'NONE']],
    ['certificates in the clear', ['-certpbe', 'NONE']],
    ['no MAC', ['-nomac']],
    ['a MAC of one iteration', ['-nomaciter']],
    ['no iterations', ['-noiter', '-nomaciter']],
    ['a name', ['-name', 'My daemon', '-CSP', 'Microsoft Enhanced RSA and AES Cryptographic Provider', '-LMK']],
  ])('%s', async (_, args) => {
    await expectPair('rsa', workshop.pfx('rsa', password, ...args), password);
  });

  it.each([
    'md5',
    'sha1',
    'sha224',
    'sha256',
    'sha384',
    'sha512',
    'sha512-224',
    'sha512-256',
    'sha3-256',
    'blake2b512',
    'ripemd160',
  ])('a MAC with %s', async (hash) => {
    await expectPair('rsa', workshop.pfx('rsa', password, '-macalg', hash), password);
    await expect(readKeyFile(workshop.read('made.pfx'), { password: 'other' })).rejects.toMatchObject({
      code: 'PASSWORD_WRONG',
    });
  });

  it('an EC key', async () => {
    await expectPair('ec', workshop.pfx('ec', password), password);
  });

  it('100,000 iterations', async () => {
    await expectPair('rsa', workshop.pfx('rsa', password, '-iter', '100000'), password);
    await expectPair('rsa', workshop.pfx('rsa', password, '-iter', '100000', '-legacy'), password);
  });

  it.each([
    ['é', []],
    ['é', ['-legacy']],
    ['пароль 世界', []],
    ['пароль 世界', ['-legacy']],
    ['🔑', []],
    ['🔑', ['-legacy']],
  ])('the password %s with %j', async (given, args) => {
    await expectPair('rsa', workshop.pfx('rsa', given, ...args), given);
  });

  it('a password that the keyboard composes in another way than the file', async () => {
    await expectPair('rsa', workshop.pfx('rsa', 'é'.normalize('NFC')), 'é'.normalize('NFD'));
    await expectPair('rsa', workshop.pfx('rsa', 'é'.normalize('NFC'), '-legacy'), 'é'.normalize('NFD'));
  });

  it.each([[[]], [['-legacy']], [['-nomac']]])('an empty password, given or not, with %j', async (args) => {
    const file = workshop.pfx('rsa', '', ...args);
    await expectPair('rsa', file, '');
    await expectPair('rsa', file, undefined);
  });

  it('several keys and certificates, with their names', async () => {
    const pem = ['rsa.key', 'rsa.crt', 'ec.crt'].map((name) => workshop.text(name)).join('');
    workshop.write('all.pem', pem);
    workshop.openssl(
      'pkcs12',
      '-export',
      '-in',
      'all.pem',
      '-name',
      'Ключ',
      '-caname',
      'other',
      '-out',
      'a.pfx',
      '-passout',
      'pass:x',
    );
    const contents = await readKeyFile(workshop.read('a.pfx'), { password: 'x' });
    expect(contents.privateKeys.map(({ friendlyName }) => friendlyName)).toEqual(['Ключ']);
    expect(contents.certificates.map(({ friendlyName }) => friendlyName)).toEqual(['Ключ', 'other']);
    expect(contents.certificates[0]?.localKeyId).toBe(contents.privateKeys[0]?.localKeyId);
  });
});

describe('readKeyFile opens the same PKCS#12 file', () => {
  it.each<[string, (file: Uint8Array) => Uint8Array]>([
    ['in BER, with indefinite lengths and segments', toBer],
    ['as base64 in one line', (file) => Buffer.from(Buffer.from(file).toString('base64'))],
    ['as base64 in lines', (file) => Buffer.from(Buffer.from(file).toString('base64').replaceAll(/.{76}/g, '$&\r\n'))],
    ['as base64 in quotes', (file) => Buffer.from(`"${Buffer.from(file).toString('base64')}"\n`)],
    ['as base64url', (file) => Buffer.from(Buffer.from(file).toString('base64url'))],
    ['as base64 in UTF-16', (file) => Buffer.from(`\ufeff${Buffer.from(file).toString('base64')}`, 'utf16le')],
    [
      'as PEM',
      (file) => Buffer.from(`-----BEGIN PKCS12-----\n${Buffer.from(file).toString('base64')}\n-----END PKCS12-----`),
    ],
    ['with a line break after it', (file) => Buffer.concat([file, Buffer.from('\r\n')])],
    ['filled up with zeros', (file) => Buffer.concat([file, Buffer.alloc(512)])],
  ])('%s', async (_, wrap) => {
    await expectPair('rsa', wrap(workshop.pfx('rsa', password)), password);
  });
});

describe('readKeyFile says of a PKCS#12 file', () => {
  it.each([[[]], [['-legacy']], [['-nomac']], [['-certpbe', 'NONE', '-keypbe', 'NONE']]])(
    'that the password is missing or wrong, with %j',
    async (args) => {
      const file = workshop.pfx('rsa', password, ...args);
      await expect(readKeyFile(file)).rejects.toMatchObject({ code: 'PASSWORD_REQUIRED' });
      await expect(readKeyFile(file, { password: 'wrong' })).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
      await expect(readKeyFile(file, { password: '' })).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
    },
  );

  it('that it is cut short', async () => {
    const file = workshop.pfx('rsa', password);
    for (const length of [1, 2, 3, 10, 100, file.length - 1]) {
      await expect(readKeyFile(file.subarray(0, length), { password })).rejects.toMatchObject({
        code: expect.stringMatching(/^FORMAT_(MALFORMED|UNKNOWN)$/),
      });
    }
  });

  it('that something stands after its end', async () => {
    const file = Buffer.concat([workshop.pfx('rsa', password), Buffer.from('x')]);
    await expect(readKeyFile(file, { password })).rejects.toMatchObject({ code: 'FORMAT_MALFORMED' });
  });

  it('that its cipher is unknown', async () => {
    const file = workshop.pfx('rsa', password, '-certpbe', 'CAMELLIA-256-CBC', '-keypbe', 'CAMELLIA-256-CBC');
    await expect(readKeyFile(file, { password })).rejects.toMatchObject({
      code: 'FORMAT_UNSUPPORTED',
      message: expect.stringContaining('Camellia-256'),
    });
  });
});

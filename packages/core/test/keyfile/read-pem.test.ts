import { readKeyFile } from '@certgrant/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { found, legacy, Workshop } from './support/workshop.ts';

const workshop = new Workshop();
const password = 'Passw0rd!';
/** Key and certificate of each pair, PEM. */
let key = '';
let certificate = '';

beforeAll(() => {
  workshop.makePair('rsa');
  workshop.makePair('ec', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384');
  key = workshop.text('rsa.key');
  certificate = workshop.text('rsa.crt');
});
afterAll(() => workshop.remove());

async function expectRsaPair(file: string | Uint8Array): Promise<void> {
  const contents = await readKeyFile(typeof file === 'string' ? Buffer.from(file) : file, { password });
  const expected = workshop.fingerprints('rsa');
  expect(found(contents)).toEqual({ keys: [expected.key], certificates: [expected.certificate] });
}

async function expectKey(name: string, file: string | Uint8Array, given?: string): Promise<void> {
  const contents = await readKeyFile(typeof file === 'string' ? Buffer.from(file) : file, { password: given });
  expect(found(contents).keys).toEqual([workshop.keyFingerprint(name)]);
}

/** What OpenSSL makes of a private key. */
function converted(name: string, ...args: readonly string[]): Uint8Array {
  workshop.openssl(...args, '-in', `${name}.key`, '-out', 'converted');
  return workshop.read('converted');
}

describe('readKeyFile opens a PEM file with key and certificate', () => {
  it.each<[string, (text: string) => string | Uint8Array]>([
    ['as it is', (text) => text],
    ['with CRLF', (text) => text.replaceAll('\n', '\r\n')],
    ['with CR', (text) => text.replaceAll('\n', '\r')],
    ['with a byte order mark', (text) => `\ufeff${text}`],
    ['in UTF-16LE with a byte order mark', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['in UTF-16LE without one', (text) => Buffer.from(text, 'utf16le')],
    ['in UTF-16BE', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['without the last line break', (text) => text.trimEnd()],
    ['filled up with zeros', (text) => `${text}\0\0\0`],
    ['with blank lines', (text) => text.replaceAll('\n', '\n\n')],
    ['with spaces at the line ends', (text) => text.replaceAll('\n', '  \n')],
    ['indented', (text) => text.replaceAll(/^/gm, '    ')],
    ['with \\n for the line breaks', (text) => text.replaceAll('\n', '\\n')],
    ['with \\r\\n for the line breaks', (text) => text.replaceAll('\n', '\\r\\n')],
    ['as a JSON string', (text) => JSON.stringify({ pem: text })],
    [
      "with .NET's JSON escapes",
      (text) => JSON.stringify({ pem: text }).replaceAll('+', '\\u002B').replaceAll('/', '\\/'),
    ],
    ['with spaces for the line breaks', (text) => text.replaceAll('\n', ' ')],
    [
      'with text around the blocks',
      (text) => `subject=CN = a\n${text.replaceAll('-----BEGIN', 'issuer: x\n-----BEGIN')}\nend`,
    ],
    ['as base64', (text) => Buffer.from(text).toString('base64')],
    ['in lines of another length', (text) => text.replaceAll(/^(.{64})\n/gm, '$1')],
    ['with zero-width spaces', (text) => text.replaceAll('\n', '\u200b\n')],
  ])('%s', async (_, change) => {
    await expectRsaPair(change(key + certificate));
    await expectRsaPair(change(certificate + key));
  });

  it('with the attributes that openssl pkcs12 writes', async () => {
    workshop.pfx('rsa', password, '-name', 'My daemon');
    workshop.openssl('pkcs12', '-in', 'made.pfx', '-passin', `pass:${password}`, '-noenc', '-out', 'bags.pem');
    await expectRsaPair(workshop.read('bags.pem'));
    const { privateKeys, certificates } = await readKeyFile(workshop.read('bags.pem'));
    expect([privateKeys[0]?.friendlyName, certificates[0]?.friendlyName]).toEqual(['My daemon', 'My daemon']);
  });

  it('with a trusted certificate', async () => {
    workshop.openssl('x509', '-in', 'rsa.crt', '-trustout', '-setalias', 'x', '-out', 'trusted.crt');
    expect(workshop.text('trusted.crt')).toContain('TRUSTED CERTIFICATE');
    await expectRsaPair(workshop.text('trusted.crt') + key);
  });

  it('with what is of no use beside it', async () => {
    workshop.openssl('pkey', '-in', 'rsa.key', '-pubout', '-out', 'rsa.pub');
    workshop.openssl('req', '-new', '-key', 'rsa.key', '-subj', '/CN=x', '-out', 'rsa.csr');
    const file = [workshop.text('rsa.pub'), workshop.text('rsa.csr'), key, certificate].join('');
    await expectRsaPair(file);
    const { skipped } = await readKeyFile(Buffer.from(file));
    expect(skipped).toEqual(['a public key', 'a certificate signing request']);
  });
});

describe('readKeyFile opens a private key', () => {
  it.each<[string, string, readonly string[]]>([
    ['PKCS#1', 'rsa', ['rsa', '-traditional']],
    ['PKCS#1 in DER', 'rsa', ['rsa', '-traditional', '-outform', 'DER']],
    ['PKCS#8 in DER', 'rsa', ['pkcs8', '-topk8', '-nocrypt', '-outform', 'DER']],
    ['SEC 1', 'ec', ['ec']],
    ['SEC 1 in DER', 'ec', ['ec', '-outform', 'DER']],
    ['SEC 1 without its public point', 'ec', ['ec', '-no_public']],
    ['SEC 1 with a compressed point', 'ec', ['ec', '-conv_form', 'compressed']],
    ['PKCS#8 of an EC key', 'ec', ['pkcs8', '-topk8', '-nocrypt', '-outform', 'DER']],
  ])('%s', async (shape, name, args) => {
    if (shape.includes('compressed')) {
      const contents = await readKeyFile(converted(name, ...args));
      expect(contents.privateKeys[0]?.publicKey).toMatchObject({ type: 'EC', curve: 'P-384' });
    } else await expectKey(name, converted(name, ...args));
  });

  it('SEC 1 with the curve in a block before', async () => {
    workshop.openssl('ecparam', '-name', 'secp384r1', '-genkey', '-out', 'param.key');
    expect(workshop.text('param.key')).toContain('EC PARAMETERS');
    await expectKey('param', workshop.text('param.key'));
  });

  it.each<[string, readonly string[]]>([
    ['PBES2 with AES-128', ['-v2', 'aes-128-cbc']],
    ['PBES2 with AES-192', ['-v2', 'aes-192-cbc']],
    ['PBES2 with AES-256', ['-v2', 'aes-256-cbc']],
    ['PBES2 with triple DES', ['-v2', 'des3']],
    ['PBES2 with DES', ['-v2', 'des-cbc', ...legacy]],
    ['PBES2 with RC2-40', ['-v2', 'rc2-40-cbc', ...legacy]],
    ['PBES2 with RC2-64', ['-v2', 'rc2-64-cbc', ...legacy]],
    ['PBES2 with RC2-128', ['-v2', 'rc2-cbc', ...legacy]],
    ...['MD5', 'SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512', 'SHA512-224', 'SHA512-256'].map(
      (hash): [string, string[]] => [`PBES2 with HMAC-${hash}`, ['-v2prf', `hmacWith${hash}`]],
    ),
    ['PBES2 with 100,000 iterations', ['-iter', '100000']],
    ['scrypt', ['-scrypt']],
    ['scrypt with other parameters', ['-scrypt', '-scrypt_N', '1024', '-scrypt_r', '8', '-scrypt_p', '16']],
    ['MD5 and DES', ['-v1', 'PBE-MD5-DES', ...legacy]],
    ['SHA-1 and DES', ['-v1', 'PBE-SHA1-DES', ...legacy]],
    ['MD5 and RC2', ['-v1', 'PBE-MD5-RC2-64', ...legacy]],
    ['SHA-1 and RC2', ['-v1', 'PBE-SHA1-RC2-64', ...legacy]],
    ['triple DES of PKCS#12', ['-v1', 'PBE-SHA1-3DES']],
    ['RC2-40 of PKCS#12', ['-v1', 'PBE-SHA1-RC2-40', ...legacy]],
    ['RC4-128 of PKCS#12', ['-v1', 'PBE-SHA1-RC4-128', ...legacy]],
  ])('encrypted: %s', async (_, args) => {
    const encrypt = ['pkcs8', '-topk8', '-passout', `pass:${password}`, ...args];
    await expectKey('rsa', converted('rsa', ...encrypt), password);
    await expectKey('ec', converted('ec', ...encrypt, '-outform', 'DER'), password);
    await expect(readKeyFile(workshop.read('converted'), { password: 'x' })).rejects.toMatchObject({
      code: 'PASSWORD_WRONG',
    });
    await expect(readKeyFile(workshop.read('converted'))).rejects.toMatchObject({ code: 'PASSWORD_REQUIRED' });
  });

  it.each<[string, readonly string[]]>([
    ['AES-128', ['-aes128']],
    ['AES-192', ['-aes192']],
    ['AES-256', ['-aes256']],
    ['triple DES', ['-des3']],
    ['DES', ['-des', ...legacy]],
  ])('of the old encrypted kind: %s', async (_, args) => {
    const file = converted('rsa', 'rsa', '-traditional', '-passout', `pass:${password}`, ...args);
    const text = Buffer.from(file).toString();
    expect(text).toContain('Proc-Type: 4,ENCRYPTED');
    await expectKey('rsa', file, password);
    await expectKey('rsa', text.replaceAll('\n', ' '), password);
    await expectKey('rsa', text.replaceAll('\n', '\r\n'), password);
    await expect(readKeyFile(file, { password: 'x' })).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
    await expect(readKeyFile(file)).rejects.toMatchObject({ code: 'PASSWORD_REQUIRED' });
  });

  it.each(['é', 'пароль'])('encrypted with the password %s', async (given) => {
    await expectKey('rsa', converted('rsa', 'pkcs8', '-topk8', '-passout', `pass:${given}`), given);
    await expectKey(
      'rsa',
      converted('rsa', 'pkcs8', '-topk8', '-v1', 'PBE-SHA1-3DES', '-passout', `pass:${given}`),
      given,
    );
  });

  it.each([
    ['Ed25519', ['-algorithm', 'ED25519']],
    ['Ed448', ['-algorithm', 'ED448']],
    ['RSA-PSS', ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:1024']],
    ['EC', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1']],
    ['EC', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521']],
    ['EC', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:brainpoolP256r1']],
  ])('of the type %s made with %j', async (type, args) => {
    workshop.openssl('genpkey', ...args, '-out', 'other.key');
    await expectKey('other', workshop.text('other.key'));
    const { privateKeys } = await readKeyFile(workshop.read('other.key'));
    expect(privateKeys[0]?.publicKey.type).toBe(type);
  });
});

describe('readKeyFile opens certificates', () => {
  it('in DER', async () => {
    workshop.openssl('x509', '-in', 'rsa.crt', '-outform', 'DER', '-out', 'rsa.cer');
    const contents = await readKeyFile(workshop.read('rsa.cer'));
    expect(contents.format).toBe('der');
    expect(found(contents).certificates).toEqual([workshop.fingerprints('rsa').certificate]);
  });

  it.each(['PEM', 'DER'])('in a .p7b file as %s', async (form) => {
    workshop.openssl(
      ...['crl2pkcs7', '-nocrl', '-certfile', 'rsa.crt', '-certfile', 'ec.crt', '-outform', form, '-out', 'a.p7b'],
    );
    const expected = ['rsa', 'ec'].map((name) => workshop.fingerprints(name).certificate);
    expect(found(await readKeyFile(workshop.read('a.p7b'))).certificates.toSorted()).toEqual(expected.toSorted());
  });
});

describe('readKeyFile refuses', () => {
  it('a key with one changed character', async () => {
    const lines = key.split('\n');
    const line = lines[10] ?? '';
    lines[10] = `${line.startsWith('A') ? 'B' : 'A'}${line.slice(1)}`;
    await expect(readKeyFile(Buffer.from(lines.join('\n')))).rejects.toMatchObject({ code: 'FORMAT_MALFORMED' });
  });

  it.each<[string, (text: string) => string, string]>([
    ['a block without its end', (text) => text.slice(0, -40), 'FORMAT_MALFORMED'],
    ['a block that is not base64', (text) => text.replace('MII', 'M?I'), 'FORMAT_MALFORMED'],
    ['a block that ends too early', (text) => text.replace(/\n[^\n]{64}\n/, '\n'), 'FORMAT_MALFORMED'],
    ['an empty block', () => '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----', 'FORMAT_MALFORMED'],
  ])('%s', async (_, change, code) => {
    await expect(readKeyFile(Buffer.from(change(key)))).rejects.toMatchObject({ code });
  });

  it('a DSA key, with a word about what to use', async () => {
    workshop.openssl('dsaparam', '-genkey', '-noout', '-out', 'dsa.old', '1024');
    workshop.openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'dsa.old', '-out', 'dsa.key');
    for (const file of ['dsa.old', 'dsa.key']) {
      await expect(readKeyFile(workshop.read(file))).rejects.toMatchObject({
        code: 'FORMAT_UNSUPPORTED',
        message: expect.stringContaining('DSA'),
        fix: expect.stringContaining('RSA'),
      });
    }
  });
});

describe('readKeyFile goes by the whole label of a PEM block', () => {
  const relabelled = (label: string): string => key.replaceAll(/(BEGIN|END) PRIVATE KEY/g, `$1 ${label}`);

  it.each(['ECDSA PRIVATE KEY', 'MY CRL PRIVATE KEY', 'CERTIFICATE REQUEST KEY', 'NOT PGP PRIVATE KEY'])(
    'and reads what stands under %s',
    async (label) => {
      await expectRsaPair(relabelled(label) + certificate);
    },
  );

  it.each([
    ['DSA PRIVATE KEY', 'a DSA private key'],
    ['PGP PRIVATE KEY BLOCK', 'an OpenPGP key'],
    ['X509 CRL', 'a certificate revocation list'],
    ['RSA PUBLIC KEY', 'a public key'],
    ['OPENSSH PRIVATE KEY', 'an OpenSSH private key'],
  ])('and says what %s is', async (label, what) => {
    await expect(readKeyFile(Buffer.from(relabelled(label)))).rejects.toThrow(what);
  });
});

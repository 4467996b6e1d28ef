import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Certificate,
  createCertificate,
  createClientAssertion,
  createSelfSignedCertificate,
  createSigner,
  createVerifier,
  generateKeyPair,
  type KeyAlgorithm,
  type KeyPair,
  type SignatureAlgorithm,
  utf8,
  verifyToken,
  writePem,
} from '@certgrant/core';
import { openPkcs11Credential, type Pkcs11Credential, type Pkcs11Options } from '@certgrant/core/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { OpenSsl } from '../certificate/openssl.ts';
import { loadedPkcs11js, missing, SoftHsm, softhsmModule, userPin } from './support/softhsm.ts';

/** Real tokens of SoftHSM: each test opens what was put on them once. */
const reason = missing();
let hsm: SoftHsm;
const openssl = new OpenSsl();
const opened: Pkcs11Credential[] = [];
const pairs = new Map<string, { readonly keyPair: KeyPair; readonly certificate: Certificate }>();
const data = utf8('what is to be signed');

beforeAll(async () => {
  if (reason === undefined) await fillTokens();
}, 60_000);
beforeEach((context) => {
  if (reason !== undefined) context.skip(reason);
});
afterEach(async () => {
  for (const credential of opened.splice(0)) await credential.close();
});
afterAll(() => {
  hsm?.remove();
  openssl.remove();
});

async function fillTokens(): Promise<void> {
  hsm = new SoftHsm();
  for (const token of ['prod', 'twins', 'hidden', 'empty', 'many']) hsm.makeToken(token);
  const root = await make('root', 'RSA-2048');
  const issuing = await make('issuing', 'RSA-2048', 'root');
  const put = async (token: string, name: string, id: string, certificate?: Certificate, label = name) => {
    await importKey(token, name, id, label);
    if (certificate !== undefined) hsm.addCertificate(token, certificate, { label, id });
  };
  hsm.addCertificate('prod', root, { label: 'the root', id: 'c0' });
  await put('prod', 'daemon', 'a1', await make('daemon', 'RSA-2048', 'issuing'));
  hsm.addCertificate('prod', issuing, { label: 'the issuer', id: 'c1' });
  await put('prod', 'p256', 'e256', await make('p256', 'P-256'));
  await put('prod', 'p384', 'e384', await make('p384', 'P-384'));
  // Its certificate stands under another CKA_ID and another name.
  hsm.addCertificate('prod', await make('crossed', 'RSA-2048'), { label: 'certificate of crossed', id: '0c' });
  await importKey('prod', 'crossed', 'c4', 'key of crossed');
  await make('lonely', 'RSA-2048');
  await importKey('prod', 'lonely', 'b1', 'lonely');
  hsm.addCertificate('prod', await make('keyless', 'RSA-2048'), { label: 'keyless', id: 'b2' });

  await put('twins', 'twin1', '01', await make('twin1', 'RSA-2048'), 'twin');
  await put('twins', 'twin2', '02', await make('twin2', 'RSA-2048'), 'twin');
  await put('twins', 'renewed', '03', await make('renewed', 'P-256'));
  hsm.addCertificate('twins', await renew('renewed'), { label: 'renewed', id: '03' });

  hsm.addCertificate('twins', await renew('twin1'), { label: 'older', id: '01' });

  await make('popular', 'P-256');
  await importKey('many', 'popular', '0f', 'popular');
  const manyCertificates = await Promise.all(Array.from({ length: 120 }, () => renew('popular')));
  hsm.addCertificates('many', manyCertificates, { label: 'one of many', id: '0e' });

  // Without public halves, which SoftHSM does not keep with private EC keys.
  const right = await make('proven', 'P-256');
  hsm.importKey('hidden', await keyText('proven'), { label: 'proven', id: '11', publicKey: false });
  hsm.addCertificate('hidden', right, { label: 'proven', id: '11' });
  await make('swindler', 'P-256');
  hsm.importKey('hidden', await keyText('swindler'), { label: 'swindler', id: '12', publicKey: false });
  hsm.addCertificate('hidden', right, { label: 'swindler', id: '12' });
}

const validity = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 86_400_000) };

/** A key and its certificate, by an issuer that was made before or by itself. */
async function make(name: string, algorithm: KeyAlgorithm, issuer?: string): Promise<Certificate> {
  const keyPair = await generateKeyPair(algorithm);
  const by = issuer === undefined ? undefined : pair(issuer);
  const alg = algorithm === 'P-256' ? 'ES256' : algorithm === 'P-384' ? 'ES384' : 'RS256';
  const certificate = await createCertificate({
    subject: `CN=${name}`,
    publicKey: keyPair.spki,
    issuer: {
      signer: await createSigner((by ?? { keyPair }).keyPair.pkcs8, alg),
      certificate: by?.certificate ?? 'self',
    },
    ...validity,
    certificateAuthority: ['root', 'issuing'].includes(name),
  });
  pairs.set(name, { keyPair, certificate });
  return certificate;
}

function renew(name: string): Promise<Certificate> {
  return createSelfSignedCertificate({ keyPair: pair(name).keyPair, subject: `CN=${name}`, validityDays: 9 });
}

function pair(name: string): { readonly keyPair: KeyPair; readonly certificate: Certificate } {
  const found = pairs.get(name);
  if (found === undefined) throw new Error(`there is no pair ${name}`);
  return found;
}

function keyText(name: string): Promise<string> {
  return writePem({ pkcs8: pair(name).keyPair.pkcs8, certificates: [] });
}

async function importKey(token: string, name: string, id: string, label: string): Promise<void> {
  hsm.importKey(token, await keyText(name), { label, id });
}

async function open(path: string, options: Pkcs11Options = {}, query = ''): Promise<Pkcs11Credential> {
  const uri = `pkcs11:${path}?module-path=${softhsmModule}${query}`;
  const credential = await openPkcs11Credential(uri, { pin: userPin, pkcs11js: loadedPkcs11js(), ...options });
  opened.push(credential);
  return credential;
}

async function sign(credential: Pkcs11Credential, alg: SignatureAlgorithm, what = data): Promise<Uint8Array> {
  return (await credential.privateKey.signer(alg)).sign(what);
}

describe('openPkcs11Credential signs', () => {
  test.each<[SignatureAlgorithm, string, readonly string[]]>([
    ['RS256', 'daemon', ['-sha256']],
    ['PS256', 'daemon', ['-sha256', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32']],
    ['ES256', 'p256', []],
    ['ES384', 'p384', []],
  ])('%s so that our verifier takes it, and openssl', async (alg, object, digest) => {
    const credential = await open(`token=prod;object=${object}`);
    const { publicKey } = credential.certificate;
    expect(credential.privateKey.publicKey.spki).toEqual(publicKey.spki);
    const signature = await sign(credential, alg);
    const verifier = await createVerifier(publicKey.spki, alg);
    expect(await verifier.verify(signature, data)).toBe(true);
    expect(await verifier.verify(signature, utf8('another text'))).toBe(false);
    if (digest.length === 0) return;
    openssl.write('data', data);
    openssl.write('signature', signature);
    openssl.writeCertificate('certificate.pem', credential.certificate);
    openssl.write('public.pem', openssl.run('x509', '-in', 'certificate.pem', '-noout', '-pubkey'));
    const verify = ['dgst', ...digest, '-verify', 'public.pem', '-signature', 'signature', 'data'];
    expect(openssl.run(...verify)).toBe('Verified OK\n');
  });

  test('client assertions that verify with the certificate', async () => {
    const credential = await open('token=prod;object=daemon');
    const audience = 'https://as.example.com/token';
    const assertion = await createClientAssertion({ credential, clientId: 'me', audience });
    const { certificate } = credential;
    await expect(verifyToken(assertion, { certificate, audience })).resolves.toMatchObject({ valid: true });
  });

  test('many things at once, one after the other', async () => {
    const credential = await open('token=prod;object=p256');
    const verifier = await createVerifier(credential.certificate.publicKey.spki, 'ES256');
    const texts = Array.from({ length: 20 }, (_, number) => utf8(`text ${number}`));
    const signatures = await Promise.all(texts.map((text) => sign(credential, 'ES256', text)));
    const verified = signatures.map((signature, number) => verifier.verify(signature, texts[number] ?? data));
    expect(await Promise.all(verified)).toEqual(texts.map(() => true));
  });

  test.each<[SignatureAlgorithm, string]>([
    ['ES256', 'daemon'],
    ['RS256', 'p256'],
    ['ES256', 'p384'],
  ])('nothing as %s with the key %s', async (alg, object) => {
    const credential = await open(`token=prod;object=${object}`);
    await expect(credential.privateKey.signer(alg)).rejects.toMatchObject({ code: 'KEY_UNSUITABLE' });
  });
});

describe('openPkcs11Credential finds', () => {
  test('the issuers of the certificate, leaf first', async () => {
    const { chain } = await open('token=prod;object=daemon');
    expect(chain.map(({ subject }) => subject)).toEqual(['CN=daemon', 'CN=issuing', 'CN=root']);
  });

  test.each([
    ['token=prod;object=daemon', 'CN=daemon'],
    ['token=prod;id=%A1', 'CN=daemon'],
    ['token=prod;id=%a1;object=daemon;type=private', 'CN=daemon'],
    ['token=prod;id=%A1;type=cert', 'CN=daemon'],
    ['object=daemon', 'CN=daemon'],
    ['manufacturer=SoftHSM%20project;model=SoftHSM%20v2;token=prod;object=daemon', 'CN=daemon'],
    ['library-manufacturer=SoftHSM;library-version=2.6;token=prod;object=daemon', 'CN=daemon'],
    ['slot-manufacturer=SoftHSM%20project;token=prod;object=daemon', 'CN=daemon'],
    // By the public key, from the name of the one or the other.
    ['token=prod;object=key%20of%20crossed', 'CN=crossed'],
    ['token=prod;object=certificate%20of%20crossed', 'CN=crossed'],
    ['token=prod;id=%C4', 'CN=crossed'],
    ['token=prod;id=%0C', 'CN=crossed'],
    ['token=twins;id=%02', 'CN=twin2'],
    // The key's other certificate is of the same CKA_ID and has not the name.
    ['token=twins;object=twin;id=%01', 'CN=twin1'],
    ['token=twins;object=older', 'CN=twin1'],
    ['token=hidden;object=proven', 'CN=proven'],
  ])('by %s the certificate of %s', async (path, subject) => {
    const credential = await open(path);
    expect(credential.certificate.subject).toBe(subject);
    const alg = credential.certificate.publicKey.type === 'EC' ? 'ES256' : 'PS256';
    const verifier = await createVerifier(credential.certificate.publicKey.spki, alg);
    expect(await verifier.verify(await sign(credential, alg), data)).toBe(true);
  });

  test('a token by its slot and by its serial number', async () => {
    const [slot, serial] = hsm.write('prod', (cryptoki) => {
      const found = cryptoki.C_GetSlotList(true).find((one) => cryptoki.C_GetTokenInfo(one).label.startsWith('prod'));
      return [found?.readUIntLE(0, 6), found && cryptoki.C_GetTokenInfo(found).serialNumber.trim()];
    });
    for (const path of [`slot-id=${slot};object=daemon`, `serial=${serial};object=daemon`]) {
      expect((await open(path)).certificate.subject).toBe('CN=daemon');
    }
    await expect(open(`slot-id=${Number(slot) + 1};object=daemon`)).rejects.toMatchObject({
      code: 'KEY_STORE_UNAVAILABLE',
    });
  });

  test('the certificate that was renewed, by its thumbprint', async () => {
    const { certificate } = pair('renewed');
    const { X509Certificate } = await import('node:crypto');
    const thumbprint = new X509Certificate(certificate.der).fingerprint;
    const credential = await open('token=twins;object=renewed', { thumbprint });
    expect(credential.certificate.der).toEqual(certificate.der);
  });

  test('a key whose certificate is in a file, with the issuers from there', async () => {
    const certificates = [pair('root').certificate, pair('lonely').certificate];
    const credential = await open('token=prod;object=lonely', { certificates });
    expect(credential.certificate.subject).toBe('CN=lonely');
    expect(await sign(credential, 'RS256')).toHaveLength(256);
  });

  test('the module by its name, or in a folder that is named', async () => {
    const options = { pin: userPin, pkcs11js: loadedPkcs11js() };
    const folder = softhsmModule.replace(/\/[^/]*$/, '');
    for (const query of ['module-name=softhsm2', `module-name=softhsm2&module-path=${folder}`]) {
      const credential = await openPkcs11Credential(`pkcs11:token=prod;object=daemon?${query}`, options);
      opened.push(credential);
      expect(credential.certificate.subject).toBe('CN=daemon');
    }
  });

  test('the PIN in a file beside the program, and takes that before any other', async () => {
    writeFileSync(join(hsm.folder, 'pin'), `${userPin}\n`, { mode: 0o600 });
    const options = { pin: 'not-the-pin', folder: hsm.folder };
    for (const source of ['pin', 'file:pin', `file:${join(hsm.folder, 'pin')}`]) {
      await expect(open('token=prod;object=daemon', options, `&pin-source=${source}`)).resolves.toBeDefined();
      await opened.pop()?.close();
    }
  });
});

describe('openPkcs11Credential says', () => {
  test.each([
    ['token=prod;object=nothing', 'PRIVATE_KEY_MISSING', /holds no such private key/, /object=daemon;id=%A1/],
    ['token=prod;object=lonely', 'CERTIFICATE_MISSING', /no certificate for object=lonely;id=%B1/, /--cert FILE --key/],
    ['token=prod;object=keyless', 'PRIVATE_KEY_MISSING', /the key of object=keyless;id=%B2 is not on it/, /daemon/],
    ['token=prod;object=daemon;id=%E2', 'PRIVATE_KEY_MISSING', /holds no such private key/, /object=daemon;id=%A1/],
    ['token=empty', 'PRIVATE_KEY_MISSING', /it holds no private key$/, /make a key on this one/],
    ['token=prod', 'KEY_AMBIGUOUS', /4 pairs .* fit: .*object=daemon;id=%A1, .*object=p256/, /object=… or id=…/],
    [
      'token=twins;object=twin',
      'KEY_AMBIGUOUS',
      /2 pairs .*object=twin;id=%01, object=twin;id=%02/,
      /object=… or id=…/,
    ],
    ['token=twins;object=renewed', 'KEY_AMBIGUOUS', /2 pairs/, /thumbprint/],
    ['', 'KEY_AMBIGUOUS', /4 tokens fit: token=/, /token=… or serial=…/],
    ['token=twins;id=%01', 'KEY_AMBIGUOUS', /2 pairs .*object=older;id=%01, object=twin;id=%01/, /object=… or id=…/],
    ['token=many', 'KEY_AMBIGUOUS', /120 pairs .*object=one%20of%20many;id=%0E$/, /thumbprint/],
    ['token=prod;object=key%20of%20crossed;type=cert', 'PRIVATE_KEY_MISSING', /no such private key/, /daemon/],
    ['token=prod;object=certificate%20of%20crossed;type=private', 'PRIVATE_KEY_MISSING', /no such private/, /daemon/],
    ...['serial=1', 'manufacturer=1', 'model=1', 'slot-description=1', 'slot-manufacturer=1', 'slot-id=9'].map(
      (path): [string, string, RegExp, RegExp] => [path, 'KEY_STORE_UNAVAILABLE', /none is the one/, /token=prod/],
    ),
    ['token=no%20such', 'KEY_STORE_UNAVAILABLE', /none is the one that the URI names/, /token=prod;serial=/],
    ['token=prod;library-version=9.9', 'KEY_STORE_UNAVAILABLE', /the module is .*, not the one named/, /library-/],
    ['token=hidden;object=swindler', 'KEY_MISMATCH', /is not that of the certificate/, /after a renewal/],
  ])('of %s %s', async (path, code, message, fix) => {
    const failure = { code, message: expect.stringMatching(message), fix: expect.stringMatching(fix) };
    await expect(open(path)).rejects.toMatchObject(failure);
  });

  test('that the certificate in the file is of another key', async () => {
    const certificates = [pair('daemon').certificate];
    const failure = { code: 'KEY_MISMATCH', message: expect.stringContaining('of the certificate in the file') };
    await expect(open('token=prod;object=lonely', { certificates })).rejects.toMatchObject(failure);
    await expect(open('token=prod;object=lonely', { certificates: [] })).rejects.toMatchObject({
      code: 'CERTIFICATE_MISSING',
    });
    const hidden = open('token=hidden;object=proven', { certificates: [pair('p256').certificate] });
    await expect(hidden).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
  });

  test('which thumbprints there are, when the one asked for is not', async () => {
    const failure = { code: 'CERTIFICATE_MISSING', fix: expect.stringMatching(/[0-9A-F]{40}/) };
    await expect(open('token=twins;object=twin', { thumbprint: 'AA'.repeat(20) })).rejects.toMatchObject(failure);
  });

  test('that a PIN is needed, and asks for it once', async () => {
    const required = { code: 'PASSWORD_REQUIRED', fix: expect.stringContaining('pin-source=file:') };
    await expect(open('token=prod;object=daemon', { pin: undefined })).rejects.toMatchObject(required);
    const questions: string[] = [];
    const askPin = async (token: string): Promise<string> => {
      questions.push(token);
      return questions.length === 1 ? 'not-the-pin' : userPin;
    };
    const wrong = open('token=prod;object=daemon', { pin: undefined, askPin });
    await expect(wrong).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
    expect(questions).toEqual(['prod']);
    await expect(open('token=prod;object=daemon', { pin: undefined, askPin })).resolves.toBeDefined();
  });

  test.each(['not-the-pin', '1', '', 'x'.repeat(300)])(
    'that %j is not the PIN, and does not repeat it',
    async (pin) => {
      const failure = await open('token=prod;object=daemon', { pin }).catch((thrown: unknown) => thrown);
      expect(failure).toMatchObject({ code: 'PASSWORD_WRONG', fix: expect.stringContaining('lock') });
      if (pin.length > 1) expect(JSON.stringify(failure, [...Object.getOwnPropertyNames(failure)])).not.toContain(pin);
    },
  );

  test.each<[string, string, RegExp, RegExp]>([
    ['', 'USAGE', /the URI names none/, /\?module-path=.*libsofthsm2/],
    ['?module-path=/nowhere/p11.so', 'FILE_NOT_FOUND', /there is no file \/nowhere\/p11.so/, /module-path/],
    ['?module-path=/usr/lib', 'FILE_NOT_FOUND', /\/usr\/lib is a folder/, /module-path/],
    ['?module-name=no-such', 'FILE_NOT_FOUND', /no library of the name no-such/, /module-path/],
    ['?module-name=a/b', 'USAGE', /module-name is a path/, /module-path/],
    ['?module-path=package.json', 'KEY_STORE_UNAVAILABLE', /does not load it \(.*invalid ELF header/, /processor/],
    ['?module-path=libm.so.6', 'KEY_STORE_UNAVAILABLE', /it is a library, and not one of PKCS#11/, /processor/],
    [`?module-path=${softhsmModule}&pin-source=/no/pin`, 'FILE_NOT_FOUND', /read \/no\/pin/, /path/],
  ])('of the module in %j %s', async (query, code, message, fix) => {
    const opening = openPkcs11Credential(`pkcs11:token=prod${query}`, { pkcs11js: loadedPkcs11js() });
    const failure = { code, message: expect.stringMatching(message), fix: expect.stringMatching(fix) };
    await expect(opening).rejects.toMatchObject(failure);
  });

  test('that pkcs11js is not installed', async () => {
    const opening = openPkcs11Credential(`pkcs11:token=prod?module-path=${softhsmModule}`);
    await expect(opening).rejects.toMatchObject({
      code: 'KEY_STORE_UNAVAILABLE',
      message: 'load pkcs11js: the package is not installed',
      fix: expect.stringContaining('npm install pkcs11js'),
    });
  });
});

describe('deriveSealingKey of a key on a token', () => {
  async function seal(credential: Pkcs11Credential, purpose: string): Promise<string | undefined> {
    const key = await credential.privateKey.deriveSealingKey(purpose);
    if (key === undefined) return undefined;
    return Buffer.from(await key.seal(data, new Uint8Array(12), new Uint8Array())).toString('hex');
  }

  test('is the same each time the token is opened, and another for another purpose and another key', async () => {
    const first = await seal(await open('token=prod;object=daemon'), 'one');
    expect(first).toBeDefined();
    expect(await seal(await open('token=prod;id=%A1'), 'one')).toBe(first);
    expect(await seal(await open('token=prod;id=%A1'), 'two')).not.toBe(first);
    expect(await seal(await open('token=twins;id=%02'), 'one')).not.toBe(first);
  });

  test('is not to be had from an EC key, whose signatures differ each time', async () => {
    expect(await seal(await open('token=prod;object=p256'), 'one')).toBeUndefined();
  });
});

describe('close', () => {
  test('leaves the sessions of others open, and the key cannot be used any more', async () => {
    const one = await open('token=prod;object=daemon');
    const other = await open('token=prod;object=daemon');
    const signer = await one.privateKey.signer('RS256');
    await one.close();
    await one.close();
    await expect(signer.sign(data)).rejects.toThrow(new TypeError('sign: the credential has been closed'));
    expect(await sign(other, 'RS256')).toHaveLength(256);
    await other.close();
    expect(await sign(await open('token=prod;object=daemon'), 'RS256')).toHaveLength(256);
  });
});

import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Certificate,
  createSelfSignedCertificate,
  createVerifier,
  generateKeyPair,
  type KeyPair,
  type SignatureAlgorithm,
  utf8,
  writePem,
} from '@certgrant/core';
import { openPkcs11Credential, type Pkcs11Credential, type Pkcs11Options } from '@certgrant/core/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  buildFaultyModule,
  faultyModuleMissing,
  loadedPkcs11js,
  SoftHsm,
  softhsmModule,
  userPin,
} from './support/softhsm.ts';

/** SoftHSM behind a module that goes wrong on demand: what smart cards do and SoftHSM never does. */
const reason = faultyModuleMissing();
const opened: Pkcs11Credential[] = [];
const data = utf8('what is to be signed');
let hsm: SoftHsm;
let module = '';
let log = '';
let certificate: Certificate;

beforeAll(async () => {
  if (reason !== undefined) return;
  hsm = new SoftHsm();
  module = buildFaultyModule(hsm.folder);
  log = join(hsm.folder, 'log');
  const keyPair = await generateKeyPair('RSA-2048');
  certificate = await createSelfSignedCertificate({ keyPair, subject: 'CN=daemon', validityDays: 3 });
  hsm.makeToken('card');
  const key = await writePem({ pkcs8: keyPair.pkcs8, certificates: [] });
  hsm.importKey('card', key, { label: 'daemon', id: 'a1' });
  hsm.addCertificate('card', certificate, { label: 'daemon', id: 'a1' });
  const elliptic = await generateKeyPair('P-256');
  const ellipticKey = await writePem({ pkcs8: elliptic.pkcs8, certificates: [] });
  hsm.importKey('card', ellipticKey, { label: 'elliptic', id: 'a3' });
  const its = await createSelfSignedCertificate({ keyPair: elliptic, subject: 'CN=elliptic', validityDays: 3 });
  hsm.addCertificate('card', its, { label: 'elliptic', id: 'a3' });
  addCarefulKey(keyPair);
  hsm.addCertificate('card', certificate, { label: 'careful', id: 'a2' });
}, 60_000);
beforeEach((context) => {
  if (reason !== undefined) context.skip(reason);
  Object.assign(process.env, { REAL_MODULE: softhsmModule, MODULE_LOG: log, TYPED_PIN: userPin, FAULTS: '' });
});
afterEach(async () => {
  for (const credential of opened.splice(0)) await credential.close();
  for (const name of ['REAL_MODULE', 'MODULE_LOG', 'TYPED_PIN', 'FAULTS']) delete process.env[name];
  if (log !== '') rmSync(log, { force: true });
});
afterAll(() => hsm?.remove());

/** The same key, now such that each signature needs the PIN again: softhsm2-util cannot import one like that. */
function addCarefulKey({ pkcs8 }: KeyPair): void {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  const jwk = key.export({ format: 'jwk' });
  const number = (type: number, value: string | undefined) => ({ type, value: Buffer.from(value ?? '', 'base64url') });
  const yes = [0x1, 0x2, 0x103, 0x108, 0x202].map((type) => ({ type, value: true }));
  hsm.write('card', (cryptoki, session) =>
    cryptoki.C_CreateObject(session, [
      { type: 0x0, value: 3 },
      { type: 0x100, value: 0 },
      { type: 0x3, value: Buffer.from('careful') },
      { type: 0x102, value: Buffer.from('a2', 'hex') },
      ...yes,
      ...[number(0x120, jwk.n), number(0x122, jwk.e), number(0x123, jwk.d), number(0x124, jwk.p)],
      ...[number(0x125, jwk.q), number(0x126, jwk.dp), number(0x127, jwk.dq), number(0x128, jwk.qi)],
    ]),
  );
}

const ids = { daemon: '%A1', careful: '%A2', elliptic: '%A3' } as const;

async function open(
  faults = '',
  options: Pkcs11Options = {},
  object: keyof typeof ids = 'daemon',
): Promise<Pkcs11Credential> {
  process.env.FAULTS = faults;
  const uri = `pkcs11:token=card;id=${ids[object]}?module-path=${module}`;
  const credential = await openPkcs11Credential(uri, { pin: userPin, pkcs11js: loadedPkcs11js(), ...options });
  opened.push(credential);
  return credential;
}

async function signs(credential: Pkcs11Credential, alg: SignatureAlgorithm): Promise<boolean> {
  const signature = await (await credential.privateKey.signer(alg)).sign(data);
  return (await createVerifier(certificate.publicKey.spki, alg)).verify(signature, data);
}

function calls(): readonly string[] {
  return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
}

describe('a PIN', () => {
  test('that is wrong is sent once', async () => {
    await expect(open('', { pin: 'not-the-pin' })).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
    expect(calls()).toEqual(['initialize', 'login 1', 'finalize']);
  });

  test('that is right is sent once, also for a second credential', async () => {
    await open();
    await open();
    expect(calls()).toEqual(['initialize', 'login 1']);
  });

  test('that was typed for two credentials at once logs in once', async () => {
    const typed: Pkcs11Options = { pin: undefined, askPin: async () => userPin };
    const both = await Promise.all([open('', typed), open('', typed)]);
    for (const credential of both) expect(await signs(credential, 'RS256')).toBe(true);
  });

  test.each([
    ['count-low', 'few tries may be left'],
    ['', 'the PIN is not the one of the token'],
  ])('that is wrong says what the token says of the tries left (%j)', async (faults, message) => {
    const failure = { code: 'PASSWORD_WRONG', message: expect.stringContaining(message) };
    await expect(open(faults, { pin: 'not-the-pin' })).rejects.toMatchObject(failure);
  });

  test('that is stored is not risked on the last try', async () => {
    const failure = { code: 'PASSWORD_LOCKED', message: expect.stringContaining('one try is left') };
    await expect(open('final-try')).rejects.toMatchObject(failure);
    expect(calls()).toEqual(['initialize', 'finalize']);
  });

  test('that somebody types is sent on the last try, and told when it was that', async () => {
    const typed = (pin: string): Pkcs11Options => ({ pin: undefined, askPin: async () => pin });
    const failure = { code: 'PASSWORD_WRONG', message: expect.stringContaining('one try is left before it is locked') };
    await expect(open('final-try', typed('not-the-pin'))).rejects.toMatchObject(failure);
    expect(await signs(await open('final-try', typed(userPin)), 'RS256')).toBe(true);
  });

  test('that is locked is said at once, and nobody is asked for it', async () => {
    const askPin = () => Promise.reject(new Error('asked'));
    await expect(open('locked', { pin: undefined, askPin })).rejects.toMatchObject({
      code: 'PASSWORD_LOCKED',
      fix: expect.stringContaining('PUK'),
    });
    expect(calls()).toEqual(['initialize', 'finalize']);
  });

  test('that has expired is told from a wrong one', async () => {
    await expect(open('pin-expired')).rejects.toMatchObject({ code: 'PASSWORD_LOCKED' });
  });

  test('is typed at the token where it has keys for that', async () => {
    const askPin = () => Promise.reject(new Error('asked'));
    expect(await signs(await open('keypad', { pin: undefined, askPin }), 'PS256')).toBe(true);
  });

  test('is not needed where the token asks for none', async () => {
    // SoftHSM itself keeps its keys to who has logged in, so that nothing is found.
    await expect(open('no-login', { pin: undefined })).rejects.toMatchObject({ code: 'PRIVATE_KEY_MISSING' });
    expect(calls()).toEqual(['initialize', 'finalize']);
  });

  test('goes with each signature of a key that wants it so', async () => {
    const credential = await open('', {}, 'careful');
    expect(await signs(credential, 'RS256')).toBe(true);
    expect(await signs(credential, 'RS256')).toBe(true);
    expect(calls()).toEqual(['initialize', 'login 1', 'sign 0x40', 'login 2', 'sign 0x40', 'login 2']);
    // It is not signed with for anything else.
    expect(await credential.privateKey.deriveSealingKey('cache')).toBeUndefined();
    expect(calls()).toHaveLength(6);
  });
});

test('a PIN that was changed meanwhile is not sent for a second signature', async () => {
  const credential = await open('', {}, 'careful');
  process.env.FAULTS = 'pin-changed';
  const signer = await credential.privateKey.signer('RS256');
  for (const _ of [1, 2]) await expect(signer.sign(data)).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
  expect(calls().filter((call) => call === 'login 2')).toHaveLength(1);
});

describe('a signature', () => {
  test('is not made to open a key whose public half is on the token', async () => {
    const { certificate: its } = await open('', {}, 'elliptic');
    expect(its.subject).toBe('CN=elliptic');
    expect(calls()).toEqual(['initialize', 'login 1']);
  });

  test.each<[string, SignatureAlgorithm, string]>([
    ['', 'RS256', 'sign 0x40'],
    ['no-hash', 'RS256', 'sign 0x1'],
    ['', 'PS256', 'sign 0x43'],
    ['no-hash', 'PS256', 'sign 0xd'],
  ])('with %j is made as %s by %s', async (faults, alg, call) => {
    expect(await signs(await open(faults), alg)).toBe(true);
    expect(calls().at(-1)).toBe(call);
  });

  test('as PS256 is refused where the token has no mechanism for it', async () => {
    const failure = { code: 'KEY_UNSUITABLE', fix: expect.stringContaining('RS256') };
    await expect(signs(await open('no-pss'), 'PS256')).rejects.toMatchObject(failure);
  });

  test('is no sealing key where the token has PSS alone', async () => {
    expect(await (await open('no-pkcs1')).privateKey.deriveSealingKey('cache')).toBeUndefined();
  });

  test.each([
    ['removed', 'KEY_STORE_UNAVAILABLE', 'the token is not there any more'],
    ['not-touched', 'CANCELLED', 'not confirmed at the token'],
    ['not-permitted', 'KEY_UNSUITABLE', 'does not allow that with this key'],
    ['odd', 'KEY_STORE_UNAVAILABLE', 'refuses (CKR_VENDOR_DEFINED, 0x80000007)'],
  ])('that fails with %s is told as %s', async (faults, code, message) => {
    const credential = await open();
    process.env.FAULTS = faults;
    const failure = { code, message: expect.stringContaining(message) };
    await expect(signs(credential, 'RS256')).rejects.toMatchObject(failure);
  });

  test('that was not confirmed does not stand in the way of the next one', async () => {
    const credential = await open();
    process.env.FAULTS = 'not-permitted';
    await expect(signs(credential, 'RS256')).rejects.toThrow();
    process.env.FAULTS = '';
    expect(await signs(credential, 'RS256')).toBe(true);
  });

  test('that takes its time does not hold up the rest of the program', async () => {
    const credential = await open('slow');
    const signer = await credential.privateKey.signer('RS256');
    let turns = 0;
    const ticking = setInterval(() => {
      turns++;
    }, 10);
    const done = signer.sign(data);
    // Closing waits for it: C_Finalize in the middle of C_Sign would be undefined.
    opened.pop();
    const closed = credential.close();
    expect(await done).toHaveLength(256);
    clearInterval(ticking);
    await closed;
    expect(turns).toBeGreaterThan(3);
    expect(calls().at(-1)).toBe('finalize');
  });

  test('is made in place by a module that cannot lock', async () => {
    expect(await signs(await open('cant-lock'), 'PS256')).toBe(true);
  });
});

test('a module that another part of the program has started is used and left running', async () => {
  const { PKCS11 } = loadedPkcs11js();
  const theirs = new PKCS11();
  theirs.load(module);
  theirs.C_Initialize();
  const credential = await open();
  expect(await signs(credential, 'RS256')).toBe(true);
  await credential.close();
  expect(theirs.C_GetSlotList(true).length).toBeGreaterThan(0);
  theirs.C_Finalize();
});

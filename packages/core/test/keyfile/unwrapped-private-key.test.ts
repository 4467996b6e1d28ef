import { createPrivateKey, createPublicKey } from 'node:crypto';
import { createVerifier, loadCredential, type SignatureAlgorithm } from '@certgrant/core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DerivationCost } from '../../src/keyfile/derivation-cost.ts';
import { Oid } from '../../src/keyfile/object-identifiers.ts';
import { integer, octetString, oid, sequence } from '../../src/lib/der/writer.ts';
import { toBer } from './support/ber.ts';
import { Workshop } from './support/workshop.ts';

// As in a browser: this engine runs in Node as well.
vi.mock('#engine', () => import('../../src/lib/web-engine.ts'));

const workshop = new Workshop();
const password = 'Grüße, Welt';
const algorithms: Readonly<Record<string, readonly SignatureAlgorithm[]>> = {
  rsa: ['PS256', 'RS256'],
  p256: ['ES256'],
  p384: ['ES384'],
};

beforeAll(() => {
  workshop.makePair('rsa');
  workshop.makePair('other');
  workshop.makePair('p256', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
  workshop.makePair('p384', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384');
  workshop.makePair('pss', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048');
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => workshop.remove());

/** `NAME.key`, encrypted, as PEM. */
function locked(name: string, secret = password, ...args: readonly string[]): string {
  const protectedBy = ['-passout', `pass:${secret}`, ...args];
  return workshop.openssl('pkcs8', '-topk8', '-in', `${name}.key`, ...protectedBy);
}
const file = (...texts: readonly string[]): Uint8Array => Buffer.from(texts.join('\n'));
const certificate = (name: string): string => workshop.text(`${name}.crt`);

/** Counts what Web Crypto does from now on, and keeps all octets that it gives out or is given as a key. */
function watch() {
  const { subtle } = crypto;
  const [unwrapKey, deriveKey] = [vi.spyOn(subtle, 'unwrapKey'), vi.spyOn(subtle, 'deriveKey')];
  const given = [vi.spyOn(subtle, 'decrypt'), vi.spyOn(subtle, 'deriveBits'), vi.spyOn(subtle, 'exportKey')];
  const importKey = vi.spyOn(subtle, 'importKey');
  return {
    unwrapKey,
    deriveKey,
    /** Whether the private key of that name was among them in the clear. */
    async saw(name: string): Promise<boolean> {
      const out = await Promise.all(given.flatMap(({ mock }) => mock.results.map(({ value }) => value)));
      const octets = [...out, ...importKey.mock.calls.map(([, key]) => key)].filter((value) => value instanceof Object);
      const { qi, d } = createPrivateKey(workshop.text(`${name}.key`)).export({ format: 'jwk' });
      const needle = Buffer.from(qi ?? d ?? '', 'base64url');
      return octets.some((value) => Buffer.from(value as ArrayBuffer).includes(needle));
    },
  };
}

/** Whether the credential signs, with each of these algorithms, what the certificate of that name verifies. */
async function signsAs(name: string, loaded: Awaited<ReturnType<typeof loadCredential>>): Promise<boolean[]> {
  const spki = createPublicKey(certificate(name)).export({ format: 'der', type: 'spki' });
  const data = Buffer.from('data');
  return Promise.all(
    (algorithms[name] ?? ['PS256']).map(async (alg) => {
      const signature = await (await loaded.privateKey.signer(alg)).sign(data);
      return (await createVerifier(new Uint8Array(spki), alg)).verify(signature, data);
    }),
  );
}

describe('loadCredential, where the runtime unwraps keys', () => {
  it.each<[string, string, () => Uint8Array]>([
    ['a PFX with an RSA key', 'rsa', () => workshop.pfx('rsa', password)],
    ['a PFX with a P-256 key', 'p256', () => workshop.pfx('p256', password)],
    ['a PFX with a P-384 key', 'p384', () => workshop.pfx('p384', password)],
    ['a PFX in BER', 'rsa', () => toBer(workshop.pfx('rsa', password, '-nomac'))],
    ['a PFX without a MAC', 'rsa', () => workshop.pfx('rsa', password, '-nomac')],
    ['AES-128', 'rsa', () => workshop.pfx('rsa', password, '-keypbe', 'AES-128-CBC')],
    ['a PEM', 'rsa', () => file(locked('rsa'), certificate('rsa'))],
    ['HMAC with SHA-1', 'rsa', () => file(locked('rsa', password, '-v2prf', 'hmacWithSHA1'), certificate('rsa'))],
    ['HMAC with SHA-384', 'rsa', () => file(locked('rsa', password, '-v2prf', 'hmacWithSHA384'), certificate('rsa'))],
    ['HMAC with SHA-512', 'rsa', () => file(locked('rsa', password, '-v2prf', 'hmacWithSHA512'), certificate('rsa'))],
  ])('takes the key of %s without seeing it', async (_, name, make) => {
    const bytes = make();
    const watched = watch();
    const loaded = await loadCredential(bytes, { password });
    expect(await signsAs(name, loaded)).toEqual(algorithms[name]?.map(() => true));
    expect(await watched.saw(name)).toBe(false);
    expect(await loaded.privateKey.deriveSealingKey('any')).toBeUndefined();
  });

  it('has Web Crypto keep both keys, the one that unwraps too', async () => {
    const bytes = workshop.pfx('rsa', password);
    const watched = watch();
    await loadCredential(bytes, { password });
    const kept = [...watched.unwrapKey.mock.results, ...watched.deriveKey.mock.results].map(({ value }) => value);
    const keys = (await Promise.allSettled(kept)).flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
    expect(keys.map(({ type, extractable }) => [type, extractable])).toEqual([
      ['private', false],
      ['private', false],
      ['secret', false],
    ]);
  });

  it.each<[string, string, () => Uint8Array]>([
    ['a legacy PFX', 'rsa', () => workshop.pfx('rsa', 'old', '-legacy')],
    ['AES-192, which Chromium lacks', 'rsa', () => file(locked('rsa', 'old', '-v2', 'aes192'), certificate('rsa'))],
    ['scrypt', 'rsa', () => file(locked('rsa', 'old', '-scrypt'), certificate('rsa'))],
    ['an RSASSA-PSS key', 'pss', () => workshop.pfx('pss', 'old')],
    ['a key and certificate without encryption', 'rsa', () => file(workshop.text('rsa.key'), certificate('rsa'))],
  ])('takes the key of %s by its octets', async (_, name, make) => {
    const loaded = await loadCredential(make(), { password: 'old' });
    expect(loaded.certificate.subject).toBe(`CN=${name}`);
    expect(await loaded.privateKey.deriveSealingKey('any')).toBeDefined();
    if (name !== 'pss') expect(await signsAs(name, loaded)).toEqual([true, true]);
    else expect(await (await loaded.privateKey.signer('PS256')).sign(new Uint8Array(1))).toHaveLength(256);
  });

  it('finds the key of the certificate among several keys, and the certificate in another file', async () => {
    const keys = file(locked('other'), locked('p256'), locked('rsa'));
    const certificates = file(certificate('p256'), certificate('rsa'));
    for (const [bytes, keyBytes] of [[certificates, keys] as const, [keys, certificates] as const]) {
      const chosen = await loadCredential(bytes, { keyBytes, password });
      expect(chosen.certificate.subject).toBe('CN=rsa');
      expect(await signsAs('rsa', chosen)).toEqual([true, true]);
    }
  });

  it('keeps one encrypted key from being seen beside another that stands in the clear', async () => {
    const bytes = file(workshop.text('p256.key'), certificate('p256'), locked('rsa'), certificate('rsa'));
    const watched = watch();
    const chosen = await loadCredential(bytes, { password });
    expect(await signsAs('rsa', chosen)).toEqual([true, true]);
    expect(await watched.saw('rsa')).toBe(false);
  });

  it('chooses by the friendly name of the key', async () => {
    workshop.pfx('p256', password, '-name', 'the other one');
    const passwords = ['-passin', `pass:${password}`, '-passout', `pass:${password}`];
    const named = workshop.openssl('pkcs12', '-in', 'made.pfx', ...passwords);
    const bytes = file(named, locked('rsa'), certificate('rsa'));
    expect((await loadCredential(bytes, { password })).certificate.subject).toBe('CN=rsa');
    const options = { password, friendlyName: 'The Other One' };
    expect((await loadCredential(bytes, options)).certificate.subject).toBe('CN=p256');
  });

  it.each<[string, string | undefined, () => Uint8Array, string]>([
    ['a wrong password of a PFX', 'wrong', () => workshop.pfx('rsa', password), 'PASSWORD_WRONG'],
    [
      'a wrong password of a PFX without a MAC',
      'wrong',
      () => workshop.pfx('rsa', password, '-nomac'),
      'PASSWORD_WRONG',
    ],
    ['a wrong password of a PEM', 'wrong', () => file(locked('rsa'), certificate('rsa')), 'PASSWORD_WRONG'],
    ['no password', undefined, () => file(locked('rsa'), certificate('rsa')), 'PASSWORD_REQUIRED'],
    ['the certificate of another key', password, () => file(locked('rsa'), certificate('other')), 'KEY_MISMATCH'],
    [
      'two keys and neither certificate',
      password,
      () => file(locked('rsa'), locked('p256'), certificate('other')),
      'KEY_MISMATCH',
    ],
    ['a key without a certificate', password, () => file(locked('rsa')), 'CERTIFICATE_MISSING'],
    ['a certificate without a key', password, () => workshop.pfx('rsa', password, '-nokeys'), 'PRIVATE_KEY_MISSING'],
  ])('tells %s by its code', async (_, given, make, code) => {
    await expect(loadCredential(make(), { password: given })).rejects.toMatchObject({ code });
  });

  it('derives each key once, and counts it once', async () => {
    const key = locked('rsa', 'ascii', '-iter', '3000');
    const spent = vi.spyOn(DerivationCost.prototype, 'spend');
    const watched = watch();
    // The certificate of another key: the octets are needed after all, to say so.
    await expect(loadCredential(file(key, certificate('other')), { password: 'ascii' })).rejects.toThrow();
    expect(spent.mock.calls.map(([iterations]) => iterations)).toEqual([3000]);
    expect(watched.deriveKey).toHaveBeenCalledTimes(1);
    await expect(loadCredential(file(key), { password: 'wrong' })).rejects.toThrow();
    // UTF-8 and UTF-16.
    expect(spent).toHaveBeenCalledTimes(3);
  });

  it('refuses to derive for long', async () => {
    const bytes = file(locked('rsa', password, '-iter', '1000001'), certificate('rsa'));
    await expect(loadCredential(bytes, { password })).rejects.toMatchObject({ code: 'KEY_DERIVATION_TOO_COSTLY' });
  });

  it('refuses a derived key that is not as long as the cipher asks', async () => {
    const kdf = sequence(oid(Oid.pbkdf2), sequence(octetString(new Uint8Array(8)), integer(1), integer(16)));
    const scheme = sequence(kdf, sequence(oid(Oid.aes256Cbc), octetString(new Uint8Array(16))));
    const bytes = sequence(sequence(oid(Oid.pbes2), scheme), octetString(new Uint8Array(64)));
    await expect(loadCredential(bytes, { password })).rejects.toMatchObject({ code: 'FORMAT_MALFORMED' });
  });

  it('matches a great many keys and certificates by their octets, not by trying each with each', async () => {
    const keys = Array.from({ length: 40 }, () => locked('p256', 'x', '-iter', '1'));
    const bytes = file(...keys, ...Array.from({ length: 40 }, () => certificate('other')), certificate('p256'));
    const verify = vi.spyOn(crypto.subtle, 'verify');
    const { certificate: chosen } = await loadCredential(bytes, { password: 'x' });
    expect(chosen.subject).toBe('CN=p256');
    expect(verify).not.toHaveBeenCalled();
  });
});

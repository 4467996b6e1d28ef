import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import {
  type Certificate,
  createSelfSignedCertificate,
  generateKeyPair,
  type KeyPair,
  readKeyFile,
  readPublicKey,
  thumbprints,
  writeDer,
  writeJwk,
  writeJwkSet,
} from '@certgrant/core';
import { calculateJwkThumbprint, exportJWK, importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workshop } from './support/workshop.ts';

const workshop = new Workshop();
afterAll(() => workshop.remove());

const algorithms = ['RSA-2048', 'P-256', 'P-384'] as const;
const pairs = new Map<string, { keyPair: KeyPair; certificate: Certificate }>();
beforeAll(async () => {
  for (const algorithm of algorithms) {
    const keyPair = await generateKeyPair(algorithm);
    pairs.set(algorithm, {
      keyPair,
      certificate: await createSelfSignedCertificate({ keyPair, subject: 'CN=daemon' }),
    });
  }
});
function pairOf(algorithm: string) {
  const pair = pairs.get(algorithm);
  if (pair === undefined) throw new Error(algorithm);
  return pair;
}

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi'];

describe('writeJwk', () => {
  it.each(algorithms)('writes the members that Node writes, and names the certificate: %s', async (algorithm) => {
    const { keyPair, certificate } = pairOf(algorithm);
    const jwk = await writeJwk({ pkcs8: keyPair.pkcs8, certificates: [certificate] });
    const oracle = createPrivateKey({ key: Buffer.from(keyPair.pkcs8), format: 'der', type: 'pkcs8' });
    const { x5t, 'x5t#S256': x5tS256 } = await thumbprints(certificate);
    expect(jwk).toEqual({
      ...oracle.export({ format: 'jwk' }),
      use: 'sig',
      kid: x5tS256,
      x5t,
      'x5t#S256': x5tS256,
      x5c: [Buffer.from(certificate.der).toString('base64')],
    });
    const data = Buffer.from('data');
    const signature = sign('sha256', data, createPrivateKey({ key: { ...jwk }, format: 'jwk' }));
    expect(verify('sha256', data, createPublicKey(oracle), signature)).toBe(true);
    await importJWK({ ...jwk, alg: algorithm.startsWith('RSA') ? 'PS256' : algorithm === 'P-256' ? 'ES256' : 'ES384' });
  });

  it('gives back the key and the certificate that went in', async () => {
    const { keyPair, certificate } = pairOf('RSA-2048');
    const text = JSON.stringify(await writeJwk({ pkcs8: keyPair.pkcs8, certificates: [certificate], keyId: 'mine' }));
    const { privateKeys, certificates } = await readKeyFile(Buffer.from(text));
    expect(privateKeys).toMatchObject([{ pkcs8: keyPair.pkcs8, friendlyName: 'mine' }]);
    expect(certificates.map((found) => found.certificate.der)).toEqual([certificate.der]);
  });

  it.each([
    ['P-521', ['EC', '-pkeyopt', 'ec_paramgen_curve:P-521']],
    ['secp256k1', ['EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1']],
    ['Ed25519', ['ed25519']],
    ['Ed448', ['ed448']],
    ['RSA of 1024 bits', ['RSA', '-pkeyopt', 'rsa_keygen_bits:1024']],
  ])('writes the members that Node writes for openssl keys: %s', async (_, [type = '', ...parameters]) => {
    workshop.openssl('genpkey', '-algorithm', type, ...parameters, '-out', 'o.key');
    const [found] = (await readKeyFile(workshop.read('o.key'))).privateKeys;
    const jwk = await writeJwk({ pkcs8: found?.pkcs8 ?? new Uint8Array(), certificates: [] });
    const oracle = createPrivateKey(workshop.text('o.key')).export({ format: 'jwk' });
    const { crv } = oracle;
    // RFC 8812 has no thumbprint of its own for secp256k1 in jose; the rest agree.
    const kid =
      crv === 'secp256k1'
        ? jwk.kid
        : await calculateJwkThumbprint(await exportJWK(createPublicKey(workshop.text('o.key'))));
    expect(jwk).toEqual({ ...oracle, use: 'sig', kid });
  });

  it('binds an RSASSA-PSS key to the one algorithm that it signs with', async () => {
    workshop.openssl('genpkey', '-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'pss.key');
    const [found] = (await readKeyFile(workshop.read('pss.key'))).privateKeys;
    const jwk = await writeJwk({ pkcs8: found?.pkcs8 ?? new Uint8Array(), certificates: [] });
    expect(jwk).toMatchObject({ kty: 'RSA', alg: 'PS256' });
  });

  it('says of octets that are no key that they are none', async () => {
    const rejected = writeJwk({ pkcs8: new Uint8Array([0x30, 0]), certificates: [] });
    await expect(rejected).rejects.toMatchObject({ code: 'FORMAT_MALFORMED' });
  });
});

describe('writeJwkSet', () => {
  it.each(algorithms)('writes public members alone, that verify what the key signs: %s', async (algorithm) => {
    const { keyPair, certificate } = pairOf(algorithm);
    const { keys } = await writeJwkSet([{ publicKey: certificate.publicKey, certificates: [certificate] }]);
    const [jwk = {}] = keys;
    expect(Object.keys(jwk).filter((name) => privateMembers.includes(name))).toEqual([]);
    const oracle = createPublicKey(
      Buffer.from(
        `-----BEGIN PUBLIC KEY-----\n${Buffer.from(keyPair.spki).toString('base64')}\n-----END PUBLIC KEY-----`,
      ),
    );
    expect(jwk).toMatchObject(oracle.export({ format: 'jwk' }));
    expect(jwk).toMatchObject({ use: 'sig', kid: (await thumbprints(certificate))['x5t#S256'] });
  });

  it('refuses a key for which JWK has no form', async () => {
    workshop.openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:brainpoolP256r1', '-out', 'b.key');
    const spki = createPublicKey(workshop.text('b.key')).export({ type: 'spki', format: 'der' });
    await expect(writeJwkSet([{ publicKey: readPublicKey(spki) }])).rejects.toMatchObject({
      code: 'FORMAT_UNSUPPORTED',
    });
  });
});

describe('writeDer', () => {
  it('writes PKCS#8 that openssl reads, encrypted when there is a password', async () => {
    const { keyPair } = pairOf('RSA-2048');
    workshop.write('plain.der', await writeDer(keyPair.pkcs8));
    workshop.write('locked.der', await writeDer(keyPair.pkcs8, { password: 'Größe' }));
    const plain = workshop.openssl('pkey', '-inform', 'DER', '-in', 'plain.der');
    expect(workshop.openssl('pkcs8', '-inform', 'DER', '-in', 'locked.der', '-passin', 'pass:Größe')).toBe(plain);
    await expect(readKeyFile(workshop.read('locked.der'))).rejects.toMatchObject({ code: 'PASSWORD_REQUIRED' });
    const { privateKeys } = await readKeyFile(workshop.read('locked.der'), { password: 'Größe' });
    expect(privateKeys[0]?.pkcs8).toEqual(keyPair.pkcs8);
  });

  it('refuses an empty password', async () => {
    await expect(writeDer(pairOf('P-256').keyPair.pkcs8, { password: '' })).rejects.toThrow(RangeError);
  });
});

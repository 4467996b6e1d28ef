import { createPublicKey, verify } from 'node:crypto';
import {
  type Bytes,
  createVerifier,
  generateKeyPair,
  importPrivateKey,
  loadCredential,
  type PrivateKey,
  readKeyFile,
  type SignatureAlgorithm,
  toHex,
  utf8,
} from '@certgrant/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workshop } from './support/workshop.ts';

const workshop = new Workshop();
beforeAll(() => {
  workshop.makePair('rsa');
  workshop.makePair('ec', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
});
afterAll(() => workshop.remove());

const message = utf8('what is signed');

describe('importPrivateKey', () => {
  it.each<['RSA-2048' | 'P-256' | 'P-384', SignatureAlgorithm[], SignatureAlgorithm[]]>([
    ['RSA-2048', ['PS256', 'RS256'], ['ES256', 'ES384']],
    ['P-256', ['ES256'], ['PS256', 'RS256', 'ES384']],
    ['P-384', ['ES384'], ['PS256', 'RS256', 'ES256']],
  ])('makes signers for a key of type %s with %j and no others', async (algorithm, fitting, unfit) => {
    const { pkcs8, spki } = await generateKeyPair(algorithm);
    const privateKey = await importPrivateKey(pkcs8);
    expect(toHex(privateKey.publicKey.spki)).toBe(toHex(spki));
    for (const alg of fitting) {
      const signature = await (await privateKey.signer(alg)).sign(message);
      expect(await (await createVerifier(spki, alg)).verify(signature, message)).toBe(true);
    }
    for (const alg of unfit) {
      expect(() => privateKey.signer(alg)).not.toThrow();
      await expect(privateKey.signer(alg)).rejects.toMatchObject({ code: 'KEY_UNSUITABLE' });
    }
  });

  it('makes one signer for each algorithm', async () => {
    const privateKey = await importPrivateKey((await generateKeyPair('P-256')).pkcs8);
    expect(await privateKey.signer('ES256')).toBe(await privateKey.signer('ES256'));
  });

  it('signs with PS256 and an RSASSA-PSS key, and with nothing else', async () => {
    workshop.openssl('genpkey', '-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'pss.key');
    const { privateKeys } = await readKeyFile(workshop.read('pss.key'));
    const privateKey = await importPrivateKey(privateKeys[0]?.pkcs8 as Bytes);
    const signature = await (await privateKey.signer('PS256')).sign(message);
    expect(verify('sha256', message, createPublicKey(workshop.text('pss.key')), signature)).toBe(true);
    await expect(privateKey.signer('RS256')).rejects.toMatchObject({ code: 'KEY_UNSUITABLE' });
  });

  it('refuses to sign with an RSA key of 512 bits', async () => {
    workshop.openssl('genrsa', '-out', 'short.key', '512');
    const { privateKeys } = await readKeyFile(workshop.read('short.key'));
    const privateKey = await importPrivateKey(privateKeys[0]?.pkcs8 as Bytes);
    await expect(privateKey.signer('RS256')).rejects.toMatchObject({ code: 'KEY_UNSUITABLE', message: /512 bits/ });
  });

  it('says of octets that are no key that they are damaged', async () => {
    for (const octets of [new Uint8Array(), new Uint8Array([0x30, 0]), utf8('no key')]) {
      await expect(importPrivateKey(octets)).rejects.toMatchObject({ code: 'FORMAT_MALFORMED' });
    }
  });

  it('shows nothing of the key to who prints it', async () => {
    const { pkcs8 } = await generateKeyPair('P-256');
    const privateKey = await importPrivateKey(pkcs8);
    expect(JSON.stringify(privateKey)).not.toMatch(/pkcs8/);
    expect(Object.keys(privateKey)).toEqual(['publicKey', 'signer', 'deriveSealingKey']);
  });
});

describe('PrivateKey.deriveSealingKey', () => {
  const nonce = new Uint8Array(12);
  async function seal(privateKey: PrivateKey, purpose = 'test'): Promise<string> {
    const key = await privateKey.deriveSealingKey(purpose);
    if (key === undefined) throw new Error('no sealing key');
    expect(Object.keys(key)).toEqual(['seal', 'open']);
    return toHex(await key.seal(message, nonce, new Uint8Array()));
  }

  it.each(['rsa', 'ec'])('gives the same key for the same %s key, whichever file it comes from', async (name) => {
    const certificate = workshop.read(`${name}.crt`);
    workshop.openssl(name, '-in', `${name}.key`, '-out', 'old.key', ...(name === 'rsa' ? ['-traditional'] : []));
    workshop.openssl('pkcs8', '-topk8', '-in', `${name}.key`, '-out', 'locked.key', '-passout', 'pass:x');
    const credentials = await Promise.all([
      loadCredential(workshop.pfx(name, 'x'), { password: 'x' }),
      loadCredential(workshop.pfx(name, 'x', '-legacy'), { password: 'x' }),
      loadCredential(certificate, { keyBytes: workshop.read('old.key') }),
      loadCredential(certificate, { keyBytes: workshop.read(`${name}.key`) }),
      loadCredential(certificate, { keyBytes: workshop.read('locked.key'), password: 'x' }),
    ]);
    if (name === 'ec') {
      workshop.openssl('ec', '-in', 'ec.key', '-no_public', '-out', 'bare.key');
      credentials.push(await loadCredential(certificate, { keyBytes: workshop.read('bare.key') }));
    }
    const sealed = await Promise.all(credentials.map(({ privateKey }) => seal(privateKey)));
    expect(new Set(sealed).size).toBe(1);
  });

  it('gives another key for another purpose and for another private key', async () => {
    const [one, other] = await Promise.all([generateKeyPair('P-256'), generateKeyPair('P-256')]);
    const [first, second] = [await importPrivateKey(one.pkcs8), await importPrivateKey(other.pkcs8)];
    const sealed = await Promise.all([seal(first), seal(first, 'other'), seal(second)]);
    expect(new Set(sealed).size).toBe(3);
  });
});

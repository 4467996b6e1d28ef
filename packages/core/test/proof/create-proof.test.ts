import {
  type Credential,
  createProof,
  createSelfSignedCertificate,
  decodeToken,
  describeToken,
  generateKeyPair,
  importPrivateKey,
  type KeyAlgorithm,
  type ProofOptions,
  thumbprints,
} from '@certgrant/core';
import { compactVerify, importSPKI } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';

const objectId = '8f1a3c52-7c1e-4d6b-9a57-0f6d2f0c9b11';
const at = Date.UTC(2030, 0, 1, 12, 0, 0, 900);
const platform = { now: () => at };

async function credentialOf(algorithm: KeyAlgorithm): Promise<Credential> {
  const keyPair = await generateKeyPair(algorithm);
  const certificate = await createSelfSignedCertificate({ keyPair, subject: 'CN=daemon', validityDays: 30 });
  return { privateKey: await importPrivateKey(keyPair.pkcs8), certificate, chain: [certificate] };
}

let rsa: Credential;
let ec: Credential;
beforeAll(async () => {
  [rsa, ec] = await Promise.all([credentialOf('RSA-2048'), credentialOf('P-256')]);
});

function parts(jwt: string): { header: unknown; claims: unknown } {
  const [header = '', claims = ''] = jwt.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return { header: JSON.parse(header), claims: JSON.parse(claims) };
}

const proof = (options: Partial<ProofOptions> = {}): Promise<string> =>
  createProof({ credential: rsa, objectId, platform, ...options });

describe('createProof', () => {
  it('has the claims that Graph asks for, and no others', async () => {
    const now = Math.floor(at / 1000);
    expect(parts(await proof()).claims).toEqual({
      aud: '00000002-0000-0000-c000-000000000000',
      iss: objectId,
      nbf: now,
      exp: now + 600,
    });
    expect(parts(await proof({ lifetime: 60 })).claims).toMatchObject({ nbf: now, exp: now + 60 });
  });

  it('names the certificate as the sample of the documentation does, or by SHA-256 with PS256', async () => {
    const prints = await thumbprints(rsa.certificate);
    expect(parts(await proof()).header).toEqual({ alg: 'RS256', typ: 'JWT', kid: prints.sha1, x5t: prints.x5t });
    expect(parts(await proof({ alg: 'PS256' })).header).toEqual({
      alg: 'PS256',
      typ: 'JWT',
      kid: prints.sha1,
      'x5t#S256': prints['x5t#S256'],
    });
  });

  it.each(['RS256', 'PS256'] as const)('holds for another library with %s', async (alg) => {
    const spki = Buffer.from(rsa.certificate.publicKey.spki).toString('base64');
    const key = await importSPKI(`-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----`, alg);
    await expect(compactVerify(await proof({ alg }), key)).resolves.toMatchObject({ protectedHeader: { alg } });
  });

  it('has no padding, whatever the lengths of its parts', async () => {
    for (const lifetime of [1, 10, 100, 600]) expect(await proof({ lifetime })).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it('writes the object id in lower case, as Graph compares it', async () => {
    expect(parts(await proof({ objectId: objectId.toUpperCase() })).claims).toMatchObject({ iss: objectId });
  });

  it('is a live proof for the decoder, and nothing about it is odd', async () => {
    const decoded = decodeToken(await proof());
    const warnings = describeToken(decoded, { platform }).warnings.map(({ code }) => code);
    expect({ kind: decoded.kind, warnings }).toEqual({ kind: 'proof', warnings: ['live'] });
  });

  it.each([0, -1, 601, 1.5, Number.NaN])('refuses a lifetime of %s seconds', async (lifetime) => {
    await expect(proof({ lifetime })).rejects.toThrow(RangeError);
  });

  it('refuses an object id that is no GUID, and a key that Graph takes no proof of', async () => {
    await expect(proof({ objectId: 'my-daemon' })).rejects.toMatchObject({
      code: 'USAGE',
      message: 'create proof: the object id is no GUID',
    });
    await expect(proof({ credential: ec })).rejects.toMatchObject({ code: 'KEY_UNSUITABLE' });
  });
});

import {
  type Credential,
  createCertificate,
  createClientAssertion,
  createSelfSignedCertificate,
  createSigner,
  createVerifier,
  generateKeyPair,
  importPrivateKey,
  type KeyAlgorithm,
  type SignatureAlgorithm,
  thumbprints,
  utf8,
} from '@certgrant/core';
import { beforeAll, describe, expect, it } from 'vitest';

const clientId = '8f1a3c52-7c1e-4d6b-9a57-0f6d2f0c9b11';
const audience = 'https://login.microsoftonline.com/9b0a1a52-1111-4222-8333-444444444444/oauth2/v2.0/token';
const at = Date.UTC(2030, 0, 1, 12, 0, 0, 900);
const platform = { now: () => at };

async function credentialOf(algorithm: KeyAlgorithm): Promise<Credential> {
  const keyPair = await generateKeyPair(algorithm);
  const certificate = await createSelfSignedCertificate({ keyPair, subject: 'CN=daemon', validityDays: 30 });
  return { privateKey: await importPrivateKey(keyPair.pkcs8), certificate, chain: [certificate] };
}

function parts(assertion: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header = '', claims = ''] = assertion.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return { header: JSON.parse(header), claims: JSON.parse(claims) };
}

let rsa: Credential;
let p256: Credential;
let p384: Credential;

beforeAll(async () => {
  [rsa, p256, p384] = await Promise.all([credentialOf('RSA-2048'), credentialOf('P-256'), credentialOf('P-384')]);
});

describe('createClientAssertion', () => {
  it('writes the claims of RFC 7523 with whole seconds, ten minutes ahead unless told otherwise', async () => {
    const { claims } = parts(await createClientAssertion({ credential: rsa, clientId, audience, platform }));
    const now = Math.floor(at / 1000);
    expect(claims).toEqual({
      aud: audience,
      iss: clientId,
      sub: clientId,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: now,
      nbf: now,
      exp: now + 600,
    });
    const brief = parts(await createClientAssertion({ credential: rsa, clientId, audience, platform, lifetime: 60 }));
    expect(brief.claims.exp).toBe(now + 60);
  });

  it('gives every assertion an identifier of its own', async () => {
    const options = { credential: rsa, clientId, audience, platform };
    const made = await Promise.all(Array.from({ length: 50 }, () => createClientAssertion(options)));
    expect(new Set(made.map((assertion) => parts(assertion).claims.jti)).size).toBe(50);
  });

  it.each<[SignatureAlgorithm, () => Credential]>([
    ['PS256', () => rsa],
    ['RS256', () => rsa],
    ['ES256', () => p256],
    ['ES384', () => p384],
  ])('signs with %s so that the certificate verifies it', async (alg, credential) => {
    const assertion = await createClientAssertion({ credential: credential(), clientId, audience, alg });
    const [header, claims, signature] = assertion.split('.');
    const verifier = await createVerifier(credential().certificate.publicKey.spki, alg);
    const bytes = new Uint8Array(Buffer.from(signature ?? '', 'base64url'));
    expect(await verifier.verify(bytes, utf8(`${header}.${claims}`))).toBe(true);
    expect(await verifier.verify(bytes, utf8(`${header}.${claims}x`))).toBe(false);
    expect(parts(assertion).header.alg).toBe(alg);
  });

  it.each([
    ['an RSA key', () => rsa, undefined, 'PS256'],
    ['an RSA key for AD FS', () => rsa, 'adfs', 'RS256'],
    ['a P-256 key', () => p256, undefined, 'ES256'],
    ['a P-384 key', () => p384, undefined, 'ES384'],
  ] as const)('chooses the algorithm that fits %s', async (_, credential, profile, alg) => {
    const assertion = await createClientAssertion({ credential: credential(), clientId, audience, profile });
    expect(parts(assertion).header.alg).toBe(alg);
  });

  it('names the certificate as each header profile does', async () => {
    const { x5t, 'x5t#S256': x5tS256 } = await thumbprints(rsa.certificate);
    const header = async (options: Partial<Parameters<typeof createClientAssertion>[0]>) =>
      parts(await createClientAssertion({ credential: rsa, clientId, audience, ...options })).header;
    expect(await header({})).toEqual({ alg: 'PS256', typ: 'JWT', 'x5t#S256': x5tS256 });
    expect(await header({ alg: 'RS256' })).toEqual({ alg: 'RS256', typ: 'JWT', x5t });
    expect(await header({ profile: 'adfs' })).toEqual({ alg: 'RS256', typ: 'JWT', x5t });
    expect(await header({ profile: 'generic' })).toEqual({
      alg: 'PS256',
      typ: 'JWT',
      kid: x5tS256,
      'x5t#S256': x5tS256,
    });
    expect(await header({ profile: 'generic', keyId: 'k1' })).toMatchObject({ kid: 'k1' });
    expect(await header({ keyId: 'k1' })).toEqual({ alg: 'PS256', typ: 'JWT', kid: 'k1', 'x5t#S256': x5tS256 });
  });

  it('sends the chain in standard base64, leaf first', async () => {
    const issuerKeys = await generateKeyPair('P-256');
    const signer = await createSigner(issuerKeys.pkcs8, 'ES256');
    const validity = { notBefore: new Date(at), notAfter: new Date(at + 86_400_000) };
    const issuer = await createCertificate({
      subject: 'CN=issuer',
      publicKey: issuerKeys.spki,
      issuer: { signer, certificate: 'self' },
      certificateAuthority: true,
      ...validity,
    });
    const keyPair = await generateKeyPair('RSA-2048');
    const leaf = await createCertificate({
      subject: 'CN=leaf',
      publicKey: keyPair.spki,
      issuer: { signer, certificate: issuer },
      ...validity,
    });
    const credential = {
      privateKey: await importPrivateKey(keyPair.pkcs8),
      certificate: leaf,
      chain: [leaf, issuer],
    };
    const assertion = await createClientAssertion({ credential, clientId, audience, sendChain: true });
    expect(parts(assertion).header.x5c).toEqual([leaf, issuer].map(({ der }) => Buffer.from(der).toString('base64')));
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a lifetime of %d', async (lifetime) => {
    await expect(createClientAssertion({ credential: rsa, clientId, audience, lifetime })).rejects.toThrow(RangeError);
  });

  it.each([
    ['an EC key with PS256', () => p256, { alg: 'PS256' }, 'KEY_UNSUITABLE'],
    ['a P-256 key with ES384', () => p256, { alg: 'ES384' }, 'KEY_UNSUITABLE'],
    ['an RSA key with ES256', () => rsa, { alg: 'ES256' }, 'KEY_UNSUITABLE'],
    ['the profile adfs with PS256', () => rsa, { alg: 'PS256', profile: 'adfs' }, 'USAGE'],
  ] as const)('refuses %s', async (_, credential, options, code) => {
    const attempt = createClientAssertion({ credential: credential(), clientId, audience, ...options });
    await expect(attempt).rejects.toMatchObject({ code, fix: expect.stringMatching(/\w/) });
  });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CertgrantError,
  type Credential,
  createClientAssertion,
  toBase64,
  toBase64Url,
  utf8,
  type VerifiedToken,
  type VerifyTokenOptions,
  verifyToken,
} from '@certgrant/core';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, importJWK, importSPKI, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCredential, part, tenantId } from './support/tokens.ts';

const audience = `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`;
const now = 1_772_634_468;
const platform = { now: () => now * 1000 };
const claims = { iss: 'https://issuer.example', sub: 'x', aud: 'api', nbf: now, exp: now + 600 };

interface Signing {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

async function makeKey(alg: string, kid?: string): Promise<Signing> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), ...(kid === undefined ? {} : { kid }) } };
}

function sign(
  payload: object,
  header: { alg: string; [name: string]: unknown },
  key: CryptoKey | Uint8Array,
): Promise<string> {
  return new SignJWT({ ...payload }).setProtectedHeader(header).sign(key);
}

function reasonOf(answer: VerifiedToken): string | undefined {
  return answer.valid ? undefined : answer.reason.code;
}

let rsa: Signing;
let other: Signing;
let ec: Signing;
beforeAll(async () => {
  [rsa, other, ec] = await Promise.all([makeKey('RS256', 'one'), makeKey('RS256', 'two'), makeKey('ES256', 'three')]);
});

describe('verifyToken with a key set', () => {
  const options = (keys: readonly object[], more: Partial<VerifyTokenOptions> = {}): VerifyTokenOptions => ({
    jwks: { keys },
    platform,
    ...more,
  });

  it('says with which key the token holds', async () => {
    const token = await sign(claims, { alg: 'RS256', kid: 'two' }, other.privateKey);
    const answer = await verifyToken(token, options([rsa.jwk, other.jwk, ec.jwk]));
    expect(answer).toMatchObject({ valid: true, key: { kid: 'two', alg: 'RS256', source: 'jwks' } });
  });

  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])(
    'verifies %s as jose signs it',
    async (alg) => {
      // One RSA key serves for all of its algorithms: making one takes long.
      const isRsa = alg.startsWith('RS') || alg.startsWith('PS');
      const { privateKey, jwk } = isRsa ? rsa : await makeKey(alg);
      const key = isRsa ? await importJWK(await exportJWK(privateKey), alg) : privateKey;
      const token = await sign(claims, { alg }, key);
      expect(reasonOf(await verifyToken(token, { jwks: jwk, platform }))).toBeUndefined();
    },
  );

  it('finds the key by kid, x5t, x5t#S256 or the certificate of the entry, else tries them all', async () => {
    const credential = await makeCredential();
    const jwk = await exportJWK(await importSPKI(pem(credential), 'PS256'));
    const entry = { ...jwk, x5c: [toBase64(credential.certificate.der)] };
    for (const alg of ['PS256', 'RS256'] as const) {
      const token = await createClientAssertion({ credential, clientId: 'c', audience, alg, platform });
      expect(reasonOf(await verifyToken(token, options([rsa.jwk, entry])))).toBeUndefined();
      expect(reasonOf(await verifyToken(token, options([rsa.jwk])))).toBe('key-not-found');
    }
    const nameless = await sign(claims, { alg: 'RS256' }, other.privateKey);
    expect(reasonOf(await verifyToken(nameless, options([ec.jwk, rsa.jwk, other.jwk])))).toBeUndefined();
    expect(reasonOf(await verifyToken(nameless, options([ec.jwk, rsa.jwk])))).toBe('signature-mismatch');
  });

  it('tries every key of one name', async () => {
    const token = await sign(claims, { alg: 'RS256', kid: 'one' }, other.privateKey);
    expect(reasonOf(await verifyToken(token, options([rsa.jwk, { ...other.jwk, kid: 'one' }])))).toBeUndefined();
  });

  it('uses the public half alone of a private key in the set', async () => {
    const jwk = await exportJWK(rsa.privateKey);
    const token = await sign(claims, { alg: 'RS256' }, rsa.privateKey);
    expect(reasonOf(await verifyToken(token, { jwks: jwk, platform }))).toBeUndefined();
  });

  it('refuses keys that are not for this', async () => {
    const token = await sign(claims, { alg: 'RS256', kid: 'one' }, rsa.privateKey);
    for (const change of [
      { use: 'enc' },
      { alg: 'PS256' },
      { key_ops: ['encrypt'] },
      { kty: 'oct', k: 'AAAA' },
      { n: undefined },
      { n: 'AQAB' },
    ]) {
      expect(reasonOf(await verifyToken(token, options([{ ...rsa.jwk, ...change }])))).toBe('key-unsuitable');
    }
    const onWrongCurve = await sign(claims, { alg: 'ES256' }, ec.privateKey);
    expect(reasonOf(await verifyToken(onWrongCurve, options([{ ...ec.jwk, crv: 'P-384' }])))).toBe('key-unsuitable');
  });

  it('compares times with a minute of tolerance, and with what is asked', async () => {
    const holds = async (changes: object, clockTolerance?: number): Promise<string | undefined> =>
      reasonOf(
        await verifyToken(
          await sign({ ...claims, ...changes }, { alg: 'RS256' }, rsa.privateKey),
          options([rsa.jwk], { clockTolerance }),
        ),
      );
    expect(await holds({ exp: now - 59 })).toBeUndefined();
    expect(await holds({ exp: now - 60 })).toBe('expired');
    expect(await holds({ nbf: now + 60 })).toBeUndefined();
    expect(await holds({ nbf: now + 61 })).toBe('not-yet-valid');
    expect(await holds({ exp: now }, 0)).toBe('expired');
    expect(await holds({ exp: now + 1 }, 0)).toBeUndefined();
    expect(await holds({ exp: now - 299 }, 300)).toBeUndefined();
    expect(await holds({ exp: {} })).toBe('time-malformed');
    expect(await holds({ exp: 'never' })).toBe('time-malformed');
    // As MSAL.NET writes them.
    expect(await holds({ exp: `${now + 600}`, nbf: `${now}` })).toBeUndefined();
    expect(await holds({ exp: `${now - 600}` })).toBe('expired');
  });

  it('says of an expired token when that was, and which key had signed it', async () => {
    const token = await sign({ ...claims, exp: now - 3 * 86_400 }, { alg: 'RS256', kid: 'one' }, rsa.privateKey);
    expect(await verifyToken(token, options([rsa.jwk]))).toMatchObject({
      valid: false,
      reason: { code: 'expired', message: 'It expired 3 days ago, at 2026-03-01T14:27:48Z' },
      key: { kid: 'one' },
    });
  });

  it('compares the audience when asked, and says when nothing was compared', async () => {
    const token = await sign({ ...claims, aud: ['a', 'b'] }, { alg: 'RS256' }, rsa.privateKey);
    const answer = await verifyToken(token, options([rsa.jwk]));
    expect(answer.notes.join()).toContain('Neither its issuer nor its audience was compared');
    expect(reasonOf(await verifyToken(token, options([rsa.jwk], { audience: 'b' })))).toBeUndefined();
    expect(reasonOf(await verifyToken(token, options([rsa.jwk], { audience: ['x', 'a'] })))).toBeUndefined();
    expect(reasonOf(await verifyToken(token, options([rsa.jwk], { audience: 'x' })))).toBe('audience-mismatch');
    const lasting = await sign({ sub: 'x' }, { alg: 'RS256' }, rsa.privateKey);
    expect((await verifyToken(lasting, options([rsa.jwk]))).notes.join()).toContain('holds for ever');
  });

  it('refuses a set that is none, and options that contradict each other', async () => {
    const token = await sign(claims, { alg: 'RS256' }, rsa.privateKey);
    for (const jwks of [{}, { keys: {} }, []]) {
      await expect(verifyToken(token, { jwks })).rejects.toMatchObject({ code: 'FORMAT_MALFORMED' });
    }
    await expect(verifyToken(token, {})).rejects.toThrow(TypeError);
    await expect(verifyToken(token, { jwks: rsa.jwk, issuer: 'https://x' })).rejects.toThrow(TypeError);
    await expect(verifyToken(token, { jwks: rsa.jwk, clockTolerance: -1 })).rejects.toThrow(RangeError);
    await expect(verifyToken(' ', { jwks: rsa.jwk })).rejects.toMatchObject({ code: 'TOKEN_NOT_FOUND' });
  });

  it('answers or throws a CertgrantError, whatever the text', async () => {
    const token = await sign(claims, { alg: 'RS256' }, rsa.privateKey);
    const damage = fc.tuple(fc.nat(token.length - 1), fc.string({ unit: 'binary', maxLength: 3 }));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), damage), async (what) => {
        const text = typeof what === 'string' ? what : token.slice(0, what[0]) + what[1] + token.slice(what[0] + 1);
        try {
          const { valid } = await verifyToken(text, options([rsa.jwk]));
          // The last character of the signature carries four bits that nothing hangs on.
          if (valid) expect(text.slice(0, -1)).toBe(token.slice(0, -1));
        } catch (thrown) {
          expect((thrown as CertgrantError).code).toBe('TOKEN_NOT_FOUND');
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('verifyToken under attack', () => {
  let second: JWK;
  beforeAll(async () => {
    second = (await makeKey('RS256')).jwk;
  });

  const attacks: Readonly<Record<string, readonly [expected: string, forge: () => Promise<string> | string]>> = {
    'no signature, alg none': ['unsigned', () => `${part({ alg: 'none' })}.${part(claims)}.`],
    'alg NONE with a signature': ['unsigned', () => `${part({ alg: 'NONE' })}.${part(claims)}.AAAA`],
    'an empty signature under RS256': ['unsigned', () => `${part({ alg: 'RS256' })}.${part(claims)}.`],
    'HS256 keyed with the public key as PEM': [
      'algorithm-refused',
      async () => sign(claims, { alg: 'HS256' }, utf8(await spkiPem())),
    ],
    'HS256 keyed with the public key as JWK': [
      'algorithm-refused',
      () => sign(claims, { alg: 'HS256', kid: 'one' }, utf8(JSON.stringify(rsa.jwk))),
    ],
    HS512: ['algorithm-refused', () => sign(claims, { alg: 'HS512' }, new Uint8Array(64))],
    'an algorithm that nobody knows': ['algorithm-refused', () => `${part({ alg: 'XX1' })}.${part(claims)}.AAAA`],
    'an algorithm named like a member of every object': [
      'algorithm-refused',
      () => `${part({ alg: 'constructor' })}.${part(claims)}.AAAA`,
    ],
    'an own key in jwk': ['signature-mismatch', () => sign(claims, { alg: 'RS256', jwk: other.jwk }, other.privateKey)],
    'an own key in jwk under the trusted name': [
      'signature-mismatch',
      () => sign(claims, { alg: 'RS256', kid: 'one', jwk: other.jwk }, other.privateKey),
    ],
    'an own key behind jku': [
      'signature-mismatch',
      () => sign(claims, { alg: 'RS256', jku: 'https://attacker.example/keys' }, other.privateKey),
    ],
    'an own certificate in x5c': [
      'signature-mismatch',
      async () => {
        const credential = await makeCredential();
        const [, payload, signature] = (
          await createClientAssertion({ credential, clientId: 'c', audience, alg: 'RS256', sendChain: true, platform })
        ).split('.');
        return `${part({ alg: 'RS256', kid: 'one', x5c: [toBase64(credential.certificate.der)] })}.${payload}.${signature}`;
      },
    ],
    'an own certificate behind x5u': [
      'signature-mismatch',
      () => sign(claims, { alg: 'RS256', x5u: 'https://attacker.example/cert' }, other.privateKey),
    ],
    'a name that no key has': ['key-not-found', () => sign(claims, { alg: 'RS256', kid: '../../one' }, rsa.privateKey)],
    'the name of another trusted key': [
      'signature-mismatch',
      () => sign(claims, { alg: 'RS256', kid: 'two' }, rsa.privateKey),
    ],
    'the name of a key of another type': [
      'key-unsuitable',
      () => sign(claims, { alg: 'RS256', kid: 'three' }, rsa.privateKey),
    ],
    'a name that is no text': ['malformed', () => forged('{"alg":"RS256","kid":["one"]}')],
    'an unknown critical extension': ['extension-refused', () => forged('{"alg":"RS256","crit":["exp"],"exp":1}')],
    'an empty list of critical extensions': ['extension-refused', () => forged('{"alg":"RS256","crit":[]}')],
    'a payload that is not encoded': [
      'extension-refused',
      () => signRaw(`${part({ alg: 'RS256', b64: false, crit: ['b64'] })}.{"iss":"a"}`),
    ],
    'b64 true': ['extension-refused', () => forged('{"alg":"RS256","b64":true,"crit":["b64"]}')],
    'two algorithms': ['duplicate-member', () => forged('{"alg":"none","alg":"RS256"}')],
    'two subjects': ['duplicate-member', () => forged('{"alg":"RS256"}', '{"sub":"admin","sub":"x"}')],
    'two subjects in different spellings': [
      'duplicate-member',
      () => forged('{"alg":"RS256"}', '{"sub":"admin","s\\u0075b":"x"}'),
    ],
    'padding behind the signature': [
      'malformed',
      async () => `${await sign(claims, { alg: 'RS256' }, rsa.privateKey)}==`,
    ],
    'a fourth part': ['malformed', async () => `${await sign(claims, { alg: 'RS256' }, rsa.privateKey)}.AAAA`],
    'changed claims': [
      'signature-mismatch',
      async () => {
        const [header, , signature] = (await sign(claims, { alg: 'RS256' }, rsa.privateKey)).split('.');
        return `${header}.${part({ ...claims, sub: 'admin' })}.${signature}`;
      },
    ],
    'RS256 relabelled as PS256': [
      'signature-mismatch',
      async () => {
        const [, payload, signature] = (await sign(claims, { alg: 'RS256' }, rsa.privateKey)).split('.');
        return `${part({ alg: 'PS256' })}.${payload}.${signature}`;
      },
    ],
    'an ES256 signature of zeros': [
      'signature-mismatch',
      () => `${part({ alg: 'ES256' })}.${part(claims)}.${toBase64Url(new Uint8Array(64))}`,
    ],
    'an encrypted token': ['encrypted', () => `${part({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`],
    'a payload that is no object': ['malformed', () => forged('{"alg":"RS256"}', '["x"]')],
  };

  /** Signed with the trusted key, so that nothing but the header or the payload stands against it. */
  function forged(header: string, payload: string = JSON.stringify(claims)): Promise<string> {
    return signRaw(`${part(header)}.${part(payload)}`);
  }

  async function signRaw(input: string): Promise<string> {
    const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', rsa.privateKey, utf8(input));
    return `${input}.${toBase64Url(new Uint8Array(signature))}`;
  }

  async function spkiPem(): Promise<string> {
    const key = await crypto.subtle.importKey(
      'jwk',
      rsa.jwk as JsonWebKey,
      { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
      true,
      ['verify'],
    );
    const spki = new Uint8Array(await crypto.subtle.exportKey('spki', key));
    return `-----BEGIN PUBLIC KEY-----\n${toBase64(spki)}\n-----END PUBLIC KEY-----\n`;
  }

  it.each(Object.entries(attacks))('refuses %s', async (_name, [expected, forge]) => {
    const requested: string[] = [];
    const answer = await verifyToken(await forge(), {
      jwks: { keys: [rsa.jwk, { ...second, kid: 'two' }, ec.jwk] },
      platform: {
        ...platform,
        fetch: (url) => {
          requested.push(url);
          return Promise.reject(new Error('no request belongs here'));
        },
      },
    });
    expect(reasonOf(answer)).toBe(expected);
    expect(requested).toEqual([]);
  });

  it('takes the very tokens that the attacks are made of, without the attack', async () => {
    const answer = await verifyToken(await forged('{"alg":"RS256","kid":"one"}'), {
      jwks: { keys: [rsa.jwk] },
      platform,
    });
    expect(answer.valid).toBe(true);
  });
});

function pem({ certificate }: Credential): string {
  return `-----BEGIN PUBLIC KEY-----\n${toBase64(certificate.publicKey.spki)}\n-----END PUBLIC KEY-----`;
}

describe('verifyToken with a certificate', () => {
  let credential: Credential;
  beforeAll(async () => {
    credential = await makeCredential();
  });

  it.each(['PS256', 'RS256'] as const)('verifies the %s assertions that certgrant makes', async (alg) => {
    const token = await createClientAssertion({ credential, clientId: 'c', audience, alg });
    const answer = await verifyToken(token, { certificate: credential.certificate });
    expect(answer).toMatchObject({
      valid: true,
      key: { alg, source: 'certificate', thumbprint: expect.stringMatching(/^[0-9A-F]{40}$/) },
    });
    expect(answer.notes).toEqual(['Neither its issuer nor its audience was compared with anything']);
    expect(reasonOf(await verifyToken(token, { certificate: credential.certificate, audience: 'https://x' }))).toBe(
      'audience-mismatch',
    );
  });

  it.each(['P-256', 'P-384'] as const)('verifies assertions with a key on %s', async (curve) => {
    const onCurve = await makeCredential(curve);
    const token = await createClientAssertion({ credential: onCurve, clientId: 'c', audience });
    expect(reasonOf(await verifyToken(token, { certificate: onCurve.certificate }))).toBeUndefined();
    expect(reasonOf(await verifyToken(token, { certificate: credential.certificate }))).toBe('key-unsuitable');
  });

  it('refuses the assertion of another key, and says that its header names another certificate', async () => {
    const token = await createClientAssertion({ credential: await makeCredential(), clientId: 'c', audience });
    const answer = await verifyToken(token, { certificate: credential.certificate });
    expect(reasonOf(answer)).toBe('signature-mismatch');
    expect(answer.notes.join()).toContain('that of another certificate');
  });

  it('says when the thumbprint in the header would lead a server to another key', async () => {
    const signer = await credential.privateKey.signer('PS256');
    const signed = async (header: object): Promise<VerifiedToken> => {
      const input = `${part({ alg: 'PS256', ...header })}.${part({ iss: 'c', sub: 'c', aud: audience, exp: now + 600 })}`;
      return verifyToken(`${input}.${toBase64Url(await signer.sign(utf8(input)))}`, {
        certificate: credential.certificate,
        platform,
        audience,
      });
    };
    expect(await signed({ x5t: toBase64Url(new Uint8Array(20)) })).toMatchObject({
      valid: true,
      notes: [expect.stringContaining('another certificate')],
    });
    expect(await signed({})).toMatchObject({ valid: true, notes: [expect.stringContaining('names no certificate')] });
    // Padded, as MSAL for Python writes it; in standard base64, as MSAL for Go does.
    const sha256 = Buffer.from(await crypto.subtle.digest('SHA-256', credential.certificate.der));
    for (const written of [
      sha256.toString('base64url'),
      sha256.toString('base64'),
      `${sha256.toString('base64url')}=`,
    ]) {
      expect(await signed({ 'x5t#S256': written })).toMatchObject({ valid: true, notes: [] });
    }
  });
});

describe('verifyToken with an issuer', () => {
  let server: Server;
  let origin: string;
  const documents = new Map<string, unknown>();
  const requested: string[] = [];
  let v1: Signing;
  let v2: Signing;
  beforeAll(async () => {
    [v1, v2] = await Promise.all([makeKey('RS256', 'v1-key'), makeKey('RS256', 'v2-key')]);
    server = createServer((request, response) => {
      requested.push(request.url ?? '');
      const document = documents.get(request.url ?? '');
      response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(document ?? { error: 'not found' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // A tenant of Entra ID, by id and by domain name, and /common.
    for (const tenant of [tenantId, 'contoso.onmicrosoft.com']) {
      documents.set(`/${tenant}/v2.0/.well-known/openid-configuration`, {
        issuer: `${origin}/${tenantId}/v2.0`,
        jwks_uri: `${origin}/v2/keys`,
      });
      documents.set(`/${tenant}/.well-known/openid-configuration`, {
        issuer: `https://sts.windows.net/${tenantId}/`,
        jwks_uri: `${origin}/v1/keys`,
      });
    }
    documents.set('/common/v2.0/.well-known/openid-configuration', {
      issuer: `${origin}/{tenantid}/v2.0`,
      jwks_uri: `${origin}/v2/keys`,
    });
    documents.set('/v1/keys', { keys: [{ ...v1.jwk, use: 'sig', x5t: 'v1-key' }] });
    documents.set('/v2/keys', {
      keys: [
        { ...v2.jwk, use: 'sig', issuer: `${origin}/{tenantid}/v2.0` },
        { ...rsa.jwk, use: 'sig', issuer: `${origin}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0` },
      ],
    });
    // An authorization server of another make.
    documents.set('/.well-known/oauth-authorization-server/as', {
      issuer: `${origin}/as`,
      jwks_uri: `${origin}/as/keys`,
    });
    documents.set('/as/keys', { keys: [ec.jwk] });
    documents.set('/liar/.well-known/openid-configuration', {
      issuer: 'https://elsewhere.example',
      jwks_uri: `${origin}/v2/keys`,
    });
    documents.set(`/liar/${tenantId}/.well-known/openid-configuration`, {
      issuer: 'https://sts.windows.net/00000000-0000-4000-8000-000000000000/',
      jwks_uri: `${origin}/v1/keys`,
    });
    documents.set(`/foreign/${tenantId}/.well-known/openid-configuration`, {
      issuer: `https://elsewhere.example/${tenantId}/v2.0`,
      jwks_uri: `${origin}/v2/keys`,
    });
    documents.set('/keyless/.well-known/openid-configuration', { issuer: `${origin}/keyless` });
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const times = { iat: now, nbf: now, exp: now + 3900, tid: tenantId };
  const v1Token = (changes: object = {}): Promise<string> =>
    sign(
      { ...times, iss: `https://sts.windows.net/${tenantId}/`, ver: '1.0', aud: 'api://x', ...changes },
      { alg: 'RS256', kid: 'v1-key' },
      v1.privateKey,
    );
  const v2Token = (changes: object = {}, key: Signing = v2): Promise<string> =>
    sign(
      { ...times, iss: `${origin}/${tenantId}/v2.0`, ver: '2.0', aud: 'x', ...changes },
      { alg: 'RS256', kid: String(key.jwk.kid) },
      key.privateKey,
    );
  const verify = async (token: string | Promise<string>, path: string): Promise<VerifiedToken> =>
    verifyToken(await token, { issuer: `${origin}${path}`, platform });

  it('reads the keys that the issuer publishes, and says where', async () => {
    const answer = await verify(v2Token(), `/${tenantId}/v2.0`);
    expect(answer).toMatchObject({ valid: true, key: { kid: 'v2-key', source: 'issuer', url: `${origin}/v2/keys` } });
    expect(answer.notes).toEqual(['Its audience was not compared with anything']);
  });

  it('verifies v1.0 and v2.0 tokens whichever of the two issuers is named, by id or by domain', async () => {
    for (const tenant of [tenantId, tenantId.toUpperCase(), 'contoso.onmicrosoft.com']) {
      documents.set(
        `/${tenant}/v2.0/.well-known/openid-configuration`,
        documents.get(`/${tenantId}/v2.0/.well-known/openid-configuration`),
      );
      documents.set(
        `/${tenant}/.well-known/openid-configuration`,
        documents.get(`/${tenantId}/.well-known/openid-configuration`),
      );
      for (const path of [`/${tenant}`, `/${tenant}/`, `/${tenant}/v2.0`]) {
        expect(reasonOf(await verify(v1Token(), path)), `v1.0 at ${path}`).toBeUndefined();
        expect(reasonOf(await verify(v2Token(), path)), `v2.0 at ${path}`).toBeUndefined();
      }
    }
  });

  it('puts the tenant of the token into the template of /common', async () => {
    expect(reasonOf(await verify(v2Token(), '/common/v2.0'))).toBeUndefined();
    const foreign = v2Token({ iss: `${origin}/00000000-0000-4000-8000-000000000000/v2.0` });
    expect(reasonOf(await verify(foreign, '/common/v2.0'))).toBe('issuer-mismatch');
  });

  it('refuses a key that the set holds for another issuer', async () => {
    expect(reasonOf(await verify(v2Token({}, rsa), `/${tenantId}/v2.0`))).toBe('key-not-found');
  });

  it('refuses the token of another issuer, and asks nobody else', async () => {
    requested.length = 0;
    const token = v2Token({ iss: 'https://attacker.example', jku: `${origin}/attacker` });
    const answer = await verify(token, `/${tenantId}/v2.0`);
    expect(reasonOf(answer)).toBe('issuer-mismatch');
    expect(requested.every((url) => url.startsWith(`/${tenantId}`) || url.startsWith('/.well-known'))).toBe(true);
  });

  it('says why a token for Microsoft Graph cannot be verified by others', async () => {
    const claimed = {
      ...times,
      iss: `https://sts.windows.net/${tenantId}/`,
      aud: 'https://graph.microsoft.com',
      ver: '1.0',
    };
    const nonce = 'AQABAAAAAAD';
    const hashed = Buffer.from(await crypto.subtle.digest('SHA-256', utf8(nonce))).toString('base64url');
    const [, payload, signature] = (
      await sign(claimed, { alg: 'RS256', kid: 'v1-key', nonce: hashed }, v1.privateKey)
    ).split('.');
    const sent = `${part({ alg: 'RS256', kid: 'v1-key', nonce })}.${payload}.${signature}`;
    expect(await verify(sent, `/${tenantId}`)).toMatchObject({ valid: false, reason: { code: 'graph-only' } });
  });

  it('knows issuers that publish by RFC 8414', async () => {
    const token = await sign({ iss: `${origin}/as`, exp: now + 60 }, { alg: 'ES256', kid: 'three' }, ec.privateKey);
    expect(reasonOf(await verify(token, '/as'))).toBeUndefined();
  });

  it('throws when there is nothing to verify with', async () => {
    const token = v2Token();
    await expect(verify(token, '/liar')).rejects.toMatchObject({ code: 'ISSUER_MISMATCH' });
    await expect(verify(token, `/liar/${tenantId}`)).rejects.toMatchObject({ code: 'ISSUER_MISMATCH' });
    await expect(verify(token, `/foreign/${tenantId}`)).rejects.toMatchObject({ code: 'ISSUER_MISMATCH' });
    await expect(verify(token, '/nothing')).rejects.toMatchObject({ code: 'DISCOVERY_FAILED' });
    await expect(verify(token, '/keyless')).rejects.toMatchObject({ code: 'DISCOVERY_FAILED' });
    await expect(verifyToken(await token, { issuer: 'not a URL' })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(verifyToken(await token, { issuer: 'http://far.example' })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(
      verifyToken(await token, { issuer: `${origin}/x`, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

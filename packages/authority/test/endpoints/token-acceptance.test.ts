import { createHash } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { base, type TestAuthority, testAuthority } from '../support/authority.ts';
import { type Identity, identity, type Padding } from '../support/identity.ts';
import { change, type Draft, draft, send, tokenParts } from '../support/token-request.ts';

let authority: TestAuthority;
let daemon: Identity;
let granted: Draft;
let keyId: string;

beforeAll(async () => {
  authority = await testAuthority();
  daemon = await identity();
  const registered = await authority.register({
    certificates: [(await identity()).certificate, daemon.certificate],
    permissions: ['User.Read.All', 'Application.Read.All'],
  });
  const { directory } = authority.services;
  const client = await directory.client(authority.tenantId, registered.appId);
  keyId = client?.application.keyCredentials[1]?.keyId ?? '';
  granted = await draft(authority.tenantId, registered.appId, daemon);
});

const print = (algorithm: 'sha1' | 'sha256'): Buffer => createHash(algorithm).update(daemon.certificate.der).digest();
const x5c = (): string => Buffer.from(daemon.certificate.der).toString('base64');
const now = (): number => Math.floor(Date.now() / 1000);
const noHint = { 'x5t#S256': undefined };

const headers: [name: string, changes: () => Record<string, unknown>, padding?: Padding][] = [
  ['x5t#S256 in padded base64url', () => ({ 'x5t#S256': `${print('sha256').toString('base64url')}=` })],
  ['x5t#S256 in padded base64', () => ({ 'x5t#S256': print('sha256').toString('base64') })],
  ['x5t#S256 in base64', () => ({ 'x5t#S256': print('sha256').toString('base64').replace('=', '') })],
  ['x5t#S256 in base64url', () => ({})],
  ['x5t in base64', () => ({ ...noHint, x5t: print('sha1').toString('base64').replace('=', '') })],
  ['x5t with RS256', () => ({ ...noHint, alg: 'RS256', x5t: print('sha1').toString('base64url') }), 'RS256'],
  ['x5t in padded base64url', () => ({ ...noHint, x5t: `${print('sha1').toString('base64url')}=` })],
  ['x5t in padded base64', () => ({ ...noHint, x5t: print('sha1').toString('base64') })],
  ['x5t#S256 with RS256, as MSAL Java', () => ({ typ: undefined, alg: 'RS256' }), 'RS256'],
  ['both thumbprints', () => ({ x5t: print('sha1').toString('base64url') })],
  ['kid: SHA-1 in upper-case hexadecimal', () => ({ ...noHint, kid: print('sha1').toString('hex').toUpperCase() })],
  ['kid: SHA-1 in lower-case hexadecimal', () => ({ ...noHint, kid: print('sha1').toString('hex') })],
  ['kid: SHA-1 in base64url', () => ({ ...noHint, kid: print('sha1').toString('base64url') })],
  ['kid: SHA-1 in padded base64', () => ({ ...noHint, kid: print('sha1').toString('base64') })],
  ['kid: SHA-256 in hexadecimal', () => ({ ...noHint, kid: print('sha256').toString('hex') })],
  ['kid: SHA-256 in base64url', () => ({ ...noHint, kid: print('sha256').toString('base64url') })],
  ['kid: the id of the key credential', () => ({ ...noHint, kid: keyId })],
  ['kid beside a thumbprint', () => ({ kid: 'key-1' })],
  ['x5c as an array', () => ({ ...noHint, x5c: [x5c()] })],
  ['x5c as a string', () => ({ ...noHint, x5c: x5c() })],
  ['x5c as a string with white space', () => ({ ...noHint, x5c: ` ${x5c().replace(/(.{76})/g, '$1 \t')}\n` })],
  ['x5c with line breaks', () => ({ ...noHint, x5c: [`\n${x5c().replace(/(.{64})/g, '$1\r\n')} `] })],
  ['x5c beside a thumbprint', () => ({ x5c: [x5c(), x5c()] })],
  ['no hint at all', () => noHint],
  ['no typ', () => ({ typ: undefined })],
  ['typ jwt', () => ({ typ: 'jwt' })],
  ['the OpenID typ', () => ({ typ: 'http://openid.net/specs/jwt/1.0' })],
];

const claims: readonly (readonly [string, () => Record<string, unknown>])[] = [
  ['times as text', () => ({ exp: String(now() + 600), nbf: String(now()), iat: undefined })],
  ['times with fractions and no nbf', () => ({ exp: now() + 600.25, iat: now() + 0.75, nbf: undefined })],
  ['times as text with fractions', () => ({ exp: `${now() + 600}.5`, nbf: `${now()}.25`, iat: String(now()) })],
  ['neither iat nor nbf', () => ({ iat: undefined, nbf: undefined })],
  ['nbf a second ahead', () => ({ nbf: now() + 1, iat: now() + 1 })],
  ['a clock five minutes ahead', () => ({ nbf: now() + 299, exp: now() + 900 })],
  ['a clock five minutes behind', () => ({ nbf: now() - 900, exp: now() - 298 })],
  ['a year of lifetime', () => ({ exp: now() + 365 * 86_400 })],
  ['a lifetime until the last date', () => ({ exp: 253_402_300_799 })],
  ['a jti that is no text', () => ({ jti: 7 })],
  ['no jti', () => ({ jti: undefined })],
  ['the client id in upper case', () => ({ iss: String(granted.claims.iss).toUpperCase() })],
  ['a claim that nobody knows', () => ({ extra: { deep: [1] } })],
];

const audiences = (): readonly string[] => {
  const { tenantId } = authority;
  return [
    `${base}/${tenantId}/oauth2/v2.0/token`,
    `${base}/${tenantId}/oauth2/token`,
    `${base}/${tenantId}/oauth2/v2.0/token?client-request-id=1`,
    `${base}/${tenantId}/oauth2/token?api-version=1.0`,
    `${base}/${tenantId}/v2.0`,
    `${base}/${tenantId}/`,
    `${base}/contoso.example/oauth2/v2.0/token`,
    `${base}/contoso.example/oauth2/token`,
    `${base}/contoso.example/v2.0`,
    `${base}/contoso.example/`,
    `${base}/${tenantId.toUpperCase()}/oauth2/v2.0/token`,
    `https://127.0.0.1:8443/${tenantId}/oauth2/v2.0/token`,
    `https://[::1]:8443/${tenantId}/oauth2/v2.0/token`,
    `https://127.0.0.1:8443/contoso.example/v2.0`,
  ];
};

const forms: readonly (readonly [string, Draft['form']])[] = [
  ['no client_id', { client_id: undefined }],
  ['an empty client_secret beside the assertion', { client_secret: '' }],
  ['openid scopes besides', { scope: 'https://graph.microsoft.com/.default openid offline_access profile' }],
  ['the same scope twice', { scope: 'https://graph.microsoft.com/.default https://graph.microsoft.com/.default' }],
  ['parameters that nobody knows', { client_info: '1', 'x-client-SKU': 'msal.js.node', claims: '{"access_token":{}}' }],
  ['a claims request that asks for nothing here', { claims: '{"access_token":null,"id_token":{"auth_time":null}}' }],
  ['the API by its id', { scope: '00000003-0000-0000-c000-000000000000/.default' }],
  ['the API with a slash at its end', { scope: 'https://graph.microsoft.com//.default' }],
  ["this authority's own Graph", { scope: `${base}/graph/.default` }],
];

describe('the token endpoint grants', () => {
  it.each(headers)('%s', async (...[, changes, padding = 'PS256']) => {
    const wanted = { ...granted, padding, header: change(granted.header, changes()) };
    expect(await send(authority, wanted)).toMatchObject({ status: 200 });
  });

  it.each(claims)('%s', async (_, changes) => {
    const wanted = { ...granted, claims: change(granted.claims, changes()) };
    expect(await send(authority, wanted)).toMatchObject({ status: 200 });
  });

  it.each(Array.from({ length: 14 }, (_, index) => [index]))(
    'audience %i of those that name this tenant',
    async (index) => {
      expect(audiences()).toHaveLength(14);
      const wanted = { ...granted, claims: { ...granted.claims, aud: audiences()[index] } };
      expect(await send(authority, wanted)).toMatchObject({ status: 200 });
    },
  );

  it.each(forms)('%s', async (_, changes) => {
    expect(await send(authority, { ...granted, form: { ...granted.form, ...changes } })).toMatchObject({ status: 200 });
  });

  it.each([
    '/contoso.example/oauth2/v2.0/token',
    '/CONTOSO.EXAMPLE/oauth2/v2.0/token',
    '/contoso.example/oauth2/v2.0/token?',
    '/contoso.example/oauth2/v2.0/token/',
    '/contoso.example/oauth2/token',
    '/contoso.example/oauth2/token?api-version=1.0&x=y',
    '/contoso.example/oauth2/v2.0/token?client-request-id=x&dc=y',
    '/base/contoso.example/oauth2/v2.0/token',
    '/a/b/contoso.example/oauth2/v2.0/token',
  ])('at %s', async (path) => {
    expect(await send(authority, { ...granted, path })).toMatchObject({ status: 200 });
  });

  it('an audience below the path prefix of the request', async () => {
    const path = '/base/contoso.example/oauth2/v2.0/token';
    expect(await send(authority, { ...granted, path, claims: { ...granted.claims, aud: base + path } })).toMatchObject({
      status: 200,
    });
  });

  it('the same assertion again', async () => {
    expect(await send(authority, granted)).toMatchObject({ status: 200 });
    expect(await send(authority, granted)).toMatchObject({ status: 200 });
  });

  it('the content type in other forms', async () => {
    const headers = { 'Content-Type': 'Application/X-WWW-Form-Urlencoded;charset=utf-8' };
    expect(await send(authority, granted, { headers })).toMatchObject({ status: 200 });
  });

  it('an Authorization header besides, which is ignored', async () => {
    expect(await send(authority, granted, { headers: { Authorization: 'Basic eDp5' } })).toMatchObject({ status: 200 });
  });
});

describe('the v1 token endpoint grants', () => {
  it.each([
    ['a resource', { scope: undefined, resource: 'https://graph.microsoft.com' }],
    ['a scope', {}],
  ])('%s', async (_, form) => {
    const path = `/${authority.tenantId}/oauth2/token?api-version=1.0`;
    const { status, body } = await send(authority, { ...granted, path, form: { ...granted.form, ...form } });
    expect(status).toBe(200);
    expect(body).toEqual({
      token_type: 'Bearer',
      expires_in: '3599',
      ext_expires_in: '3599',
      expires_on: expect.stringMatching(/^\d{10}$/),
      not_before: expect.stringMatching(/^\d{10}$/),
      resource: 'https://graph.microsoft.com',
      access_token: expect.any(String),
    });
    expect(Number(body.expires_on) - Number(body.not_before)).toBe(3900);
  });

  it('not without resource and scope: AADSTS900144', async () => {
    const path = `/${authority.tenantId}/oauth2/token`;
    const { body } = await send(authority, { ...granted, path, form: { ...granted.form, scope: undefined } });
    expect(body).toMatchObject({ error_codes: [900144] });
  });
});

describe('an access token', () => {
  it('of version 1 has the claims of Entra ID and is verified by jose against the published keys', async () => {
    const answer = await send(authority, granted);
    expect(answer.body).toEqual({
      token_type: 'Bearer',
      expires_in: 3599,
      ext_expires_in: 3599,
      access_token: expect.any(String),
    });
    const { header, claims: payload } = tokenParts(answer);
    expect(header).toEqual({ typ: 'JWT', alg: 'RS256', x5t: header.kid, kid: expect.stringMatching(/^[\w-]{27}$/) });
    const { tenantId } = authority;
    const clientId = granted.form.client_id;
    expect(payload).toMatchObject({
      aud: 'https://graph.microsoft.com',
      iss: `${base}/${tenantId}/`,
      idp: `${base}/${tenantId}/`,
      appid: clientId,
      appidacr: '2',
      app_displayname: 'daemon',
      idtyp: 'app',
      roles: ['Application.Read.All', 'User.Read.All'],
      tid: tenantId,
      ver: '1.0',
      sub: payload.oid,
    });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(3900);
    expect(payload.nbf).toBe(payload.iat);
    expect(Math.abs(Number(payload.iat) + 300 - now())).toBeLessThan(3);
    const configuration = await get(`/${tenantId}/.well-known/openid-configuration`);
    const keys = await (await authority.app.respond(new Request(String(configuration.jwks_uri)))).json();
    const verified = await jwtVerify(String(answer.body.access_token), createLocalJWKSet(keys), {
      issuer: String(configuration.issuer),
      audience: 'https://graph.microsoft.com',
    });
    expect(verified.protectedHeader.alg).toBe('RS256');
  });

  it('of version 2 names the API by its id, and is verified against the issuer of v2', async () => {
    const { appId } = await authority.register({
      displayName: 'Orders',
      identifierUris: ['api://orders'],
      appRoles: ['Orders.Read', 'Orders.Write'],
      requestedAccessTokenVersion: 2,
    });
    const { appId: clientId } = await authority.register({
      certificate: daemon.certificate,
      permissions: ['api://orders/Orders.Read'],
    });
    const wanted = await draft(authority.tenantId, clientId, daemon);
    const answer = await send(authority, { ...wanted, form: { ...wanted.form, scope: 'api://orders/.default' } });
    const { header, claims: payload } = tokenParts(answer);
    expect(header).toEqual({ typ: 'JWT', alg: 'RS256', kid: expect.any(String) });
    expect(payload).toMatchObject({ aud: appId, azp: clientId, azpacr: '2', roles: ['Orders.Read'], ver: '2.0' });
    for (const absent of ['appid', 'appidacr', 'idp', 'app_displayname', 'scp', 'wids'])
      expect(payload).not.toHaveProperty(absent);
    const configuration = await get(`/${authority.tenantId}/v2.0/.well-known/openid-configuration`);
    const keys = await (await authority.app.respond(new Request(String(configuration.jwks_uri)))).json();
    await jwtVerify(String(answer.body.access_token), createLocalJWKSet(keys), {
      issuer: String(configuration.issuer),
      audience: appId,
    });
  });

  it('has no roles when none is granted, and no revoked one', async () => {
    const { appId } = await authority.register({ certificate: daemon.certificate });
    const answer = await send(authority, await draft(authority.tenantId, appId, daemon));
    expect(tokenParts(answer).claims).not.toHaveProperty('roles');
  });

  it('has no role that the API has switched off', async () => {
    const registered = await authority.register({ identifierUris: ['api://off'], appRoles: ['Read', 'Write'] });
    const permissions = ['api://off/Read', 'api://off/Write'];
    const { appId } = await authority.register({ certificate: daemon.certificate, permissions });
    await authority.services.directory.updateApplication(authority.tenantId, registered.objectId, (application) => ({
      ...application,
      appRoles: application.appRoles.map((role) => ({ ...role, isEnabled: role.value !== 'Write' })),
    }));
    const wanted = await draft(authority.tenantId, appId, daemon);
    const answer = await send(authority, { ...wanted, form: { ...wanted.form, scope: 'api://off/.default' } });
    expect(tokenParts(answer).claims.roles).toEqual(['Read']);
  });

  it.each(['{"access_token":{"xms_cc":{"values":["cp1"]}}}', '{"access_token":{"xms_cc":{"value":"CP1"}}}'])(
    'for a client that handles claims challenges (%s) lives a day and says so',
    async (claims) => {
      const answer = await send(authority, { ...granted, form: { ...granted.form, claims } });
      expect(answer.body).toMatchObject({ expires_in: 86_399, ext_expires_in: 86_399, refresh_in: 43_199 });
      const payload = tokenParts(answer).claims;
      expect(payload.xms_cc).toEqual(['cp1']);
      expect(Number(payload.exp) - Number(payload.iat)).toBe(86_700);
    },
  );

  it('at v1 for such a client has its times as texts', async () => {
    const form = { ...granted.form, claims: '{"access_token":{"xms_cc":{"values":["other","cp1"]}}}' };
    const answer = await send(authority, { ...granted, form, path: `/${authority.tenantId}/oauth2/token` });
    expect(answer.body).toMatchObject({ expires_in: '86399', refresh_in: '43199' });
    expect(Number(answer.body.expires_on) - Number(answer.body.not_before)).toBe(86_700);
  });

  it.each(['{"access_token":{"xms_cc":{"values":["cp2"]}}}', '{"access_token":{"nbf":{"essential":true}}}', '{}'])(
    'for the claims request %s lives as long as any',
    async (claims) => {
      const answer = await send(authority, { ...granted, form: { ...granted.form, claims } });
      expect(answer.body).toMatchObject({ expires_in: 3599 });
      expect(answer.body).not.toHaveProperty('refresh_in');
      expect(tokenParts(answer).claims).not.toHaveProperty('xms_cc');
    },
  );

  it('lasts as long as the authority is told', async () => {
    const short = await testAuthority({ tokenLifetime: 600 });
    const { appId } = await short.register({ certificate: daemon.certificate });
    const answer = await send(short, await draft(short.tenantId, appId, daemon));
    expect(answer.body).toMatchObject({ expires_in: 599 });
    const { exp, iat } = tokenParts(answer).claims;
    expect(Number(exp) - Number(iat)).toBe(900);
  });
});

describe('a granted answer', () => {
  it('has the headers of Entra ID', async () => {
    const { headers: sent } = await send(authority, granted);
    expect(Object.fromEntries(sent)).toMatchObject({
      'cache-control': 'no-store, no-cache',
      pragma: 'no-cache',
      expires: '-1',
      'content-type': 'application/json; charset=utf-8',
      'strict-transport-security': 'max-age=0',
      'x-content-type-options': 'nosniff',
      p3p: 'CP="DSP CUR OTPi IND OTRi ONL FIN"',
      'x-ms-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-ms-clitelem': '1,0,0,,',
      'x-xss-protection': '0',
    });
  });
});

async function get(path: string): Promise<Record<string, unknown>> {
  const response = await authority.app.respond(new Request(base + path));
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

import { createHash, randomUUID } from 'node:crypto';
import { platformWith } from '@certgrant/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { UsedAssertions } from '../../src/checks/used-assertions.ts';
import { base, type TestAuthority, testAuthority } from '../support/authority.ts';
import { type Identity, identity, type Members, signJws } from '../support/identity.ts';
import { change, type Draft, draft, send } from '../support/token-request.ts';

let authority: TestAuthority;
let daemon: Identity;
let granted: Draft;
/** How far the authority's clock is ahead of ours, in seconds. */
let ahead = 0;

beforeEach(async () => {
  ahead = 0;
  const platform = platformWith({ now: () => Date.now() + ahead * 1000 });
  authority = await testAuthority({ platform, usedAssertions: new UsedAssertions(2) });
  daemon ??= await identity();
  const { appId } = await authority.register({ certificate: daemon.certificate });
  const usual = await draft(authority.tenantId, appId, daemon);
  const exp = Math.floor(Date.now() / 1000) + 300;
  granted = { ...usual, claims: { ...usual.claims, aud: `${base}/${authority.tenantId}/v2.0`, exp } };
});

/** The same assertion with another jti and other claims. */
const fresh = (changes: Members = {}): Draft => ({
  ...granted,
  claims: change(granted.claims, { jti: randomUUID(), ...changes }),
});
const now = (): number => Math.floor(Date.now() / 1000);
const sha1 = (): Buffer => createHash('sha1').update(daemon.certificate.der).digest();
const codeOf = async (wanted: Draft): Promise<unknown> => {
  const { status, body } = await send(authority, wanted);
  return status === 200 ? 200 : (body.error_codes as number[])[0];
};

describe('strict mode', () => {
  it('grants an assertion with the issuer as audience, once', async () => {
    expect(await codeOf(granted)).toBe(200);
    const again = await send(authority, granted);
    expect(again).toMatchObject({ status: 401, body: { error: 'invalid_client', error_codes: [50012] } });
  });

  it('refuses a jti that was used before in another assertion too, and not that of another application', async () => {
    expect(await codeOf(granted)).toBe(200);
    expect(await codeOf(fresh({ jti: granted.claims.jti, exp: now() + 90 }))).toBe(50012);
    const { appId } = await authority.register({ certificate: daemon.certificate });
    const other = fresh({ jti: granted.claims.jti, iss: appId, sub: appId });
    expect(await codeOf({ ...other, form: { ...other.form, client_id: appId } })).toBe(200);
  });

  it('grants only one of several requests that come with one assertion at the same time', async () => {
    const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(granted)));
    expect(codes.toSorted()).toEqual([200, 50012, 50012, 50012, 50012]);
  });

  it('uses nothing up when the assertion is not proven', async () => {
    const { header, claims } = granted;
    const forged = signJws(header, claims, (await identity()).key, 'PS256');
    expect(await codeOf({ ...granted, assertion: forged })).toBe(700027);
    expect(await codeOf(granted)).toBe(200);
  });

  it('refuses a used assertion also while it is only good by the tolerance of the clocks', async () => {
    expect(await codeOf(granted)).toBe(200);
    ahead = 300 + 200;
    expect(await codeOf(granted)).toBe(50012);
  });

  it('forgets an assertion when it has expired, and turns others away rather than forget one before', async () => {
    const used = authority.services.usedAssertions as UsedAssertions;
    expect([await codeOf(granted), await codeOf(fresh())]).toEqual([200, 200]);
    const third = await send(authority, fresh());
    expect(third).toMatchObject({ status: 429, body: { error_codes: [90055] } });
    expect(used.size).toBe(2);
    // The tolerance of both clocks and the minute in which it expires.
    ahead = 300 + 300 + 60;
    expect(await codeOf(fresh({ nbf: undefined, exp: now() + ahead + 60 }))).toBe(200);
    expect(used.size).toBe(1);
    expect(await codeOf(granted)).toBe(700024);
  });

  it.each([
    ['no jti', () => ({ jti: undefined }), 50027],
    ['a jti that is no text', () => ({ jti: 7 }), 50027],
    ['an empty jti', () => ({ jti: '' }), 50027],
    ['a jti of 256 characters', () => ({ jti: 'x'.repeat(256) }), 50027],
    ['the token endpoint as audience', () => ({ aud: `${base}${granted.path}` }), 700023],
    ['the issuer with a slash', () => ({ aud: `${base}/${authority.tenantId}/v2.0/` }), 700023],
    ['the issuer with a query', () => ({ aud: `${base}/${authority.tenantId}/v2.0?x` }), 700023],
    ['the issuer in upper case', () => ({ aud: `${base.toUpperCase()}/${authority.tenantId}/v2.0` }), 700023],
    ['the issuer by domain', () => ({ aud: `${base}/contoso.example/v2.0` }), 700023],
    ['the issuer at another host name', () => ({ aud: `https://127.0.0.1:8443/${authority.tenantId}/v2.0` }), 700023],
    ['the issuer of v1', () => ({ aud: `${base}/${authority.tenantId}/` }), 700023],
    ['an array with the issuer', () => ({ aud: [`${base}/${authority.tenantId}/v2.0`] }), 50027],
    ['more than ten minutes of lifetime', () => ({ exp: now() + 620 }), 700024],
  ] as const)('refuses %s', async (_, changes, code) => {
    expect(await codeOf(fresh(changes()))).toBe(code);
  });

  it('grants ten minutes of lifetime by a clock ten seconds ahead', async () => {
    expect(await codeOf(fresh({ exp: now() + 609 }))).toBe(200);
  });

  it('takes the issuer of version 1 at the endpoint of version 1', async () => {
    const path = `/${authority.tenantId}/oauth2/token`;
    expect(await codeOf({ ...fresh({ aud: `${base}/${authority.tenantId}/` }), path })).toBe(200);
    expect(await codeOf({ ...fresh(), path })).toBe(700023);
  });

  it.each([
    ['x5t', () => ({ x5t: sha1().toString('base64url') }), 700027],
    ['x5t beside x5t#S256', () => ({ x5t: sha1().toString('base64url'), ...granted.header, alg: 'RS256' }), 700027],
    ['the hexadecimal thumbprint as kid', () => ({ kid: sha1().toString('hex') }), 700027],
    ['the base64url thumbprint as kid', () => ({ kid: sha1().toString('base64url') }), 700027],
    ['x5t#S256', () => ({ 'x5t#S256': granted.header['x5t#S256'] }), 200],
    ['no hint', () => ({}), 200],
  ] as const)('answers RS256 with %s by %s', async (_, names, code) => {
    expect(await codeOf({ ...fresh(), header: { alg: 'RS256', ...names() }, padding: 'RS256' })).toBe(code);
  });

  it('takes x5t with PS256', async () => {
    expect(await codeOf({ ...fresh(), header: { alg: 'PS256', x5t: sha1().toString('base64url') } })).toBe(200);
  });
});

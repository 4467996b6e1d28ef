import { beforeAll, describe, expect, it } from 'vitest';
import { base, type TestAuthority, testAuthority } from '../support/authority.ts';

let authority: TestAuthority;
beforeAll(async () => {
  authority = await testAuthority();
});

async function get(
  path: string,
  origin = base,
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const response = await authority.app.respond(new Request(origin + path));
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

describe('openid-configuration', () => {
  it.each(['id', 'domain', 'DOMAIN'])('of v2, by the %s, names every endpoint by the tenant id', async (kind) => {
    const { tenantId } = authority;
    const name = { id: tenantId, domain: 'contoso.example', DOMAIN: 'CONTOSO.example' }[kind];
    const { status, headers, body } = await get(`/${name}/v2.0/.well-known/openid-configuration?`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      issuer: `${base}/${tenantId}/v2.0`,
      token_endpoint: `${base}/${tenantId}/oauth2/v2.0/token`,
      authorization_endpoint: `${base}/${tenantId}/oauth2/v2.0/authorize`,
      jwks_uri: `${base}/${tenantId}/discovery/v2.0/keys`,
    });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('cache-control')).toBe('max-age=86400, private');
  });

  it('is at the host that was asked', async () => {
    const { body } = await get(
      `/${authority.tenantId}/v2.0/.well-known/openid-configuration`,
      'https://127.0.0.1:9999',
    );
    expect(body.issuer).toBe(`https://127.0.0.1:9999/${authority.tenantId}/v2.0`);
  });

  it('keeps a path before the tenant', async () => {
    const { body } = await get(`/base/${authority.tenantId}/v2.0/.well-known/openid-configuration`);
    expect(body).toMatchObject({ issuer: `${base}/base/${authority.tenantId}/v2.0` });
  });

  it('of v1 has the issuer with a slash and the keys of common', async () => {
    const { body } = await get(`/${authority.tenantId}/.well-known/openid-configuration`);
    expect(body).toMatchObject({
      issuer: `${base}/${authority.tenantId}/`,
      token_endpoint: `${base}/${authority.tenantId}/oauth2/token`,
      jwks_uri: `${base}/common/discovery/keys`,
    });
  });

  it('of common has a template for issuer', async () => {
    const { body } = await get('/common/v2.0/.well-known/openid-configuration');
    expect(body).toMatchObject({
      issuer: `${base}/{tenantid}/v2.0`,
      token_endpoint: `${base}/common/oauth2/v2.0/token`,
    });
  });

  it.each([
    ['11111111-2222-3333-4444-555555555555', 90002],
    ['nowhere.example', 90002],
    ['nobody', 900023],
  ])('of %s is refused with AADSTS%i and invalid_tenant', async (tenant, code) => {
    const { status, body } = await get(`/${tenant}/v2.0/.well-known/openid-configuration`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: 'invalid_tenant', error_codes: [code] });
  });
});

describe('jwks', () => {
  it.each(['/common/discovery/keys', '/common/discovery/v2.0/keys', '/contoso.example/discovery/v2.0/keys'])(
    'at %s publishes the public key and nothing private',
    async (path) => {
      const { status, body } = await get(path);
      expect(status).toBe(200);
      const [key] = body.keys as Record<string, unknown>[];
      const names = ['kty', 'use', 'kid', 'x5t', 'n', 'e', 'x5c', ...(path.includes('v2.0') ? ['issuer'] : [])];
      expect(Object.keys(key ?? {})).toEqual(names);
      expect(key).toMatchObject({ kty: 'RSA', use: 'sig', e: 'AQAB', kid: key?.x5t });
      expect(JSON.stringify(body)).not.toMatch(/"(d|p|q|dp|dq|qi|k|oth)"/);
    },
  );
});

describe('instance discovery', () => {
  const at = (endpoint: string): string =>
    `/common/discovery/instance?api-version=1.1&authorization_endpoint=${encodeURIComponent(endpoint)}`;

  it('knows its own names', async () => {
    const { body } = await get(at(`${base}/contoso.example/oauth2/v2.0/authorize`));
    expect(body).toMatchObject({
      tenant_discovery_endpoint: `${base}/contoso.example/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [
        { preferred_network: 'localhost:8443', aliases: expect.arrayContaining(['localhost:8443', '127.0.0.1:8443']) },
      ],
    });
  });

  it.each(['https://elsewhere.example/t/oauth2/v2.0/authorize', 'http://localhost:8443/t/oauth2/authorize', 'x', ''])(
    'refuses %s with AADSTS50049',
    async (endpoint) => {
      const { status, body } = await get(at(endpoint));
      expect(status).toBe(400);
      expect(body).toMatchObject({ error: 'invalid_instance', error_codes: [50049] });
    },
  );
});

import { describe, expect, test } from 'vitest';
import { cloudOf, clouds } from '../../src/token/clouds.ts';
import { tenantIssuer, tokenEndpoint } from '../../src/token/endpoint.ts';

const tenant = '6babcaad-604b-40ac-a9d7-9fd97c0b779f';

test.each([
  ['https://login.microsoftonline.com', tenant, `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`],
  [
    'https://login.microsoftonline.com/',
    'contoso.com',
    'https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token',
  ],
  ['https://login.windows.net', tenant, `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`],
  ['https://login.chinacloudapi.cn/', tenant, `https://login.partner.microsoftonline.cn/${tenant}/oauth2/v2.0/token`],
  ['https://localhost:9443/base/', tenant, `https://localhost:9443/base/${tenant}/oauth2/v2.0/token`],
  ['http://127.0.0.1:9080', tenant, `http://127.0.0.1:9080/${tenant}/oauth2/v2.0/token`],
])('tokenEndpoint of %s for %s', (authority, name, expected) => {
  expect(tokenEndpoint(authority, name)).toBe(expected);
});

test('tokenEndpoint has another path for v1', () => {
  expect(tokenEndpoint('https://a.example', tenant, 'v1')).toBe(`https://a.example/${tenant}/oauth2/token`);
});

test('tenantIssuer is the issuer of v2 tokens', () => {
  expect(tenantIssuer('https://localhost:9443', tenant)).toBe(`https://localhost:9443/${tenant}/v2.0`);
});

describe('tokenEndpoint refuses', () => {
  test.each([
    ['an authority that is no URL', 'login.example', tenant, 'not a URL'],
    ['an authority without TLS elsewhere', 'http://login.example', tenant, 'https'],
    ['the tenant common', 'https://a.example', 'Common', 'common is not a tenant'],
    ['an empty tenant', 'https://a.example', '', 'neither an id nor a domain name'],
    ['a tenant that changes the path', 'https://a.example', '../x', 'neither an id nor a domain name'],
    ['a tenant with a query', 'https://a.example', 'a?b', 'neither an id nor a domain name'],
  ])('%s', (_, authority, name, message) => {
    expect(() => tokenEndpoint(authority, name)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(message) }),
    );
  });
});

test.each(Object.entries(clouds))('clouds: %s is found by each of its hosts', (_, cloud) => {
  for (const host of cloud.hosts) expect(cloudOf(`https://${host}/`)?.authority).toBe(cloud.authority);
  expect(cloudOf(cloud.hosts[0] ?? '')?.authority).toBe(cloud.authority);
});

test('cloudOf knows no other host', () => {
  expect(cloudOf('https://login.microsoftonline.com.evil.example')).toBeUndefined();
  expect(cloudOf('https://login.microsoftonline.com:8443')).toBeUndefined();
});

import { afterEach, describe, expect, test } from 'vitest';
import { discoverIssuer, documentUrls, IssuerDirectory } from '../../src/token/discovery.ts';
import { TestClock } from './support/clock.ts';
import { type Handler, sendJson, startServer, type TestServer } from './support/server.ts';

const open: TestServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(handler: Handler): Promise<TestServer> {
  const server = await startServer(handler);
  open.push(server);
  return server;
}

/** Serves one document at one path and 404 elsewhere. */
async function serveAt(path: string, document: (url: string) => unknown): Promise<TestServer> {
  const server: TestServer = await serve((request, response) => {
    if (request.path === path) sendJson(response, 200, document(server.url));
    else sendJson(response, 404, { error: 'not found' });
  });
  return server;
}

describe('discoverIssuer finds the document of an issuer with a path', () => {
  test.each([
    '/tenant/v2.0/.well-known/openid-configuration',
    '/.well-known/oauth-authorization-server/tenant/v2.0',
    '/.well-known/openid-configuration/tenant/v2.0',
    '/tenant/v2.0/.well-known/oauth-authorization-server',
  ])('at %s', async (path) => {
    const server = await serveAt(path, (url) => ({
      issuer: `${url}/tenant/v2.0`,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/keys`,
    }));
    const found = await discoverIssuer(`${server.url}/tenant/v2.0`);
    expect(found).toMatchObject({
      issuer: `${server.url}/tenant/v2.0`,
      tokenEndpoint: `${server.url}/token`,
      jwksUri: `${server.url}/keys`,
      documentUrl: server.url + path,
    });
  });
});

test('documentUrls asks at no place twice', () => {
  expect(documentUrls('https://a.example')).toEqual([
    'https://a.example/.well-known/openid-configuration',
    'https://a.example/.well-known/oauth-authorization-server',
  ]);
  expect(documentUrls('https://a.example/x/')).toContain('https://a.example/.well-known/oauth-authorization-server/x');
});

test.each([
  ['a slash more', '/'],
  ['another path', '/other'],
])('discoverIssuer refuses a document whose issuer has %s', async (_, more) => {
  const server = await serveAt('/.well-known/openid-configuration', (url) => ({ issuer: url + more }));
  await expect(discoverIssuer(server.url)).rejects.toMatchObject({
    code: 'ISSUER_MISMATCH',
    message: expect.stringContaining(`another issuer, ${server.url}${more}`),
  });
});

test('discoverIssuer goes on where another issuer has its document before the right one', async () => {
  const server: TestServer = await serve(({ path }, response) => {
    if (path === '/a/.well-known/openid-configuration') sendJson(response, 200, { issuer: server.url });
    else sendJson(response, 200, { issuer: `${server.url}/a`, token_endpoint: `${server.url}/token` });
  });
  expect((await discoverIssuer(`${server.url}/a`)).issuer).toBe(`${server.url}/a`);
});

test.each<[string, Handler]>([
  ['404 everywhere', (_, response) => sendJson(response, 404, {})],
  ['its front page everywhere', (_, response) => response.end('<html></html>')],
  ['redirects everywhere', (_, response) => response.writeHead(302, { location: '/login' }).end()],
  ['JSON without an issuer', (_, response) => sendJson(response, 200, { token_endpoint: 'https://evil.example' })],
])('discoverIssuer fails with DISCOVERY_FAILED on %s', async (_, handler) => {
  const server = await serve(handler);
  await expect(discoverIssuer(server.url)).rejects.toMatchObject({ code: 'DISCOVERY_FAILED' });
});

test('IssuerDirectory asks once an hour', async () => {
  const clock = new TestClock();
  const server = await serveAt('/.well-known/openid-configuration', (url) => ({ issuer: url }));
  const directory = new IssuerDirectory({ platform: clock });
  await directory.find(server.url);
  clock.advance(59 * 60_000);
  await directory.find(server.url);
  expect(server.requests).toHaveLength(1);
  clock.advance(60_000);
  await directory.find(server.url);
  expect(server.requests).toHaveLength(2);
});

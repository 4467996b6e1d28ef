import { createVerify, verify as verifySignature } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isCertgrantError } from '../../src/errors.ts';
import type { Credential } from '../../src/keyfile/credential.ts';
import { type ClosableFetch, createFetch } from '../../src/node/fetch.ts';
import { TokenClient } from '../../src/token/token-client.ts';
import type { TokenClientOptions } from '../../src/token/token-client-options.ts';
import { TokenRefusedError } from '../../src/token/token-refused-error.ts';
import { makeAuthority, makeCredential, type ServerIdentity } from './support/certificates.ts';
import { assertionOf, clientId, entraClient, requestTimeout, scope, sendToken, tenant } from './support/client.ts';
import { eventually, TestClock } from './support/clock.ts';
import { type Handler, sendJson, startServer, type TestServer } from './support/server.ts';

let credential: Credential;
let ecCredential: Credential;
let identity: ServerIdentity;
let fetch: ClosableFetch;
const open: TestServer[] = [];

beforeAll(async () => {
  const authority = await makeAuthority();
  [credential, ecCredential, identity] = await Promise.all([
    makeCredential(),
    makeCredential('P-256'),
    authority.issue(),
  ]);
  fetch = createFetch({ ca: [authority.ca], env: {} });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});
afterAll(() => fetch.close());

async function serve(handler: Handler): Promise<TestServer> {
  const server = await startServer(handler, identity);
  open.push(server);
  return server;
}

function client(server: TestServer, clock = new TestClock(), options: Partial<TokenClientOptions> = {}): TokenClient {
  return entraClient(server.url, credential, clock, { ...options, platform: { fetch, ...options.platform } });
}

/** Answers with what stands in the list, the last one again and again. */
function inTurn(...handlers: Handler[]): Handler {
  let turn = 0;
  return (request, response) => handlers[Math.min(turn++, handlers.length - 1)]?.(request, response);
}

function firstOf<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Error('there is none');
  return first;
}

const isRetryDelay = (milliseconds: number): boolean => milliseconds !== requestTimeout;

describe('TokenClient asks Entra ID', () => {
  test('at the v2 endpoint for a scope', async () => {
    const clock = new TestClock();
    const server = await serve((_, response) => sendToken(response, 'a.b.c'));
    const token = await client(server, clock).getToken({ scope });
    expect(token).toEqual({
      accessToken: 'a.b.c',
      tokenType: 'Bearer',
      expiresOn: clock.now() + 3599_000,
      refreshOn: clock.now() + 3299_000,
      source: 'network',
    });
    const [request] = server.requests;
    expect(request?.method).toBe('POST');
    expect(request?.path).toBe(`/${tenant}/oauth2/v2.0/token`);
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(request?.form ?? [])).toEqual({
      grant_type: 'client_credentials',
      client_id: clientId,
      scope,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: expect.any(String),
    });
  });

  test('with an assertion that its certificate verifies', async () => {
    const server = await serve((_, response) => sendToken(response, 'a.b.c'));
    const clock = new TestClock();
    await client(server, clock, { alg: 'RS256' }).getToken({ scope });
    const request = firstOf(server.requests);
    const { jwt, header, claims } = assertionOf(request);
    const signedAt = Math.floor(clock.now() / 1000);
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT', x5t: expect.stringMatching(/^[\w-]{27}$/) });
    expect(claims).toMatchObject({
      aud: `${server.url}/${tenant}/oauth2/v2.0/token`,
      iss: clientId,
      sub: clientId,
      iat: signedAt,
      exp: signedAt + 600,
    });
    const signingInput = jwt.slice(0, jwt.lastIndexOf('.'));
    const signature = Buffer.from(jwt.slice(jwt.lastIndexOf('.') + 1), 'base64url');
    const key = { key: Buffer.from(credential.certificate.publicKey.spki), format: 'der', type: 'spki' } as const;
    expect(createVerify('sha256').update(signingInput).verify(key, signature)).toBe(true);
    expect(verifySignature('sha256', Buffer.from(`${signingInput}x`), key, signature)).toBe(false);
  });

  test('at the v1 endpoint for a resource', async () => {
    const server = await serve((_, response) => sendToken(response, 'a.b.c', { expires_in: '3599' }));
    await client(server).getToken({ resource: 'https://api.example', version: 'v1' });
    const request = firstOf(server.requests);
    expect(request.path).toBe(`/${tenant}/oauth2/token`);
    expect(request.form.get('resource')).toBe('https://api.example');
    expect(request.form.has('scope')).toBe(false);
    expect(assertionOf(request).claims.aud).toBe(`${server.url}/${tenant}/oauth2/token`);
  });

  test.each([
    ['issuer', (url: string) => `${url}/${tenant}/v2.0`],
    ['https://aud.example/x', () => 'https://aud.example/x'],
  ])('with the audience %s', async (audience, expected) => {
    const server = await serve((_, response) => sendToken(response, 'a.b.c'));
    await client(server, undefined, { audience }).getToken({ scope });
    expect(server.requests.map((request) => assertionOf(request).claims.aud)).toEqual([expected(server.url)]);
  });

  test('with key id, chain and lifetime as they are set', async () => {
    const server = await serve((_, response) => sendToken(response, 'a.b.c'));
    await client(server, undefined, { keyId: 'k1', sendChain: true, lifetime: 90 }).getToken({ scope });
    const { header, claims } = firstOf(server.requests.map(assertionOf));
    expect(header).toMatchObject({ alg: 'PS256', kid: 'k1', x5c: [expect.any(String)] });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(90);
  });

  test.each([
    [{}, 'takes a scope'],
    [{ resource: 'https://api.example' }, 'takes a scope'],
    [{ scope, resource: 'https://api.example' }, 'no resource'],
    [{ scope, version: 'v1' } as const, 'takes a resource'],
  ])('and not for %j', async (target, message) => {
    const server = await serve((_, response) => sendToken(response, 'a.b.c'));
    await expect(client(server).getToken(target)).rejects.toThrow(message);
    expect(server.requests).toEqual([]);
  });
});

describe('TokenClient asks any other server', () => {
  function issuerHandler(document: object = {}): Handler {
    return (request, response) => {
      const url = `https://${request.headers.host}`;
      if (request.path === '/.well-known/openid-configuration') {
        sendJson(response, 200, { issuer: url, token_endpoint: `${url}/token`, ...document });
      } else sendToken(response, 'a.b.c', { token_type: 'bearer' });
    };
  }
  function genericClient(server: TestServer, options: Partial<TokenClientOptions> = {}): TokenClient {
    const { now, delay } = new TestClock();
    return new TokenClient({ issuer: server.url, clientId, credential, platform: { fetch, now, delay }, ...options });
  }
  const tokenRequests = ({ requests }: TestServer) => requests.filter(({ path }) => path === '/token').map(assertionOf);

  test('by its issuer, with a header and a lifetime that strict ones take', async () => {
    const server = await serve(issuerHandler());
    await genericClient(server).getToken({ scope: 'read' });
    const { header, claims } = firstOf(tokenRequests(server));
    expect(header).toMatchObject({ alg: 'PS256', typ: 'JWT', kid: expect.any(String) });
    expect(claims.aud).toBe(`${server.url}/token`);
    expect(Number(claims.exp) - Number(claims.iat)).toBeLessThanOrEqual(300);
  });

  test('never twice with the same assertion', async () => {
    const server = await serve(issuerHandler());
    const one = genericClient(server);
    await one.getToken({ scope: 'read' });
    await one.getToken({ scope: 'write' });
    const ids = tokenRequests(server).map(({ claims }) => claims.jti);
    expect(new Set(ids).size).toBe(2);
  });

  test('without a scope, and with a resource indicator', async () => {
    const server = await serve(issuerHandler());
    await genericClient(server).getToken({ resource: 'https://api.example' });
    const form = server.requests.at(-1)?.form;
    expect(form?.get('resource')).toBe('https://api.example');
    expect(form?.has('scope')).toBe(false);
  });

  test('with its issuer as the audience', async () => {
    const server = await serve(issuerHandler());
    await genericClient(server, { audience: 'issuer' }).getToken({});
    expect(tokenRequests(server)[0]?.claims.aud).toBe(server.url);
  });

  test.each([
    [['RS256', 'ES256'], 'RS256'],
    [['PS256', 'RS256'], 'PS256'],
    [['ES256'], 'PS256'],
  ])('that takes %j with %s', async (published, alg) => {
    const server = await serve(issuerHandler({ token_endpoint_auth_signing_alg_values_supported: published }));
    await genericClient(server).getToken({});
    expect(tokenRequests(server)[0]?.header.alg).toBe(alg);
  });

  test('that publishes RS256 with ES256 when the key is an EC key', async () => {
    const server = await serve(issuerHandler({ token_endpoint_auth_signing_alg_values_supported: ['RS256'] }));
    await genericClient(server, { credential: ecCredential }).getToken({});
    expect(tokenRequests(server)[0]?.header.alg).toBe('ES256');
  });

  test('unless its document names no token endpoint', async () => {
    const server = await serve(issuerHandler({ token_endpoint: undefined }));
    await expect(genericClient(server).getToken({})).rejects.toMatchObject({ code: 'DISCOVERY_FAILED' });
  });

  test('unless its token endpoint is not reached over https', async () => {
    const server = await serve(issuerHandler({ token_endpoint: 'http://login.example/token' }));
    await expect(genericClient(server).getToken({})).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('TokenClient re-uses an assertion', () => {
  test('for other scopes, but not in its last minute', async () => {
    const clock = new TestClock();
    const server = await serve((_, response) => sendToken(response, 'a.b.c'));
    const one = client(server, clock);
    await one.getToken({ scope: 'a/.default' });
    clock.advance(539_000);
    await one.getToken({ scope: 'b/.default' });
    clock.advance(1000);
    await one.getToken({ scope: 'c/.default' });
    const [first, second, third] = server.requests.map((request) => assertionOf(request).jwt);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test('only as long as the credential is the same', async () => {
    const renewed = await makeCredential();
    let present = credential;
    const server = await serve((_, response) => sendToken(response, 'a.b.c'));
    const one = client(server, undefined, { credential: async () => present });
    await one.getToken({ scope: 'a/.default' });
    present = renewed;
    await one.getToken({ scope: 'b/.default' });
    const [first, second] = server.requests.map((request) => assertionOf(request).header['x5t#S256']);
    expect(second).not.toBe(first);
  });

  test('never after invalid_client, and tries a new one at once', async () => {
    const refuse: Handler = (_, response) => sendJson(response, 401, { error: 'invalid_client' });
    const grant: Handler = (_, response) => sendToken(response, 'a.b.c');
    const server = await serve(inTurn(grant, refuse, grant));
    const one = client(server);
    await one.getToken({ scope: 'a/.default' });
    await one.getToken({ scope: 'b/.default' });
    const [first, second, third] = server.requests.map((request) => assertionOf(request).jwt);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test('and explains a refusal with the assertion and the certificate that were used', async () => {
    const error_description = "AADSTS700027: It does not hold. [Reason - The key was not found., 'x']";
    const server = await serve((_, response) =>
      sendJson(response, 401, { error: 'invalid_client', error_description }),
    );
    const thrown: unknown = await client(server)
      .getToken({ scope })
      .catch((error: unknown) => error);
    const causes = (thrown as TokenRefusedError).explanation?.causes ?? [];
    expect(causes[0]?.id).toBe('certificate-not-registered');
    // Its own header has a thumbprint of the right length under the right name.
    const ids = causes.map(({ id }) => id);
    expect(ids).not.toContain('sha256-under-x5t');
    expect(ids).not.toContain('sha1-under-x5t-s256');
    const chain = causes.find(({ id }) => id === 'chain-not-sent');
    expect(chain?.evidence).toEqual([expect.stringContaining('self-signed')]);
  });

  test('and does not try again when a new one is refused', async () => {
    const server = await serve((_, response) => sendJson(response, 401, { error: 'invalid_client' }));
    await expect(client(server).getToken({ scope })).rejects.toBeInstanceOf(TokenRefusedError);
    expect(server.requests).toHaveLength(1);
  });
});

describe('TokenClient tries again', () => {
  const grant: Handler = (_, response) => sendToken(response, 'a.b.c');
  test.each<[string, Handler, number, number]>([
    ['after a 429 that asks for 7 seconds', (_, r) => r.writeHead(429, { 'retry-after': '7' }).end(), 7000, 7700],
    [
      'after a 503 that asks for a moment',
      (_, r) => r.writeHead(503, { 'retry-after': 'Fri, 02 Jan 2026 03:04:15 GMT' }).end(),
      10_000,
      11_000,
    ],
    ['after a 500', (_, r) => sendJson(r, 500, { error: 'server_error' }), 250, 500],
    ['after an HTML 502', (_, r) => r.writeHead(502, { 'content-type': 'text/html' }).end('<html>'), 250, 500],
    ['after a broken connection', (_, r) => r.destroy(), 250, 500],
  ])('%s', async (_, failing, least, most) => {
    const clock = new TestClock();
    const server = await serve(inTurn(failing, grant));
    const pending = client(server, clock).getToken({ scope });
    const wait = await clock.delayOf(isRetryDelay);
    expect(wait).toBeGreaterThanOrEqual(least);
    expect(wait).toBeLessThanOrEqual(most);
    clock.advance(wait);
    expect((await pending).accessToken).toBe('a.b.c');
    expect(server.requests).toHaveLength(2);
  });

  test('four times in all, each time later', async () => {
    const clock = new TestClock();
    const server = await serve((_, response) => response.writeHead(500).end());
    const pending = client(server, clock).getToken({ scope });
    const caught = pending.catch((thrown: unknown) => thrown);
    const waits: number[] = [];
    for (let attempt = 1; attempt < 4; attempt++) {
      waits.push(await clock.delayOf(isRetryDelay));
      clock.advance(waits.at(-1) ?? 0);
    }
    expect(await caught).toMatchObject({ code: 'TOKEN_REFUSED', status: 500 });
    expect(server.requests).toHaveLength(4);
    expect(waits[1]).toBeGreaterThanOrEqual(500);
    expect(waits[2]).toBeGreaterThanOrEqual(1000);
  });

  test('never past the deadline', async () => {
    const server = await serve((_, response) => response.writeHead(429, { 'retry-after': '60' }).end());
    const error = await client(server)
      .getToken({ scope })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 429, retryAfter: 60_000, fix: 'Try again in 60 s' });
    expect(server.requests).toHaveLength(1);
  });

  test.each([400, 401, 403, 404, 415, 501])('but not after status %i', async (status) => {
    const server = await serve((_, response) => response.writeHead(status).end());
    await expect(client(server).getToken({ scope })).rejects.toMatchObject({ code: 'TOKEN_REFUSED', status });
    expect(server.requests).toHaveLength(1);
  });

  test('until the caller cancels while it waits', async () => {
    const clock = new TestClock();
    const controller = new AbortController();
    const server = await serve((_, response) => response.writeHead(500).end());
    const pending = client(server, clock).getToken({ scope }, { signal: controller.signal });
    const caught = pending.catch((thrown: unknown) => thrown);
    await clock.delayOf(isRetryDelay);
    controller.abort();
    expect(await caught).toMatchObject({ code: 'CANCELLED' });
    expect(clock.delays).toEqual([]);
  });
});

test.each<[string, Handler, string]>([
  ['an HTML page', (_, r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), 'RESPONSE_NOT_JSON'],
  ['a redirect', (_, r) => r.writeHead(302, { location: '/elsewhere' }).end(), 'RESPONSE_REDIRECT'],
  ['no access_token', (_, r) => sendJson(r, 200, { token_type: 'Bearer' }), 'RESPONSE_WITHOUT_TOKEN'],
  ['10 MB', (_, r) => r.end(Buffer.alloc(10 * 1024 * 1024, 0x20)), 'RESPONSE_TOO_LARGE'],
  ['an empty 403', (_, r) => r.writeHead(403).end(), 'TOKEN_REFUSED'],
])('TokenClient ends %s in one error and keeps the assertion out of it', async (_, handler, code) => {
  const server = await serve(handler);
  const error = await client(server)
    .getToken({ scope })
    .catch((thrown: unknown) => thrown);
  if (!isCertgrantError(error)) throw new Error('no CertgrantError');
  expect(error.code).toBe(code);
  expect(error.message).toMatch(/^request token: /);
  expect(server.requests).toHaveLength(1);
  expect(JSON.stringify([error, error.message, error.fix, error.stack])).not.toContain('eyJ');
});

test('TokenClient gives up on a server that hangs within its deadline', async () => {
  const clock = new TestClock();
  const server = await serve(() => {});
  const caught = client(server, clock, { attempts: 2 })
    .getToken({ scope })
    .catch((thrown: unknown) => thrown);
  await eventually(() => server.requests[0]);
  clock.advance(requestTimeout);
  clock.advance(await clock.delayOf(isRetryDelay));
  await eventually(() => server.requests[1]);
  clock.advance(requestTimeout);
  expect(await caught).toMatchObject({ code: 'TIMEOUT' });
});

test.each([
  ['neither tenant nor issuer', { clientId: 'a' }, TypeError],
  ['both tenant and issuer', { clientId: 'a', tenant, issuer: 'https://a.example' }, TypeError],
  ['an empty client id', { clientId: '', tenant }, TypeError],
])('TokenClient is not made with %s', (_, options, type) => {
  expect(() => new TokenClient({ credential, ...options })).toThrow(type);
});

test('TokenClient is not made for a malformed tenant', () => {
  expect(() => new TokenClient({ credential, clientId, tenant: 'a b' })).toThrow(
    expect.objectContaining({ code: 'USAGE' }),
  );
});

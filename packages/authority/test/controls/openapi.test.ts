import { EventEmitter, once } from 'node:events';
import { createFetch } from '@certgrant/core/node';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlRoutes } from '../../src/controls/control-routes.ts';
import { openApiDocument } from '../../src/controls/openapi.ts';
import { type Authority, startAuthority } from '../../src/index.ts';
import { toPem } from '../../src/lib/pem.ts';
import { identity } from '../support/identity.ts';
import { assertionType } from '../support/token-request.ts';

interface Operation {
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly responses: Readonly<
    Record<string, { readonly content?: { readonly 'application/json': { readonly schema: object } } }>
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

let authority: Authority;
let fetch: ReturnType<typeof createFetch>;
let document: Document;
/** What the authority reports, by path. */
const reports = new EventEmitter();
let ajv: Ajv2020;

beforeAll(async () => {
  authority = await startAuthority({ onRequest: ({ path }) => reports.emit(path) });
  fetch = createFetch({ ca: [authority.ca], env: {} });
  document = (await (await fetch(`${authority.url}/certgrant/openapi.json`)).json()) as Document;
  ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'doc', ...document });
});
afterAll(async () => {
  await fetch.close();
  await authority.close();
});

/** What every request has besides what a case says: the admin token. */
interface Sent {
  readonly path?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** What has to be there first. */
  readonly before?: () => Promise<unknown>;
}

const certificate = identity().then(({ certificate: { der } }) => toPem('CERTIFICATE', der));
const wrong = { body: { nothing: 'of this' } };

/** For each operation and status something that leads to it; what is the same everywhere is made below. */
const cases: Readonly<Record<string, Sent | (() => Promise<Sent>)>> = {
  'GET /certgrant/sign-ins 200': { before: askForToken },
  'GET /certgrant/sign-ins 400': { path: '/certgrant/sign-ins?limit=none' },
  'GET /certgrant/requests/next 200': { before: askForToken },
  'GET /certgrant/requests/next 204': { path: '/certgrant/requests/next?timeout=0', before: () => authority.reset() },
  'GET /certgrant/requests/next 400': { path: '/certgrant/requests/next?timeout=1h' },
  'PUT /certgrant/clock 200': { body: { now: '2030-01-31T12:00:00Z', advance: '5m', frozen: true } },
  'GET /certgrant/faults 200': { before: async () => authority.faults.add({ status: 500, latency: '1s' }) },
  'POST /certgrant/faults 201': {
    body: { target: 'graph', status: 429, retryAfter: 3, times: 'always', latency: '1s' },
  },
  'DELETE /certgrant/faults/{id} 204': async () => ({
    path: `/certgrant/faults/${authority.faults.add({ drop: true }).id}`,
  }),
  'DELETE /certgrant/faults/{id} 404': { path: '/certgrant/faults/none' },
  'POST /certgrant/forge 200': { body: { claims: { aud: 'x' }, signedBy: 'stranger' } },
  'POST /certgrant/register 201': async () => ({
    body: { certificate: await certificate, permissions: ['User.Read.All'], enabled: true, secret: true },
  }),
};

async function askForToken(): Promise<void> {
  await authority.reset();
  const body = new URLSearchParams({ client_id: 'x', client_assertion_type: assertionType, grant_type: 'x' });
  await (
    await fetch(`${authority.url}/${authority.tenantId}/oauth2/v2.0/token`, { method: 'POST', body })
  ).arrayBuffer();
}

/** What leads to a status at every operation that documents it. */
const common: Readonly<Record<string, Sent>> = {
  400: wrong,
  401: { headers: { authorization: 'Bearer not-the-token' } },
  403: { headers: { origin: 'https://attacker.example' } },
  413: { body: { x: 'x'.repeat(1024 * 1024) } },
  415: { body: {}, headers: { 'content-type': 'text/plain' } },
};

async function call(
  method: string,
  path: string,
  { body, headers = {}, before, path: wanted = path }: Sent,
): Promise<Response> {
  await before?.();
  const standard = {
    authorization: `Bearer ${authority.adminToken}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const all = Object.entries({ ...standard, ...headers }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const init = {
    method,
    headers: Object.fromEntries(all),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  return (await fetch(authority.url + wanted.replace('{id}', 'x'), init)) as Response;
}

function validator(path: string, method: string, status: string): ValidateFunction {
  const escaped = path.replaceAll('~', '~0').replaceAll('/', '~1');
  const pointer = `#/paths/${encodeURIComponent(escaped)}/${method.toLowerCase()}/responses/${status}/content/application~1json/schema`;
  return ajv.compile({ $ref: `doc${pointer}` });
}

const documented = Object.entries(openApiDocument('https://localhost').paths as Document['paths']).flatMap(
  ([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      Object.keys(responses).map((status) => [method.toUpperCase(), path, status] as const),
    ),
);

describe('the OpenAPI document', () => {
  it('is one, by the rules of OpenAPI 3.1 that matter to a generator', () => {
    expect(document).toMatchObject({ openapi: expect.stringMatching(/^3\.1\./), info: { title: expect.any(String) } });
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map((each) => (each as { operationId?: string }).operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const name of Object.keys(document.components.schemas))
      expect(() => ajv.compile({ $ref: `doc#/components/schemas/${name}` })).not.toThrow();
  });

  it('documents every route that is served, and none besides', () => {
    const served = controlRoutes.map(({ method, path }) => `${method} ${path}`);
    const inDocument = [...new Set(documented.map(([method, path]) => `${method} ${path}`))];
    expect(inDocument.toSorted()).toEqual(['GET /healthz', ...served].toSorted());
  });

  it.each(documented)('%s %s answers %s as it says', async (method, path, status) => {
    const wanted = cases[`${method} ${path} ${status}`] ?? common[status] ?? {};
    const sent = typeof wanted === 'function' ? await wanted() : wanted;
    const answer = await call(method, path, sent);
    const text = await answer.text();
    expect([answer.status, text.slice(0, 300)]).toEqual([Number(status), expect.anything()]);
    const content = document.paths[path]?.[method.toLowerCase()]?.responses[status]?.content;
    if (content === undefined) return expect(text).toBe('');
    expect(answer.headers.get('content-type')).toBe('application/json');
    const validate = validator(path, method, status);
    expect([validate(JSON.parse(text)), validate.errors]).toEqual([true, null]);
    const takes = document.paths[path]?.[method.toLowerCase()]?.requestBody?.content['application/json'].schema;
    if (takes !== undefined && answer.ok && sent.body !== undefined) {
      const escaped = encodeURIComponent(path.replaceAll('/', '~1'));
      const body = ajv.compile({
        $ref: `doc#/paths/${escaped}/${method.toLowerCase()}/requestBody/content/application~1json/schema`,
      });
      expect([body(sent.body), body.errors]).toEqual([true, null]);
    }
  });
});

describe('below /certgrant', () => {
  it.each([
    ['GET', '/certgrant/nothing', 404],
    ['GET', '/certgrant', 404],
    ['PATCH', '/certgrant/clock', 405],
    ['OPTIONS', '/certgrant/clock', 405],
  ])('%s %s is answered with %i', async (method, path, status) => {
    const answer = await call(method, path, {});
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, null]);
    expect(ajv.validate({ $ref: 'doc#/components/schemas/Error' }, await answer.json())).toBe(true);
    if (status === 405) expect(answer.headers.get('allow')).toBe('GET, PUT, DELETE');
  });

  it.each([
    ['without a token', { authorization: undefined }],
    ['with the token as a password', { authorization: 'Basic eDp4' }],
    ['with an access token', undefined],
  ])('nothing is shown %s', async (_, headers) => {
    const bearer = { authorization: `Bearer ${await authority.forge()}` };
    for (const { path, method, open } of controlRoutes.filter(({ open: isOpen }) => !isOpen)) {
      expect(open).toBeUndefined();
      const answer = await call(method, path, { headers: headers ?? bearer });
      expect([path, answer.status, answer.headers.get('www-authenticate')]).toEqual([
        path,
        401,
        'Bearer realm="certgrant"',
      ]);
      await answer.arrayBuffer();
    }
  });

  it.each([
    [{ origin: 'https://attacker.example' }],
    [{ origin: 'null' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
  ])('a write with %j is refused although the token is right', async (headers) => {
    const answer = await call('POST', '/certgrant/faults', { body: { status: 500 }, headers });
    expect([answer.status, await answer.json()]).toMatchObject([403, { error: { code: 'CROSS_SITE' } }]);
  });

  it('a write of a page of its own is taken', async () => {
    const headers = { origin: authority.url, 'sec-fetch-site': 'same-origin' };
    const answer = await call('DELETE', '/certgrant/clock', { headers });
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  });

  it('what it sets is what the library sees, and the other way round', async () => {
    await authority.reset();
    await (
      await call('PUT', '/certgrant/clock', { body: { now: '2031-05-05T00:00:00Z', frozen: true } })
    ).arrayBuffer();
    expect(authority.clock.state).toEqual({ now: '2031-05-05T00:00:00.000Z', frozen: true });
    authority.clock.advance('1d');
    expect(await (await call('GET', '/certgrant/clock', {})).json()).toEqual({
      now: '2031-05-06T00:00:00.000Z',
      frozen: true,
    });
    await (await call('POST', '/certgrant/reset', {})).arrayBuffer();
    expect(authority.clock.state.frozen).toBe(false);
  });

  it('a client that goes away while it waits for a request takes none', async () => {
    await authority.reset();
    const leaving = new AbortController();
    const init = { headers: { authorization: `Bearer ${authority.adminToken}` }, signal: leaving.signal };
    const waiting = fetch(`${authority.url}/certgrant/requests/next?timeout=1m`, init);
    // An answer to a later request shows that the server has seen the one before it, on whatever connection.
    await (await call('GET', '/certgrant/clock', {})).arrayBuffer();
    const noticed = once(reports, '/certgrant/requests/next');
    leaving.abort();
    await expect(waiting).rejects.toThrow();
    await noticed;
    await askForToken();
    expect(await authority.takeRequest(0)).toMatchObject({ method: 'POST' });
  });

  it('/certgrant and /healthz are not among the requests that can be taken', async () => {
    await authority.reset();
    await (await call('GET', '/certgrant/clock', {})).arrayBuffer();
    await (await call('GET', '/healthz', { headers: { authorization: undefined } })).arrayBuffer();
    await expect(authority.takeRequest(0)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});

import { GraphClient, type GraphObject } from '@certgrant/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, GraphServer, impatientPlatform, refused } from './graph-server.ts';

const token = 'opaque-access-token';
const server = new GraphServer();
beforeAll(() => server.listen());
afterAll(() => server.close());
beforeEach(() => {
  server.received.length = 0;
});

const read = { action: 'read thing' };

function client(
  options: { graphUrl?: string; accessToken?: () => Promise<string> } = {},
): GraphClient & { waits: number[] } {
  const { platform, waits } = impatientPlatform();
  const made = new GraphClient({ graphUrl: server.url, accessToken: async () => token, platform, ...options });
  return Object.assign(made, { waits });
}

/** Answers one after the other; the last one stays. */
function answers(...list: readonly Answer[]): void {
  let next = 0;
  server.answer = () => list[Math.min(next++, list.length - 1)];
}

async function all(list: AsyncIterable<GraphObject>): Promise<GraphObject[]> {
  const objects: GraphObject[] = [];
  for await (const object of list) objects.push(object);
  return objects;
}

describe('GraphClient', () => {
  it('sends JSON with the bearer token and a request id of its own', async () => {
    answers({ status: 201, json: { id: '1' } });
    expect(await client().post('/things', { name: 'ü' }, { action: 'create thing' })).toEqual({ id: '1' });
    const [request] = server.received;
    expect(request).toMatchObject({ method: 'POST', path: '/v1.0/things', body: { name: 'ü' } });
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      'content-type': 'application/json',
      'client-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('takes answers without content to PATCH and DELETE', async () => {
    answers({ status: 204 });
    await client().patch('/things/1', { a: 1 }, read);
    await client().delete('/things/1', read);
    expect(server.received.map(({ method }) => method)).toEqual(['PATCH', 'DELETE']);
  });

  it.each([
    ['', '/v1.0/x'],
    ['/', '/v1.0/x'],
    ['/graph', '/graph/v1.0/x'],
    ['/graph/v1.0/', '/graph/v1.0/x'],
    ['/beta', '/beta/x'],
  ])('finds the version after "%s"', async (path, expected) => {
    answers({ status: 200, json: {} });
    await client({ graphUrl: server.url + path }).get('/x', read);
    expect(server.received[0]?.path).toBe(expected);
  });

  it.each([
    'graph.microsoft.com',
    'ftp://graph.microsoft.com',
    'http://graph.microsoft.com',
    'https://a:b@graph.microsoft.com',
    'https://graph.microsoft.com?x=1',
  ])('refuses the URL %s: a token would go there', (graphUrl) => {
    expect(() => client({ graphUrl })).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it('reads a list page after page', async () => {
    server.answer = ({ path }) =>
      path.includes('skiptoken')
        ? { status: 200, json: { value: [{ id: '3' }] } }
        : {
            status: 200,
            json: { value: [{ id: '1' }, { id: '2' }], '@odata.nextLink': `${server.url}/v1.0/things?$skiptoken=2` },
          };
    expect(await all(client().list('/things', read))).toEqual([{ id: '1' }, { id: '2' }, { id: '3' }]);
  });

  it('does not carry the token to another server that a page links to', async () => {
    answers({ status: 200, json: { value: [], '@odata.nextLink': 'https://elsewhere.example/v1.0/things' } });
    await expect(all(client().list('/things', read))).rejects.toMatchObject({
      code: 'RESPONSE_UNEXPECTED',
      message: 'read thing: Graph answered with a link to the next page that leads to another server',
    });
  });

  it('ends a list that never ends', async () => {
    server.answer = () => ({ status: 200, json: { value: [], '@odata.nextLink': `${server.url}/v1.0/things` } });
    await expect(all(client().list('/things', read))).rejects.toMatchObject({
      code: 'RESPONSE_UNEXPECTED',
    });
  });

  it.each<[number, string, RegExp]>([
    [400, 'Request_BadRequest', /Correct what the message names/],
    [401, 'InvalidAuthenticationToken', /new access token/],
    [403, 'Authorization_RequestDenied', /Grant Thing\.Read\.All .*new token/],
    [404, 'Request_ResourceNotFound', /Check the id and the tenant/],
    [409, 'Request_MultipleObjectsWithSameKeyValue', /exists already/],
  ])('says what to do about %s %s', async (status, code, fix) => {
    answers(refused(status, code, 'The words of Graph.'));
    await expect(client().get('/x', { ...read, permission: 'Thing.Read.All' })).rejects.toMatchObject({
      name: 'GraphError',
      code: 'API_REFUSED',
      message: `read thing: Graph answered ${status} ${code}: The words of Graph (request-id the-request-id)`,
      fix: expect.stringMatching(fix),
      status,
      graphCode: code,
      requestId: 'the-request-id',
    });
    expect(server.received).toHaveLength(1);
  });

  it.each<[string, Answer, string]>([
    ['a 403 without a body', { status: 403, text: '' }, 'read thing: Graph answered 403: an empty body'],
    ['an HTML page', { status: 404, text: '<html>secret page</html>' }, 'read thing: Graph answered 404: an HTML page'],
    [
      'JSON of another kind',
      { status: 400, json: ['x'] },
      'read thing: Graph answered 400: content of type application/json',
    ],
    [
      'the id in the header alone',
      { status: 400, json: {}, headers: { 'request-id': 'abc' } },
      'read thing: Graph answered 400: content of type application/json (request-id abc)',
    ],
  ])('bears an error answer that is %s', async (_, answer, message) => {
    answers(answer);
    await expect(client().get('/x', read)).rejects.toMatchObject({ code: 'API_REFUSED', message });
  });

  it('does not repeat the token when the server does', async () => {
    answers(refused(401, 'InvalidAuthenticationToken', `Bad token ${token} here`));
    const error = await client()
      .get('/x', read)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining('Bad token [token] here') });
    expect(JSON.stringify(error) + String((error as Error).cause)).not.toContain(token);
  });

  it.each(['', 'two words', 'a\nb', 'ü'])('refuses the token "%s" before it becomes a header', async (bad) => {
    answers({ status: 200, json: {} });
    const error = await client({ accessToken: async () => bad })
      .get('/x', read)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TOKEN_MALFORMED' });
    expect(server.received).toHaveLength(0);
  });

  it('waits as long as Retry-After asks, whatever the method', async () => {
    answers(refused(429, 'TooManyRequests', 'Slow down', { 'retry-after': '7' }), { status: 201, json: { id: '1' } });
    const graph = client();
    expect(await graph.post('/things', {}, read)).toEqual({ id: '1' });
    expect(graph.waits).toHaveLength(1);
    expect(graph.waits[0]).toBeGreaterThanOrEqual(7000);
    expect(graph.waits[0]).toBeLessThan(7300);
  });

  it('gives up at once when it would have to wait past its deadline', async () => {
    answers(refused(429, 'TooManyRequests', 'Slow down', { 'retry-after': '90' }));
    const graph = client();
    await expect(graph.get('/x', read)).rejects.toMatchObject({
      status: 429,
      fix: expect.stringContaining('wait 90 seconds'),
    });
    expect(graph.waits).toEqual([]);
  });

  it('gives up after four attempts', async () => {
    answers(refused(503, 'ServiceUnavailable', 'Busy'));
    const graph = client();
    await expect(graph.get('/x', read)).rejects.toMatchObject({
      status: 503,
      fix: expect.stringContaining('try again'),
    });
    expect(server.received).toHaveLength(4);
    expect(graph.waits).toHaveLength(3);
  });

  it('repeats a request that reads after 500 and a broken connection, but none that may have been done', async () => {
    let count = 0;
    server.answer = (_, response) => {
      count++;
      if (count === 1) return refused(500, 'InternalServerError', 'Oops');
      if (count === 2) {
        response.destroy();
        return undefined;
      }
      return { status: 200, json: { id: '1' } };
    };
    expect(await client().get('/x', read)).toEqual({ id: '1' });
    count = 0;
    await expect(client().post('/x', {}, read)).rejects.toMatchObject({ status: 500 });
    await expect(client().post('/x', {}, read)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  });

  it.each<[string, Answer, string]>([
    ['HTML in a success', { status: 200, text: '<html></html>' }, 'RESPONSE_NOT_JSON'],
    ['a list where an object belongs', { status: 200, json: [] }, 'RESPONSE_UNEXPECTED'],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.example' } }, 'RESPONSE_REDIRECT'],
    ['an answer beyond bounds', { status: 200, json: 'x'.repeat(5 * 1024 * 1024) }, 'RESPONSE_TOO_LARGE'],
  ])('refuses %s', async (_, answer, code) => {
    answers(answer);
    await expect(client().get('/x', read)).rejects.toMatchObject({ code });
  });

  it('refuses a list that is none', async () => {
    answers({ status: 200, json: { value: 'x' } satisfies GraphObject });
    await expect(all(client().list('/x', read))).rejects.toMatchObject({ code: 'RESPONSE_UNEXPECTED' });
  });

  it('stops when it is told to, in a request and between two', async () => {
    const controller = new AbortController();
    server.answer = () => {
      controller.abort();
      return refused(503, 'ServiceUnavailable', 'Busy');
    };
    await expect(client().get('/x', { ...read, signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
      message: 'read thing: cancelled',
    });
  });
});

import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type CertgrantError, isCertgrantError } from '../../src/errors.ts';
import { type HttpRequest, httpRequest, parseJson, parseJsonObject } from '../../src/lib/http.ts';
import { createFetch } from '../../src/node/fetch.ts';
import { platformWith } from '../../src/platform.ts';
import { makeAuthority, type TestAuthority } from '../token/support/certificates.ts';
import { eventually, TestClock } from '../token/support/clock.ts';
import { type Handler, sendJson, startServer, startSocketServer, type TestServer } from '../token/support/server.ts';

let authority: TestAuthority;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  authority = await makeAuthority();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function serve(handler: Handler): Promise<TestServer> {
  const server = await startServer(handler);
  open.push(server);
  return server;
}

function request(url: string, options: Partial<HttpRequest> = {}): ReturnType<typeof httpRequest> {
  return httpRequest({ platform: platformWith(undefined), url, action: 'ask', ...options });
}

async function failure(promise: Promise<unknown>): Promise<CertgrantError> {
  const thrown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isCertgrantError(thrown)) throw new Error('no CertgrantError was thrown', { cause: thrown });
  expect(thrown.message).toMatch(/^ask: .*[^.]$/);
  expect(thrown.fix).toMatch(/^[A-Z].*[^.]$/);
  return thrown;
}

test('httpRequest returns the whole answer, whatever its status', async () => {
  const server = await serve(({ method, headers, form }, response) => {
    sendJson(response, 418, { method, accept: headers.accept, sent: form.get('a') });
  });
  const response = await request(`${server.url}/path`, { method: 'POST', headers: { accept: 'x/y' }, body: 'a=1' });
  expect(response.status).toBe(418);
  expect(parseJson(response, 'ask')).toEqual({ method: 'POST', accept: 'x/y', sent: '1' });
});

describe('httpRequest tells apart', () => {
  test('a host that does not exist', async () => {
    const error = await failure(request('https://no-such-host.invalid/'));
    expect(error.code).toBe('HOST_NOT_FOUND');
    expect(error.message).toContain('no-such-host.invalid');
  });

  test('a port where nothing listens', async () => {
    const { port, close } = await startSocketServer(() => {});
    await close();
    const error = await failure(request(`https://127.0.0.1:${port}/`));
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.message).toBe(`ask: 127.0.0.1:${port} refuses connections`);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['before the answer', (response) => response.destroy()],
    ['within an answer of stated length', (response) => response.writeHead(200, { 'content-length': '99' }).write('{')],
    ['within an answer in chunks', (response) => response.writeHead(200).write('{')],
  ])('a connection closed %s', async (_, begin) => {
    const server = await serve((_request, response) => {
      begin(response);
      setImmediate(() => response.destroy());
    });
    const error = await failure(request(server.url));
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.message).toContain('closed the connection before it had answered');
  });

  test('a server without TLS', async () => {
    const server = await serve((_request, response) => sendJson(response, 200, {}));
    const error = await failure(request(server.url.replace('http:', 'https:')));
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.message).toContain('does not speak TLS');
  });

  test('a server that is none of HTTP', async () => {
    const server = await startSocketServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    open.push(server);
    const error = await failure(request(`http://127.0.0.1:${server.port}/`));
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.message).toContain('not HTTP');
  });

  test('a port that fetch blocks', async () => {
    expect((await failure(request('http://127.0.0.1:6666/'))).message).toContain('never connects to');
  });
});

describe('httpRequest does not trust', () => {
  const day = 24 * 60 * 60 * 1000;
  test.each([
    [
      'a certificate of an unknown CA',
      () => authority.issue(),
      'CA that is not trusted',
      /--ca FILE.*NODE_EXTRA_CA_CERTS/,
      false,
    ],
    ['a self-signed certificate', () => authority.selfSigned(), 'self-signed', /--ca FILE.*NODE_EXTRA_CA_CERTS/, false],
    [
      'a certificate for another name',
      () => authority.issue({ names: ['dns:other.example'] }),
      'another host name',
      /--ca/,
      true,
    ],
    [
      'a certificate that has expired',
      () => authority.issue({ notBefore: new Date(Date.now() - 2 * day), notAfter: new Date(Date.now() - day) }),
      'has expired',
      /clock.*--ca/,
      true,
    ],
    [
      'a certificate that is not valid yet',
      () => authority.issue({ notBefore: new Date(Date.now() + day / 2), notAfter: new Date(Date.now() + day) }),
      'is not valid yet',
      /clock.*--ca/,
      true,
    ],
  ] as const)('%s', async (_, identity, problem, fix, caKnown) => {
    const server = await startServer((_request, response) => sendJson(response, 200, {}), await identity());
    open.push(server);
    const fetch = createFetch({ ca: caKnown ? [authority.ca] : [], env: {} });
    open.push(fetch);
    const error = await failure(request(server.url, { platform: platformWith({ fetch }) }));
    expect(error.code).toBe('TLS_NOT_TRUSTED');
    expect(error.message).toContain(problem);
    expect(error.fix).toMatch(fix);
    expect(server.requests).toHaveLength(0);
  });
});

describe('httpRequest keeps its bounds:', () => {
  test('it waits for an answer no longer than the timeout', async () => {
    const clock = new TestClock();
    const server = await serve(() => {});
    const pending = failure(request(server.url, { platform: platformWith(clock), timeout: 5000 }));
    await eventually(() => server.requests[0]);
    clock.advance(5000);
    const error = await pending;
    expect(error.code).toBe('TIMEOUT');
    expect(error.message).toContain('within 5 s');
    expect(clock.delays).toEqual([]);
  });

  test('the timeout covers the body', async () => {
    const clock = new TestClock();
    let begun = false;
    const server = await serve((_request, response) => {
      response.writeHead(200).write('{');
      begun = true;
    });
    const pending = failure(request(server.url, { platform: platformWith(clock), timeout: 5000 }));
    await eventually(() => begun || undefined);
    clock.advance(5000);
    expect((await pending).code).toBe('TIMEOUT');
  });

  test('it stops when the caller does, and the server sees it', async () => {
    const controller = new AbortController();
    let gone = false;
    const server = await serve((_request, response) => response.on('close', () => (gone = true)));
    const pending = failure(request(server.url, { signal: controller.signal }));
    await eventually(() => server.requests[0]);
    controller.abort(new Error('enough'));
    const error = await pending;
    expect(error.code).toBe('CANCELLED');
    expect(error.cause).toBe(controller.signal.reason);
    await eventually(() => gone || undefined);
  });

  test('it sends nothing when it is cancelled beforehand', async () => {
    const server = await serve(() => {});
    expect((await failure(request(server.url, { signal: AbortSignal.abort() }))).code).toBe('CANCELLED');
    expect(server.requests).toHaveLength(0);
  });

  test.each([
    ['a stated length', { 'content-length': String(10 * 1024 * 1024) }],
    ['no stated length', {}],
  ])('it reads no 10 MB of answer with %s', async (_, headers) => {
    let sent = 0;
    let gone = false;
    const server = await serve((_request, response) => {
      response.writeHead(200, headers);
      response.on('close', () => (gone = true));
      const more = (): void => {
        while (!gone && sent < 10 * 1024 * 1024) {
          sent += 65536;
          if (!response.write(Buffer.alloc(65536, 0x20))) {
            response.once('drain', more);
            return;
          }
        }
      };
      more();
    });
    const error = await failure(request(server.url));
    expect(error.code).toBe('RESPONSE_TOO_LARGE');
    expect(error.message).toContain('longer than 1 MB');
    await eventually(() => gone || undefined);
    // What sits in the buffers of the sockets is on its way already.
    expect(sent).toBeLessThan(9 * 1024 * 1024);
  });

  test('it does not wait for an answer whose stated length is too long', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': String(2 * 1024 * 1024) }).flushHeaders();
    });
    expect((await failure(request(server.url))).code).toBe('RESPONSE_TOO_LARGE');
  });

  test('an answer of exactly the limit is read', async () => {
    const server = await serve((_request, response) => response.end(Buffer.alloc(1000)));
    expect((await request(server.url, { maxBytes: 1000 })).body).toHaveLength(1000);
    expect((await failure(request(server.url, { maxBytes: 999 }))).code).toBe('RESPONSE_TOO_LARGE');
  });
});

describe('httpRequest follows no redirect', () => {
  test.each([301, 302, 303, 307, 308])('with status %i', async (status) => {
    const target = await serve((_request, response) => sendJson(response, 200, {}));
    const server = await serve((_request, response) => {
      response.writeHead(status, { location: `${target.url}/elsewhere?ticket=s3cret` }).end();
    });
    const error = await failure(request(server.url, { method: 'POST', body: 'a=1' }));
    expect(error.code).toBe('RESPONSE_REDIRECT');
    expect(error.message).toContain(`${target.url}/elsewhere`);
    expect(error.message).not.toContain('s3cret');
    expect(target.requests).toHaveLength(0);
  });

  test('of which a browser shows nothing', async () => {
    // What the Fetch standard calls an opaque-redirect filtered response; Node never makes one.
    const opaque = { type: 'opaqueredirect', status: 0, headers: new Headers(), body: null } as Response;
    const platform = platformWith({ fetch: async () => opaque });
    expect((await failure(request('https://a.example/', { platform }))).code).toBe('RESPONSE_REDIRECT');
  });
});

test.each(['', 'login.example', 'ftp://a.example/', 'file:///etc/passwd', 'https://user:s3cret@a.example/'])(
  'httpRequest refuses the address %j',
  async (url) => {
    const error = await failure(request(url));
    expect(error.code).toBe('USAGE');
    expect(error.message + error.fix).not.toContain('s3cret');
  },
);

describe('parseJson', () => {
  const page = '<!DOCTYPE html><html><body>s3cret proxy page</body></html>';
  test.each([
    [page, 'text/html; charset=utf-8', 'an HTML page', /proxy/],
    [page, 'application/json', 'an HTML page', /proxy/],
    ['s3cret', 'text/plain', 'content of type text/plain', /URL/],
    ['s3cret', '<script>', 'content of no stated type', /URL/],
    ['', 'application/json', 'an empty body', /URL/],
  ])('says of %j as %s that it is %s', async (body, contentType, kind, fix) => {
    const server = await serve((_request, response) =>
      response.writeHead(200, { 'content-type': contentType }).end(body),
    );
    const response = await request(server.url);
    const error = await failure(Promise.resolve().then(() => parseJson(response, 'ask')));
    expect(error.code).toBe('RESPONSE_NOT_JSON');
    expect(error.message).toBe(`ask: 127.0.0.1:${server.port} answered 200 with ${kind}, not with JSON`);
    expect(error.fix).toMatch(fix);
    expect(JSON.stringify([error, error.cause ?? null, error.stack])).not.toContain('s3cret');
  });

  test('reads JSON with a byte order mark', async () => {
    const server = await serve((_request, response) => response.end('\ufeff{"a":1}'));
    expect(parseJson(await request(server.url), 'ask')).toEqual({ a: 1 });
  });
});

test('parseJsonObject refuses JSON that is not an object', async () => {
  const server = await serve((_request, response) => response.end('["s3cret"]'));
  const response = await request(server.url);
  const error = await failure(Promise.resolve().then(() => parseJsonObject(response, 'ask')));
  expect(error.code).toBe('RESPONSE_UNEXPECTED');
  expect(error.message).not.toContain('s3cret');
});

afterAll(() => expect(open).toEqual([]));

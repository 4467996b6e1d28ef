import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFetch } from '../../src/node/fetch.ts';
import { routeTo } from '../../src/node/proxy.ts';

/** What `routeTo` says is what a request does: the same table goes through a real proxy, which refuses everything. */
let proxy: Server;
let proxyUrl: string;
const tunnels: string[] = [];

beforeAll(async () => {
  proxy = createServer();
  proxy.on('connect', (request, socket) => {
    tunnels.push(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(() => {
  proxy.closeAllConnections();
  proxy.close();
});

type Environment = Record<string, string>;
const named =
  (name: string, more: Environment = {}) =>
  (): Environment => ({ [name]: proxyUrl, ...more });
const excepting = (noProxy: string) => named('HTTPS_PROXY', { NO_PROXY: noProxy });

const rows: readonly (readonly [url: string, variable: string | undefined, env: () => Environment])[] = [
  ['https://api.invalid/', 'HTTPS_PROXY', named('HTTPS_PROXY')],
  ['https://api.invalid/', 'https_proxy', named('https_proxy', { HTTPS_PROXY: 'http://127.0.0.1:1' })],
  ['https://api.invalid/', 'HTTP_PROXY', named('HTTP_PROXY')],
  ['https://api.invalid/', undefined, named('ALL_PROXY')],
  ['https://api.invalid/', undefined, excepting('*')],
  ['https://api.invalid/', undefined, excepting('api.invalid')],
  ['https://api.invalid/', undefined, excepting('API.INVALID')],
  ['https://api.invalid/', undefined, excepting('.invalid')],
  ['https://api.invalid/', undefined, excepting('*.invalid')],
  ['https://api.invalid/', undefined, excepting('x.example api.invalid:443')],
  ['https://api.invalid/', 'HTTPS_PROXY', excepting('api.invalid:8443')],
  ['https://api.invalid:8443/', undefined, excepting('api.invalid:8443')],
  ['https://api.invalid/', 'HTTPS_PROXY', excepting('pi.invalid')],
  ['https://api.invalid/', 'HTTPS_PROXY', named('HTTPS_PROXY', { NO_PROXY: 'api.invalid', no_proxy: '' })],
  ['https://localhost:1/', undefined, named('HTTPS_PROXY')],
  ['https://127.0.0.1:1/', undefined, named('HTTPS_PROXY')],
  ['https://[::1]:1/', undefined, named('HTTPS_PROXY')],
];

describe('routeTo', () => {
  test.each(rows)('%s goes through the proxy of %s', async (url, variable, makeEnv) => {
    const env = makeEnv();
    const route = routeTo(new URL(url), env);
    expect('variable' in route ? route.variable : undefined).toBe(variable);

    tunnels.length = 0;
    const fetch = createFetch({ env });
    await expect(fetch(url)).rejects.toThrow();
    await fetch.close();
    expect(tunnels.length > 0).toBe(variable !== undefined);
  });

  test('says why there is no proxy', () => {
    expect(routeTo(new URL('https://api.invalid'), {})).toEqual({ proxy: undefined, reason: 'none-set' });
    expect(routeTo(new URL('https://localhost'), { HTTPS_PROXY: proxyUrl })).toMatchObject({ reason: 'excepted' });
  });
});

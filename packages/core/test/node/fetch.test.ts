import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type HttpResponse, httpRequest } from '../../src/lib/http.ts';
import { type ClosableFetch, createFetch, type FetchOptions } from '../../src/node/fetch.ts';
import { platformWith } from '../../src/platform.ts';
import { makeAuthority, type ServerIdentity, type TestAuthority } from '../token/support/certificates.ts';
import { sendJson, startServer, type TestServer } from '../token/support/server.ts';
import { bundle } from './support/bundle.ts';

let folder: string;
let authority: TestAuthority;
let other: TestAuthority;
let identity: ServerIdentity;
let server: TestServer;
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'certgrant-fetch-'));
  [authority, other] = await Promise.all([makeAuthority(), makeAuthority('CN=Other CA')]);
  identity = await authority.issue({ names: ['dns:localhost', 'ip:127.0.0.1', 'dns:api.example'] });
  server = await startServer(({ headers }, response) => sendJson(response, 200, { host: headers.host }), identity);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function fetchWith(options: FetchOptions): ClosableFetch {
  const fetch = createFetch({ env: {}, ...options });
  open.push(fetch);
  return fetch;
}

function get(fetch: ClosableFetch, url = server.url): Promise<HttpResponse> {
  return httpRequest({ platform: platformWith({ fetch }), url, action: 'ask' });
}

describe('createFetch trusts', () => {
  test('the CA that it is given, as text or as the bytes of a PEM file', async () => {
    expect((await get(fetchWith({ ca: [authority.ca] }))).status).toBe(200);
    expect((await get(fetchWith({ ca: [Buffer.from(authority.ca)] }))).status).toBe(200);
  });

  test('each CA of a file with several, whatever else is in it', async () => {
    const ca = `# two of them\n${other.ca}\nand\n${authority.ca}`;
    expect((await get(fetchWith({ ca: [ca] }))).status).toBe(200);
  });

  test('a CA as DER', async () => {
    const der = Buffer.from(authority.ca.replace(/-----[^-]+-----/g, ''), 'base64');
    expect((await get(fetchWith({ ca: [der] }))).status).toBe(200);
  });

  test('no CA that it is not given', async () => {
    await expect(get(fetchWith({ ca: [other.ca] }))).rejects.toMatchObject({ code: 'TLS_NOT_TRUSTED' });
  });

  // A process of its own, since Node reads the variable once when it starts.
  test('the CAs of NODE_EXTRA_CA_CERTS as well', async () => {
    const extra = join(folder, 'extra.pem');
    const given = join(folder, 'given.pem');
    writeFileSync(extra, authority.ca);
    writeFileSync(given, other.ca);
    const source = new URL('../../src/node/fetch.ts', import.meta.url).pathname;
    const script = bundle(
      `
      import { readFileSync } from 'node:fs';
      import { createFetch } from '${source}';
      const fetch = createFetch({ ca: [readFileSync(process.argv[2])] });
      fetch(process.argv[3]).then(({ status }) => console.log(status), (error) => console.log(error.cause?.code))
        .then(() => fetch.close());`,
      folder,
    );
    const run = (env: object): Promise<string> =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, [script, given, server.url], { env: { ...process.env, ...env } });
        let output = '';
        child.stdout.on('data', (chunk: Buffer) => (output += chunk));
        child.on('close', () => resolve(output.trim()));
      });
    expect(await run({ NODE_EXTRA_CA_CERTS: extra })).toBe('200');
    expect(await run({ NODE_EXTRA_CA_CERTS: given })).toMatch(/UNABLE_TO|SELF_SIGNED/);
  });

  test.each([
    ['text without a certificate', 'nothing'],
    ['a damaged certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['bytes that are no certificate', new Uint8Array([0x30, 0x03, 1, 2, 3])],
  ])('nothing on the strength of %s', async (_, ca) => {
    await expect(get(fetchWith({ ca: [ca] }))).rejects.toMatchObject({ code: 'FORMAT_UNKNOWN' });
  });
});

describe('createFetch goes through the proxy of the environment', () => {
  let proxy: Server;
  let proxyUrl: string;
  const tunnels: string[] = [];
  let refusing = false;

  beforeAll(async () => {
    proxy = createServer();
    proxy.on('connect', (request, socket) => {
      tunnels.push(request.url ?? '');
      if (refusing) {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
        return;
      }
      // Whatever name is asked for is this server.
      const upstream = connect(server.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(socket);
        socket.pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    tunnels.length = 0;
    refusing = false;
  });
  afterAll(() => {
    proxy.closeAllConnections();
    proxy.close();
  });

  test.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY'])('by %s', async (name) => {
    const fetch = fetchWith({ ca: [authority.ca], env: { [name]: proxyUrl } });
    expect((await get(fetch, 'https://api.example/')).status).toBe(200);
    expect(tunnels).toEqual(['api.example:443']);
  });

  test('and checks the certificate of the server behind it', async () => {
    const env = { HTTPS_PROXY: proxyUrl };
    await expect(get(fetchWith({ ca: [other.ca], env }), 'https://api.example/')).rejects.toMatchObject({
      code: 'TLS_NOT_TRUSTED',
    });
    await expect(get(fetchWith({ ca: [authority.ca], env }), 'https://b.example/')).rejects.toMatchObject({
      code: 'TLS_NOT_TRUSTED',
    });
  });

  test.each(['api.example', '.example', '*', 'x, api.example'])('but not to hosts in NO_PROXY %j', async (noProxy) => {
    const fetch = fetchWith({ ca: [authority.ca], env: { HTTPS_PROXY: proxyUrl, NO_PROXY: noProxy } });
    await expect(get(fetch, 'https://api.example/')).rejects.toMatchObject({ code: 'HOST_NOT_FOUND' });
    expect(tunnels).toEqual([]);
  });

  test('and never to this machine', async () => {
    const fetch = fetchWith({ ca: [authority.ca], env: { HTTPS_PROXY: proxyUrl } });
    expect((await get(fetch)).status).toBe(200);
    expect((await get(fetch, server.url.replace('127.0.0.1', 'localhost'))).status).toBe(200);
    expect(tunnels).toEqual([]);
  });

  test('and says when the proxy refuses', async () => {
    refusing = true;
    const fetch = fetchWith({ ca: [authority.ca], env: { HTTPS_PROXY: proxyUrl } });
    await expect(get(fetch, 'https://api.example/')).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      message: 'ask: the proxy refuses to connect to api.example',
    });
  });
});

test('createFetch ends its connections when it is closed', async () => {
  const fetch = createFetch({ ca: [authority.ca], env: {} });
  await get(fetch);
  await fetch.close();
  await fetch.close();
});

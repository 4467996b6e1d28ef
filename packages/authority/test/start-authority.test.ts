import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as connectPlain, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect } from 'node:tls';
import { createFetch } from '@certgrant/core/node';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Authority, type AuthorityOptions, startAuthority } from '../src/index.ts';
import { identity, signJws } from './support/identity.ts';
import { draft } from './support/token-request.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgrant-authority-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function started(options: AuthorityOptions = {}): Promise<Authority> {
  const authority = await startAuthority(options);
  onTestFinished(() => authority.close());
  return authority;
}

function fetchOf({ ca }: Authority): typeof fetch {
  const trusting = createFetch({ ca: [ca] });
  onTestFinished(() => trusting.close());
  return trusting as typeof fetch;
}

/** One token over a real socket. */
async function tokenFrom(authority: Authority, host = new URL(authority.url).host): Promise<Response> {
  const daemon = await identity();
  const { appId } = await authority.register({ certificate: daemon.certificate, permissions: ['User.Read.All'] });
  const { header, claims, form, path } = await draft(authority.tenantId, appId, daemon);
  const url = `https://${host}${path}`;
  const assertion = signJws(header, { ...claims, aud: url }, daemon.key, 'PS256');
  const body = new URLSearchParams({ ...(form as Record<string, string>), client_assertion: assertion });
  return fetchOf(authority)(url, { method: 'POST', body });
}

describe('startAuthority', () => {
  it('listens on a free port and gives a token over TLS, by each of its names', async () => {
    const authority = await started();
    expect(authority.url).toMatch(/^https:\/\/localhost:\d+$/);
    expect(authority.graphUrl).toBe(`${authority.url}/graph`);
    const { port } = new URL(authority.url);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
      expect((await tokenFrom(authority, host)).status).toBe(200);
  });

  it('listens on an address', async () => {
    const authority = await started({ host: '127.0.0.1' });
    expect(authority.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect((await tokenFrom(authority)).status).toBe(200);
  });

  it('has a certificate that openssl verifies for each of its names', async () => {
    const { ca, url } = await started({ hostNames: ['authority', '10.1.2.3'] });
    const caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, ca);
    const socket = connect({ host: 'localhost', port: Number(new URL(url).port), ca, servername: 'localhost' });
    await once(socket, 'secureConnect');
    const certificate = socket.getPeerX509Certificate()?.toString() ?? '';
    socket.destroy();
    const names = [
      ['-verify_hostname', 'localhost'],
      ['-verify_hostname', 'authority'],
      ['-verify_ip', '127.0.0.1'],
      ['-verify_ip', '::1'],
      ['-verify_ip', '10.1.2.3'],
    ];
    for (const name of names) {
      const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', caFile, '-no-CApath', ...name];
      expect(execFileSync('openssl', args, { input: certificate, encoding: 'utf8' })).toContain('OK');
    }
  });

  it('says PORT_IN_USE', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => {
      other.close();
    });
    const { port } = other.address() as AddressInfo;
    await expect(startAuthority({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `start authority: port ${port} is in use`,
    });
  });

  it('says HOST_NOT_FOUND of a name that is not this machine', async () => {
    await expect(startAuthority({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'HOST_NOT_FOUND' });
  });

  it.each([{ port: -1 }, { port: 65_536 }, { port: 1.5 }, { tokenLifetime: 0 }, { caeTokenLifetime: 0.5 }])(
    'refuses %o',
    async (options) => {
      await expect(startAuthority(options)).rejects.toThrow(RangeError);
    },
  );

  it.each([{ tenantId: 'x' }, { domain: 'x' }])('says USAGE of %o', async (options) => {
    await expect(startAuthority(options)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('takes tenant id, name and domain', async () => {
    const tenantId = '11111111-2222-3333-4444-555555555555';
    const authority = await started({ tenantId, tenantName: 'Fabrikam', domain: 'fabrikam.example' });
    expect(authority.tenantId).toBe(tenantId);
    const response = await fetchOf(authority)(`${authority.graphUrl}/v1.0/organization`, {
      headers: { Authorization: `Bearer ${authority.adminToken}` },
    });
    expect(await response.json()).toMatchObject({
      value: [{ id: tenantId, displayName: 'Fabrikam', verifiedDomains: [{ name: 'fabrikam.example' }] }],
    });
  });

  it.each([
    [{}, 3599, 86_399],
    [{ tokenLifetime: 600 }, 599, 599],
    [{ caeTokenLifetime: 7200 }, 3599, 7199],
    [{ tokenLifetime: 600, caeTokenLifetime: 900 }, 599, 899],
  ])(
    'with %o gives tokens of %i seconds, and of %i to clients that handle claims challenges',
    async (options, ...all) => {
      const authority = await started(options);
      const { appId, secret = '' } = await authority.register({ secret: true });
      const url = `${authority.url}/${authority.tenantId}/oauth2/v2.0/token`;
      const form = {
        grant_type: 'client_credentials',
        scope: 'https://graph.microsoft.com/.default',
        client_id: appId,
      };
      const expiries = [{}, { claims: '{"access_token":{"xms_cc":{"values":["cp1"]}}}' }].map(async (claims) => {
        const body = new URLSearchParams({ ...form, client_secret: secret, ...claims });
        return ((await (await fetchOf(authority)(url, { method: 'POST', body })).json()) as { expires_in: number })
          .expires_in;
      });
      expect(await Promise.all(expiries)).toEqual(all);
    },
  );

  it('is strict when it is told to be', async () => {
    const refused = await tokenFrom(await started({ strict: true }));
    expect(await refused.json()).toMatchObject({ error_codes: [700023] });
  });

  it('forgets on reset which assertions were used', async () => {
    const authority = await started({ strict: true });
    const { url, tenantId } = authority;
    const { key, certificate } = await identity();
    const appId = crypto.randomUUID();
    const { header, claims, form, path } = await draft(tenantId, appId, { key, certificate });
    const aud = `${url}/${tenantId}/v2.0`;
    const assertion = signJws(header, { ...claims, aud }, key, 'PS256');
    const body = new URLSearchParams({ ...(form as Record<string, string>), client_assertion: assertion }).toString();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const statusOf = async (): Promise<number> =>
      (await fetchOf(authority)(url + path, { method: 'POST', body, headers })).status;
    await authority.register({ appId, certificate });
    expect([await statusOf(), await statusOf()]).toEqual([200, 401]);
    await authority.reset();
    await authority.register({ appId, certificate });
    expect(await statusOf()).toBe(200);
  });

  it('writes its CA and its admin token into a private folder that goes when it closes', async () => {
    const authority = await startAuthority({ files: true });
    const { caFile = '', adminTokenFile = '' } = authority;
    expect(readFileSync(caFile, 'utf8')).toBe(authority.ca);
    expect(readFileSync(adminTokenFile, 'utf8')).toBe(`${authority.adminToken}\n`);
    expect(statSync(adminTokenFile).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(adminTokenFile)).mode & 0o777).toBe(0o700);
    await authority.close();
    expect(existsSync(dirname(adminTokenFile))).toBe(false);
  });

  it('writes no file when it is not asked to', async () => {
    expect(await started()).toMatchObject({ caFile: undefined, adminTokenFile: undefined });
  });

  it('registers a certificate as DER, as PEM and as an object, and refuses what is none', async () => {
    const authority = await started();
    const { certificate } = await identity();
    const pem = `Bag Attributes\n-----BEGIN CERTIFICATE-----\n${Buffer.from(certificate.der).toString('base64')}\n-----END CERTIFICATE-----\n`;
    for (const input of [certificate, certificate.der, pem, new TextEncoder().encode(pem)]) {
      expect(await authority.register({ certificate: input })).toMatchObject({
        thumbprint: expect.stringMatching(/^[0-9A-F]{40}$/),
      });
    }
    await expect(authority.register({ certificate: 'x' })).rejects.toMatchObject({ code: 'CERTIFICATE_MISSING' });
    await expect(authority.register({ certificate: new Uint8Array([0x30, 1]) })).rejects.toMatchObject({
      code: 'FORMAT_MALFORMED',
    });
    await expect(authority.register({ permissions: ['Nothing.At.All'] })).rejects.toMatchObject({
      code: 'SETTINGS_INVALID',
    });
  });
});

describe('startAuthority with a data folder', () => {
  it('finds its CA, its keys, its tenant and its applications again', async () => {
    const dataDir = join(folder, 'data');
    const first = await startAuthority({ dataDir });
    const { appId } = await first.register({ displayName: 'kept' });
    const keys = async (authority: Authority): Promise<unknown> =>
      (await fetchOf(authority)(`${authority.url}/common/discovery/v2.0/keys`)).json();
    const [{ kid }] = ((await keys(first)) as { keys: [{ kid: string }] }).keys;
    await expect(startAuthority({ dataDir })).rejects.toMatchObject({ code: 'DATA_IN_USE' });
    await first.close();
    expect(readdirSync(dataDir)).not.toContain('admin-token');
    const second = await started({ dataDir });
    expect([second.ca, second.tenantId]).toEqual([first.ca, first.tenantId]);
    expect(second.adminToken).not.toBe(first.adminToken);
    expect(statSync(second.adminTokenFile ?? '').mode & 0o777).toBe(0o600);
    expect(((await keys(second)) as { keys: [{ kid: string }] }).keys[0].kid).toBe(kid);
    await expect(second.register({ appId })).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
    expect((await tokenFrom(second)).status).toBe(200);
  });

  it('rotates its signing key, and finds both keys again', async () => {
    const dataDir = join(folder, 'rotated');
    const first = await startAuthority({ dataDir });
    // Closing waits for a rotation that has begun.
    const [made] = await Promise.all([first.rotateSigningKey(), first.close()]);
    const second = await started({ dataDir });
    const response = await fetchOf(second)(`${second.url}/common/discovery/v2.0/keys`);
    const { keys } = (await response.json()) as { keys: { kid: string }[] };
    expect(keys).toHaveLength(2);
    expect(keys[0]?.kid).toBe(made);
  });
});

describe('close', () => {
  it('lets a request in flight finish and ends idle connections', async () => {
    const authority = await startAuthority();
    const { port } = new URL(authority.url);
    const open = async (): Promise<ReturnType<typeof connect>> => {
      const socket = connect({ host: 'localhost', port: Number(port), ca: authority.ca });
      await once(socket, 'secureConnect');
      return socket;
    };
    const [idle, used, busy] = await Promise.all([open(), open(), open()]);
    const plain = connectPlain(Number(port), 'localhost');
    await once(plain, 'connect');
    const path = `/${authority.tenantId}/v2.0/.well-known/openid-configuration`;
    used.write(`GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
    await once(used, 'data');
    const head = `POST /${authority.tenantId}/oauth2/v2.0/token HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 3\r\n`;
    busy.write(`${head}Content-Type: application/x-www-form-urlencoded\r\n\r\na`);
    // What comes back to another request shows that the server has seen the head of this one.
    used.write(`GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
    await once(used, 'data');
    const ends = [idle, used, plain].map((socket) => once(socket.resume(), 'close'));
    const closing = authority.close();
    await Promise.all(ends);
    busy.write('=b');
    const [answer] = await once(busy, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400 .*connection: close.*AADSTS900144/is);
    await closing;
    await authority.close();
    await expect(open()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('leaves nothing that keeps a process alive', async () => {
    const sockets = (): number =>
      process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout|Server/.test(name)).length;
    const before = sockets();
    const authority = await startAuthority();
    const idle = connect({ host: 'localhost', port: Number(new URL(authority.url).port), ca: authority.ca });
    await once(idle, 'secureConnect');
    expect(sockets()).toBeGreaterThan(before);
    await Promise.all([once(idle.resume(), 'close'), authority.close()]);
    await vi.waitFor(() => expect(sockets()).toBeLessThanOrEqual(before));
  });
});

describe('a broken request', () => {
  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', /^HTTP\/1\.1 400/],
    [
      'a header that is too long',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431/,
    ],
    [
      'a malformed chunk',
      'POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      /^HTTP\/1\.1 4\d\d/,
    ],
    ['a foreign host', 'GET / HTTP/1.1\r\nHost: attacker.example\r\n\r\n', /^HTTP\/1\.1 421/],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400/],
    ['a path with dots', 'GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n', /^HTTP\/1\.1 404/],
    [
      'a path that is not UTF-8',
      'GET /%ff%fe/v2.0/.well-known/openid-configuration HTTP/1.1\r\nHost: localhost\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
  ])('(%s) gets an answer that is none of the server’s own faults', async (_, text, expected) => {
    const authority = await started();
    const socket = connect({ host: 'localhost', port: Number(new URL(authority.url).port), ca: authority.ca });
    await once(socket, 'secureConnect');
    socket.write(text);
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(expected);
    socket.destroy();
    expect((await tokenFrom(authority)).status).toBe(200);
  });
});

it('a client that goes away in the middle of its request leaves no trace in the log', async () => {
  const logged: string[] = [];
  const authority = await started({ log: (line) => logged.push(line) });
  const socket = connect({ host: 'localhost', port: Number(new URL(authority.url).port), ca: authority.ca });
  await once(socket, 'secureConnect');
  const head = 'Host: localhost\r\nContent-Length: 999\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\na=b';
  socket.end(`POST /${authority.tenantId}/oauth2/v2.0/token HTTP/1.1\r\n${head}`);
  await once(socket.resume(), 'close');
  expect((await tokenFrom(authority)).status).toBe(200);
  expect(logged).toEqual([]);
});

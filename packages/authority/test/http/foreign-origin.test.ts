import { describe, expect, it } from 'vitest';
import { daemonOf, fetchOf, started } from '../support/daemon.ts';
import { goodClient, rawClient } from '../support/raw-client.ts';

describe('a foreign Host header', () => {
  it.each([
    'attacker.example',
    'localhost.attacker.example',
    'attacker.example:443',
    'localhost@attacker.example',
    '127.0.0.1.nip.io',
    '[::ffff:127.0.0.2]',
    '0',
    'localhost:8443/../x',
  ])('(%s) is refused at every endpoint, and nothing of it is in the answer', async (host) => {
    const authority = await started();
    for (const path of [
      '/x/v2.0/.well-known/openid-configuration',
      '/graph/v1.0/users',
      '/certgrant/openapi.json',
      '/certgrant/clock',
    ]) {
      const client = await rawClient(authority);
      client.write(
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${authority.adminToken}\r\nConnection: close\r\n\r\n`,
      );
      const answer = await client.ended();
      expect([path, answer]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 4(21|00)/)]);
      expect(answer).not.toContain('attacker');
    }
  });

  it('does not keep a probe from asking for the health', async () => {
    const authority = await started();
    const client = await rawClient(authority);
    client.write('GET /healthz HTTP/1.1\r\nHost: 10.1.2.3:8443\r\nConnection: close\r\n\r\n');
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*\{"status":"ok"\}$/);
  });
});

describe('a write by a page of another site', () => {
  it.each([
    [{ origin: 'https://attacker.example' }],
    [{ origin: 'null' }],
    [{ origin: 'https://localhost:1' }],
    [{ origin: 'http://localhost' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
  ])('with %j is refused at every endpoint, while a good client is served', async (headers) => {
    const authority = await started();
    const [daemon, fetch, good] = [await daemonOf(authority), fetchOf(authority), await goodClient(authority)];
    const asked = await daemon.ask({ headers });
    expect([asked.status, await asked.json()]).toMatchObject([400, { error_codes: [9002326] }]);
    const authorization = `Bearer ${authority.adminToken}`;
    for (const [method, path] of [
      ['POST', '/graph/v1.0/applications'],
      ['DELETE', '/graph/v1.0/applications/x'],
      ['POST', '/certgrant/reset'],
    ] as const) {
      const answer = await fetch(authority.url + path, { method, headers: { ...headers, authorization } });
      expect([path, answer.status]).toEqual([path, path.startsWith('/certgrant') ? 403 : 400]);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      await answer.arrayBuffer();
    }
    expect((await good.stop()).others).toEqual([]);
  });

  it('of its own is taken, and so is reading from anywhere', async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    const own = { origin: authority.url, 'sec-fetch-site': 'same-origin' };
    expect((await daemon.ask({ headers: own })).status).toBe(200);
    const url = `${authority.url}/${authority.tenantId}/v2.0/.well-known/openid-configuration`;
    const headers = { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' };
    const answer = await fetchOf(authority)(url, { headers });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
    await answer.arrayBuffer();
  });
});

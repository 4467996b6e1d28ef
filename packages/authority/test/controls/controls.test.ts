import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { daemonOf, fetchOf, started } from '../support/daemon.ts';
import { program } from '../support/program.ts';

type Answer = Readonly<Record<string, unknown>>;

function claimsIn(token: string): Answer {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Answer;
}

describe('takeRequest', () => {
  it('gives the requests as they came, oldest first, each once, with what stands in the assertion', async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    await daemon.ask({ headers: { 'x-client-sku': 'test' } });
    const fetch = fetchOf(authority);
    const url = `${authority.url}/${authority.tenantId}/v2.0/.well-known/openid-configuration?a=b`;
    await (await fetch(url)).arrayBuffer();
    const first = await authority.takeRequest();
    expect(first).toMatchObject({
      method: 'POST',
      path: `/${authority.tenantId}/oauth2/v2.0/token`,
      headers: { 'x-client-sku': 'test', host: new URL(authority.url).host },
      form: { client_id: daemon.appId, grant_type: 'client_credentials' },
      assertion: { header: { alg: 'PS256' }, claims: { iss: daemon.appId, aud: expect.stringContaining('/token') } },
      status: 200,
    });
    expect(await authority.takeRequest()).toMatchObject({ method: 'GET', query: { a: 'b' } });
    await expect(authority.takeRequest(0)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('waits for the next one, and gives each waiting caller another', async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    const taking = [authority.takeRequest('20s'), authority.takeRequest('20s')];
    await daemon.ask({ headers: { 'x-number': '1' } });
    await daemon.ask({ headers: { 'x-number': '2' } });
    const taken = await Promise.all(taking);
    expect(taken.map(({ headers }) => headers['x-number'])).toEqual(['1', '2']);
  });

  it.each(['x', -1, 60_001, '2m', Number.NaN])('refuses to wait for %j', async (wait) => {
    await expect((await started()).takeRequest(wait)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('is given up when the authority closes', async () => {
    const authority = await started();
    const taking = authority.takeRequest('30s');
    const outcome = expect(taking).rejects.toMatchObject({ code: 'CANCELLED' });
    await authority.close();
    await outcome;
  });

  it('masks every secret: assertion, client secret, token, password, admin token', async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    const { access_token: token } = (await (await daemon.ask()).json()) as { access_token: string };
    const secrets = [
      'the-client-secret',
      'the-password',
      'the-json-secret',
      token.split('.')[2] ?? '',
      authority.adminToken,
    ];
    const fetch = fetchOf(authority);
    const post = (path: string, body: string, type: string): Promise<Response> =>
      fetch(authority.url + path, {
        method: 'POST',
        body,
        headers: { 'content-type': type, authorization: `Bearer ${authority.adminToken}`, cookie: 'the-password' },
      });
    const path = `/${authority.tenantId}/oauth2/v2.0/token`;
    await post(path, 'client_secret=the-client-secret&password=the-password', 'application/x-www-form-urlencoded');
    await post(path, 'client_secret=the-client-secret', 'text/plain');
    await post(path, '{"client_secret":"the-client-secret"}', 'application/json');
    await post(path, '{"client_secret":"the-client-secret', 'application/json');
    await post(`${path}?access_token=${token}&client_secret=the-client-secret`, '', 'text/plain');
    await post(`/${token}/oauth2/v2.0/token`, '', 'text/plain');
    await post(
      '/graph/v1.0/applications',
      '{"displayName":"d","x":[{"secretText":"the-json-secret"}]}',
      'application/json',
    );
    const shown: string[] = [];
    for (let count = 0; count < 8; count++) shown.push(JSON.stringify(await authority.takeRequest(0)));
    for (const secret of secrets) expect(shown.join('\n')).not.toContain(secret);
  });

  it('keeps a bounded number of requests and of bytes', async () => {
    const authority = await started();
    const fetch = fetchOf(authority);
    const large = 'x'.repeat(1024 * 1024 - 100);
    for (let count = 0; count < 20; count++) {
      const url = `${authority.url}/${authority.tenantId}/oauth2/v2.0/token?n=${count}`;
      await (await fetch(url, { method: 'POST', body: large })).arrayBuffer();
    }
    const first = await authority.takeRequest(0);
    expect(Number(first.query.n)).toBeGreaterThan(2);
    expect(authority.signIns().length).toBeLessThan(18);
  });
});

describe('the clock', () => {
  it('is frozen, moved and let go again; checks, tokens and Graph go by it', async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    const fetch = fetchOf(authority);
    const now = Date.now();
    authority.clock.freeze(now);
    const { access_token: token } = (await (await daemon.ask()).json()) as { access_token: string };
    expect(claimsIn(token).exp).toBe(Math.floor(now / 1000) + 3600);
    const users = async (): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(`${authority.graphUrl}/v1.0/users`, { headers });
      await answer.arrayBuffer();
      return answer.status;
    };
    expect(await users()).toBe(200);
    authority.clock.advance('59m');
    expect(await users()).toBe(200);
    authority.clock.advance(60_000);
    expect(await users()).toBe(401);
    expect(authority.clock.state).toEqual({ now: new Date(now + 3_600_000).toISOString(), frozen: true });
    expect(await (await daemon.ask()).json()).toMatchObject({ error_codes: [700024] });
    authority.clock.advance('-1h');
    expect((await daemon.ask()).status).toBe(200);
    authority.clock.resume();
    expect(authority.clock.state.frozen).toBe(false);
    expect(Math.abs(authority.clock.now() - now)).toBeLessThan(60_000);
    authority.clock.reset();
    expect(Math.abs(authority.clock.now() - Date.now())).toBeLessThan(1000);
  });

  it('goes over a certificate’s end', async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    authority.clock.advance('31d');
    expect(await (await daemon.ask()).json()).toMatchObject({
      error_codes: [700027],
      error_description: expect.stringContaining('The key used is expired'),
    });
  });

  it.each(['x', '2030-01-01T00:00:00', -1, Number.NaN, 1e15, new Date(Number.NaN)])(
    'refuses to stand at %s',
    async (at) => {
      const { clock } = await started();
      expect(() => clock.freeze(at)).toThrow(expect.objectContaining({ code: 'USAGE' }));
      expect(clock.state.frozen).toBe(false);
    },
  );

  it.each(['x', '5', '1y', '', 1e18, '999999d9'])('refuses to move by %s', async (by) => {
    const { clock } = await started();
    expect(() => clock.advance(by)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('faults', () => {
  it('answer once with an AADSTS code, and are gone', async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    const fault = authority.faults.add({ aadsts: 700027 });
    const refused = await daemon.ask();
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: 'invalid_client', error_codes: [700027] });
    expect((await daemon.ask()).status).toBe(200);
    expect(authority.faults.list()).toEqual([]);
    expect(authority.signIns()[0]).toMatchObject({
      outcome: 'fault',
      fault: fault.id,
      code: 'AADSTS700027',
      clientId: daemon.appId,
    });
    expect(authority.signIns()[0]?.checks.every(({ status }) => status === 'not-reached')).toBe(true);
  });

  it('throttle a number of times with 429 and Retry-After, in the words of each endpoint', async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    const fetch = fetchOf(authority);
    for (const target of ['token', 'discovery', 'jwks', 'graph'] as const) {
      authority.faults.add({ target, status: 429, retryAfter: 7, times: 2 });
    }
    const below = `${authority.url}/${authority.tenantId}`;
    const asks: readonly (readonly [string, () => Promise<Response>])[] = [
      ['error_codes', () => daemon.ask()],
      ['error_codes', () => fetch(`${below}/v2.0/.well-known/openid-configuration`)],
      ['error_codes', () => fetch(`${below}/discovery/v2.0/keys`)],
      [
        'error',
        () =>
          fetch(`${authority.graphUrl}/v1.0/users`, { headers: { authorization: `Bearer ${authority.adminToken}` } }),
      ],
    ];
    for (const [member, ask] of asks) {
      for (let count = 0; count < 2; count++) {
        const answer = await ask();
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
        expect(await answer.json()).toHaveProperty(member);
      }
      expect((await ask()).status).toBe(200);
    }
  });

  it('stand until they are removed', async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    const { id } = authority.faults.add({ status: 503, times: 'always' });
    for (let count = 0; count < 3; count++) expect((await daemon.ask()).status).toBe(503);
    expect(authority.faults.remove(id)).toBe(true);
    expect(authority.faults.remove(id)).toBe(false);
    expect((await daemon.ask()).status).toBe(200);
  });

  it('drop the connection, and the request is seen all the same', async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    authority.faults.add({ drop: true });
    await expect(daemon.ask()).rejects.toThrow();
    expect(await authority.takeRequest(0)).toMatchObject({ form: { client_id: daemon.appId }, status: 0 });
    expect(authority.signIns()).toMatchObject([{ outcome: 'fault', status: 0 }]);
    expect((await daemon.ask()).status).toBe(200);
  });

  it('delay an answer, whose request can be taken meanwhile, and end when the authority closes', async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    authority.faults.add({ latency: '1m' });
    const asking = daemon.ask();
    expect(await authority.takeRequest('20s')).toMatchObject({ form: { client_id: daemon.appId }, status: 0 });
    const closing = authority.close();
    expect((await asking).status).toBe(200);
    await closing;
  });

  it('delay by as much as they say', async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    await daemon.ask();
    authority.faults.add({ latency: 300 });
    const begun = performance.now();
    expect((await daemon.ask()).status).toBe(200);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(295);
  });

  it.each([
    {},
    { status: 200 },
    { status: 600 },
    { times: 0, status: 500 },
    { times: 'often', status: 500 },
    { latency: 'x' },
    { latency: '2m' },
    { latency: -1 },
    { drop: true, status: 500 },
    { target: 'graph', aadsts: 1 },
    { target: 'mail', status: 500 },
    { retryAfter: 5 },
    { error: 'invalid_client', status: 500 },
    { stats: 500 },
    null,
  ])('are refused when nothing sensible would come of them: %j', async (fault) => {
    const { faults } = await started();
    expect(() => faults.add(fault as object)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(faults.none).toBe(true);
  });
});

describe('forge', () => {
  async function keysOf(authority: Awaited<ReturnType<typeof started>>): Promise<ReturnType<typeof createLocalJWKSet>> {
    const answer = await fetchOf(authority)(`${authority.url}/${authority.tenantId}/discovery/v2.0/keys`);
    return createLocalJWKSet((await answer.json()) as Parameters<typeof createLocalJWKSet>[0]);
  }

  it('makes a good token with any claim and header parameter changed or left out', async () => {
    const authority = await started();
    const token = await authority.forge({
      resource: 'api://orders',
      version: 2,
      roles: ['Orders.Read'],
      claims: { aud: 'api://other', oid: null, extra: [1] },
      header: { typ: 'at+jwt', x: 1 },
    });
    const { payload, protectedHeader } = await jwtVerify(token, await keysOf(authority));
    expect(payload).toMatchObject({
      aud: 'api://other',
      extra: [1],
      roles: ['Orders.Read'],
      ver: '2.0',
      tid: authority.tenantId,
    });
    expect(payload).not.toHaveProperty('oid');
    expect(protectedHeader).toMatchObject({ typ: 'at+jwt', x: 1, alg: 'RS256' });
  });

  it('makes tokens that an API must refuse: by a stranger, by nobody, by the public key, expired', async () => {
    const authority = await started();
    const keys = await keysOf(authority);
    await expect(jwtVerify(await authority.forge(), keys)).resolves.toBeDefined();
    await expect(jwtVerify(await authority.forge({ signedBy: 'stranger' }), keys)).rejects.toMatchObject({
      code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    });
    await expect(jwtVerify(await authority.forge({ expired: true }), keys)).rejects.toMatchObject({
      code: 'ERR_JWT_EXPIRED',
    });
    expect(await authority.forge({ signedBy: 'nobody' })).toMatch(/^[\w-]+\.[\w-]+\.$/);
    const confused = await authority.forge({ signedBy: 'public-key' });
    expect(JSON.parse(Buffer.from(confused.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({
      alg: 'HS256',
    });
    const fetch = fetchOf(authority);
    for (const signedBy of ['stranger', 'nobody', 'public-key'] as const) {
      const headers = { authorization: `Bearer ${await authority.forge({ signedBy, roles: ['User.Read.All'] })}` };
      expect((await fetch(`${authority.graphUrl}/v1.0/users`, { headers })).status).toBe(401);
    }
  });

  it.each([{ signedBy: 'me' }, { claims: [] }, { version: 3 }, { role: ['x'] }, { expired: 'yes' }])(
    'refuses %j',
    async (forgery) => {
      await expect((await started()).forge(forgery as object)).rejects.toMatchObject({ code: 'USAGE' });
    },
  );
});

describe('reset', () => {
  it('takes back the clock, the faults, the requests and the registrations', async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    await daemon.ask();
    authority.clock.freeze('2031-05-05');
    authority.faults.add({ status: 500, times: 'always' });
    await authority.reset();
    expect(authority.clock.state.frozen).toBe(false);
    expect([authority.faults.list(), authority.signIns()]).toEqual([[], []]);
    await expect(authority.takeRequest(0)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await (await daemon.ask()).json()).toMatchObject({ error_codes: [700016] });
  });
});

it('a process that has started an authority, used it and closed it ends by itself and leaves no file', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'certgrant-ends-'));
  const { file, remove } = await program(`
    import { startAuthority } from 'authority';
    const authority = await startAuthority({ files: true });
    authority.faults.add({ latency: '1m' });
    authority.clock.freeze();
    const waiting = authority.takeRequest('1m').catch(({ code }) => console.log(code));
    await authority.forge({ signedBy: 'stranger' });
    await authority.close();
    await waiting;
    process.once('beforeExit', () => console.log(process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY|FSReq/.test(name)).join()));
  `);
  onTestFinished(() => {
    remove();
    rmSync(temporary, { recursive: true, force: true });
  });
  const env = { ...process.env, TMPDIR: temporary, TMP: temporary, TEMP: temporary };
  const { stdout } = await promisify(execFile)(process.execPath, [file], { env, timeout: 20_000 });
  expect(stdout).toBe('CANCELLED\n\n');
  expect(readdirSync(temporary)).toEqual([]);
});

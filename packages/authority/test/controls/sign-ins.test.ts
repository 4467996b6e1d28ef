import { randomUUID } from 'node:crypto';
import { thumbprints } from '@certgrant/core';
import { describe, expect, it } from 'vitest';
import { signInChecks } from '../../src/checks/sign-in-checks.ts';
import { signInsAmong } from '../../src/controls/sign-in.ts';
import type { Registration, SignIn } from '../../src/index.ts';
import { type TestAuthority, testAuthority } from '../support/authority.ts';
import { daemonOf, started } from '../support/daemon.ts';
import { type Identity, identity, type Members } from '../support/identity.ts';
import { change, type Draft, draft, send } from '../support/token-request.ts';

function lastOf({ services }: TestAuthority): SignIn {
  const last = signInsAmong(services.controls.requests.all(), {}).at(-1);
  if (last === undefined) throw new Error('there is no sign-in');
  return last;
}

interface Scene {
  readonly authority: TestAuthority;
  readonly daemon: Identity;
  readonly good: Draft;
}

async function scene(): Promise<Scene> {
  const authority = await testAuthority();
  const daemon = await identity();
  const { appId } = await authority.register({ certificate: daemon.certificate, permissions: ['User.Read.All'] });
  return { authority, daemon, good: await draft(authority.tenantId, appId, daemon) };
}

const form = (good: Draft, changes: Members): Draft => ({ ...good, form: change(good.form, changes) as Draft['form'] });
const claims = (good: Draft, changes: Members): Draft => ({ ...good, claims: change(good.claims, changes) });
const header = (good: Draft, changes: Members): Draft => ({ ...good, header: change(good.header, changes) });

describe('signIns', () => {
  it('shows a granted sign-in with every check passed, and which key it was', async () => {
    const { authority, daemon, good } = await scene();
    const correlationId = randomUUID();
    await send(authority, good, { headers: { 'client-request-id': correlationId } });
    const { sha1 } = await thumbprints(daemon.certificate);
    expect(lastOf(authority)).toMatchObject({
      correlationId,
      version: 2,
      tenant: authority.tenantId,
      clientId: good.form.client_id,
      credential: 'certificate',
      thumbprint: sha1,
      resource: '00000003-0000-0000-c000-000000000000',
      roles: ['User.Read.All'],
      outcome: 'granted',
      status: 200,
      checks: signInChecks('certificate').map((name) => ({ name, status: 'passed' })),
    });
  });

  it('knows the key also where the header names none and several are registered', async () => {
    const { authority, daemon, good } = await scene();
    const other = await identity();
    const { appId } = await authority.register({ certificates: [other.certificate, daemon.certificate] });
    const changed = claims(form(header(good, { 'x5t#S256': undefined }), { client_id: appId }), {
      iss: appId,
      sub: appId,
    });
    expect((await send(authority, changed)).status).toBe(200);
    expect(lastOf(authority).thumbprint).toBe((await thumbprints(daemon.certificate)).sha1);
  });

  const refusals: readonly (readonly [string, string, (good: Draft) => Draft])[] = [
    ['grant-type', 'AADSTS70003', (good) => form(good, { grant_type: 'password' })],
    ['tenant', 'AADSTS90002', (good) => ({ ...good, path: good.path.replace(/^\/[^/]+/, '/nowhere.example') })],
    ['client-id', 'AADSTS900144', (good) => form({ ...good, assertion: '' }, { client_id: undefined })],
    ['resource-parameter', 'AADSTS900144', (good) => form(good, { scope: undefined })],
    ['credential', 'AADSTS90023', (good) => form(good, { client_assertion_type: 'x' })],
    ['assertion-form', 'AADSTS50027', (good) => ({ ...good, assertion: 'a.b' })],
    ['assertion-subject', 'AADSTS900144', (good) => claims(form(good, { client_id: undefined }), { sub: undefined })],
    ['application', 'AADSTS700016', (good) => form(good, { client_id: randomUUID() })],
    ['typ', 'AADSTS5002727', (good) => header(good, { typ: 1 })],
    ['algorithm', 'AADSTS700027', (good) => header(good, { alg: 'HS256' })],
    ['required-claims', '', (good) => claims(good, { exp: undefined })],
    ['key', 'AADSTS700027', (good) => header(good, { 'x5t#S256': 'AAAA' })],
    ['signature', 'AADSTS700027', (good) => ({ ...good, padding: 'RS256' })],
    ['issuer-and-subject', '', (good) => claims(good, { iss: randomUUID() })],
    ['audience', 'AADSTS700023', (good) => claims(good, { aud: 'https://elsewhere.example' })],
    ['times', 'AADSTS700024', (good) => claims(good, { exp: 1, nbf: 0, iat: 0 })],
    ['resource', 'AADSTS500011', (good) => form(good, { scope: 'api://nothing/.default' })],
  ];

  it.each(refusals)(
    'shows which check failed (%s): those before it passed, those behind it not reached',
    async (name, code, changed) => {
      const { authority, good } = await scene();
      const answer = await send(authority, changed(good));
      const signIn = lastOf(authority);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(signIn).toMatchObject({ outcome: 'refused', status: answer.status, error: answer.body.error });
      expect(signIn.code).toBe(`AADSTS${(answer.body.error_codes as number[])[0]}`);
      if (code !== '') expect(signIn.code).toBe(code);
      const position = signIn.checks.findIndex((check) => check.name === name);
      expect(signIn.checks.map(({ status }) => status)).toEqual(
        signIn.checks.map((_, index) => (index < position ? 'passed' : index === position ? 'failed' : 'not-reached')),
      );
    },
  );

  it('shows the checks that a request fails as a whole', async () => {
    const { authority, good } = await scene();
    const failing = async (init: RequestInit): Promise<string | undefined> => {
      await send(authority, good, init);
      return lastOf(authority).checks.find(({ status }) => status === 'failed')?.name;
    };
    expect(await failing({ method: 'PUT' })).toBe('method');
    expect(await failing({ body: new URLSearchParams({ scope: 'x'.repeat(1024 * 1024) }) })).toBe('body');
    expect(await failing({ body: new URLSearchParams('scope=a&scope=b') })).toBe('parameters');
  });

  it('shows the checks that an application fails as it is registered', async () => {
    const authority = await testAuthority();
    const expired = await identity('RSA-2048', { from: -20, until: -10 });
    const good = await identity();
    const failing = async (
      daemon: Identity,
      registration: Registration,
      changes: Members = {},
    ): Promise<string | undefined> => {
      const { appId } = await authority.register({ certificate: daemon.certificate, ...registration });
      const good = await draft(authority.tenantId, appId, daemon);
      await send(authority, { ...good, form: { ...good.form, ...changes } as Draft['form'] });
      return lastOf(authority).checks.find(({ status }) => status === 'failed')?.name;
    };
    await authority.register({ identifierUris: ['api://strict'], appRoles: ['A.B'], appRoleAssignmentRequired: true });
    expect(await failing(good, { enabled: false })).toBe('application-enabled');
    expect(await failing(expired, {})).toBe('certificate-validity');
    expect(await failing(good, {}, { scope: 'api://strict/.default' })).toBe('role');
    const secret = { client_assertion: undefined, client_assertion_type: undefined, client_secret: 'wrong' };
    expect(await failing(good, {}, secret)).toBe('client-secret');
    expect(lastOf(authority)).toMatchObject({ credential: 'secret' });
  });

  it('tells what was expected and what was received', async () => {
    const { authority, good } = await scene();
    await send(authority, claims(good, { aud: 'https://elsewhere.example' }));
    expect(lastOf(authority).checks.find(({ status }) => status === 'failed')).toEqual({
      name: 'audience',
      status: 'failed',
      expected: `https://localhost:8443/${authority.tenantId}/oauth2/v2.0/token`,
      received: 'https://elsewhere.example',
    });
  });

  it('has no assertion, secret or token in it, also where a client puts them in the wrong place', async () => {
    const authority = await started();
    const daemon = await daemonOf(authority);
    const { access_token: token } = (await (await daemon.ask()).json()) as { access_token: string };
    const secret = 'a-secret-that-nobody-may-see';
    await daemon.ask({
      form: {
        client_secret: secret,
        client_id: daemon.appId,
        grant_type: 'client_credentials',
        scope: 'https://graph.microsoft.com/.default',
      },
    });
    for (const place of ['client_id', 'scope', 'grant_type', 'client_assertion_type']) {
      await daemon.ask({
        form: {
          client_id: daemon.appId,
          grant_type: 'client_credentials',
          scope: 's',
          client_assertion_type: 't',
          [place]: token,
        },
      });
    }
    const shown = JSON.stringify(authority.signIns());
    expect(authority.signIns()).toHaveLength(6);
    expect(shown).not.toContain(token.split('.')[2]);
    expect(shown).not.toContain(token.split('.')[1]);
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain(authority.adminToken);
  });

  it('can be narrowed down, and holds the last thousand', async () => {
    const authority = await started();
    const [one, two] = [await daemonOf(authority), await daemonOf(authority)];
    await one.ask();
    await two.ask();
    await two.ask();
    expect(authority.signIns()).toHaveLength(3);
    expect(authority.signIns({ clientId: two.appId.toUpperCase() })).toHaveLength(2);
    expect(authority.signIns({ limit: 1 })).toEqual(authority.signIns().slice(-1));
    const [{ correlationId } = { correlationId: '' }] = authority.signIns();
    expect(authority.signIns({ correlationId })).toHaveLength(1);
  });
});

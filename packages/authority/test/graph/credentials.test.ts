import { thumbprints } from '@certgrant/core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { examineProof, proofAudience } from '../../src/checks/proof-checks.ts';
import type { Registered } from '../../src/directory/register.ts';
import { type Body, graph, type TestAuthority, testAuthority } from '../support/authority.ts';
import { type Identity, identity, type Members, type Padding, signJws } from '../support/identity.ts';
import { change, draft, send } from '../support/token-request.ts';

let authority: TestAuthority;
let daemon: Identity;
let next: Identity;
let app: Registered;
/** Of the application itself, without any permission. */
let token: string;

beforeAll(async () => {
  authority = await testAuthority();
  [daemon, next] = await Promise.all([identity(), identity()]);
});

beforeEach(async () => {
  app = await authority.register({ certificate: daemon.certificate });
  token = await tokenOf(app.appId, daemon);
});

async function tokenOf(appId: string, by: Identity): Promise<string> {
  const { body } = await send(authority, await draft(authority.tenantId, appId, by));
  return String(body.access_token);
}

interface Proof {
  readonly header: Members;
  readonly claims: Members;
  readonly identity: Identity;
  readonly padding: Padding;
}

/** A proof as the documentation's sample makes it. */
async function proof(objectId: string): Promise<Proof> {
  const now = Math.floor(Date.now() / 1000);
  const { sha1, x5t } = await thumbprints(daemon.certificate);
  return {
    header: { alg: 'RS256', typ: 'JWT', kid: sha1, x5t },
    claims: { aud: proofAudience, iss: objectId, nbf: now, exp: now + 600 },
    identity: daemon,
    padding: 'RS256',
  };
}

const signed = ({ header, claims, identity: { key }, padding }: Proof): string => signJws(header, claims, key, padding);
const der = ({ certificate }: Identity): string => Buffer.from(certificate.der).toString('base64');
const newKey = (): object => ({ type: 'AsymmetricX509Cert', usage: 'Verify', key: der(next) });

const unproven = { status: 401, body: { error: { code: 'Authentication_MissingOrMalformed' } } };
const forbidden = { status: 403, body: { error: { code: 'Authorization_RequestDenied' } } };

async function keysOf(path: string): Promise<readonly Body[]> {
  const { body } = await graph(authority, 'GET', `${path}?$select=keyCredentials`);
  return body.keyCredentials as Body[];
}

describe('addKey and removeKey', () => {
  it.each(['applications', 'servicePrincipals'])('let an application roll its own keys, on %s', async (set) => {
    const id = set === 'applications' ? app.objectId : app.servicePrincipalId;
    if (set === 'servicePrincipals') {
      const body = { keyCredentials: [{ key: der(daemon) }] };
      expect((await graph(authority, 'PATCH', `/${set}/${id}`, { body })).status).toBe(204);
    }
    const path = `/${set}/${id}`;
    const body = { keyCredential: newKey(), passwordCredential: null, proof: signed(await proof(id)) };
    const added = await graph(authority, 'POST', `${path}/addKey`, { body, token });
    expect(added).toMatchObject({ status: 200, body: { type: 'AsymmetricX509Cert', usage: 'Verify', key: null } });
    expect(await keysOf(path)).toMatchObject([{ key: der(daemon) }, { key: der(next), keyId: added.body.keyId }]);
    const fresh = await tokenOf(app.appId, next);

    const [old] = await keysOf(path);
    const made = await proof(id);
    const { sha1, x5t } = await thumbprints(next.certificate);
    const byNew = signed({ ...made, identity: next, header: { ...made.header, kid: sha1, x5t } });
    const removal = { body: { keyId: old?.keyId, proof: byNew }, token: fresh };
    expect((await graph(authority, 'POST', `${path}/removeKey`, removal)).status).toBe(204);
    expect(await keysOf(path)).toMatchObject([{ key: der(next) }]);
    expect((await graph(authority, 'POST', `${path}/removeKey`, removal)).status).toBe(400);
    // The last one may go too; then nothing proves anything any more.
    const last = { body: { keyId: added.body.keyId, proof: byNew }, token: fresh };
    expect((await graph(authority, 'POST', `${path}/removeKey`, last)).status).toBe(204);
    expect(await graph(authority, 'POST', `${path}/removeKey`, last)).toMatchObject(unproven);
  });

  it.each<[string, (made: Proof) => Partial<Proof> | Promise<Partial<Proof>>, string]>([
    ['the audience of Microsoft Graph', withClaims({ aud: '00000003-0000-0000-c000-000000000000' }), 'audience'],
    ['an array of audiences', withClaims({ aud: [proofAudience] }), 'audience'],
    ['no audience', withClaims({ aud: undefined }), 'audience'],
    ['the application id as issuer', ({ claims }) => ({ claims: { ...claims, iss: app.appId } }), 'issuer'],
    ['no issuer', withClaims({ iss: undefined }), 'issuer'],
    [
      'a lifetime of more than ten minutes',
      ({ claims }) => ({ claims: { ...claims, exp: Number(claims.nbf) + 601 } }),
      'lifetime',
    ],
    ['no start', withClaims({ nbf: undefined }), 'lifetime'],
    ['no end', withClaims({ exp: undefined }), 'lifetime'],
    ['its end before its start', ({ claims }) => ({ claims: { ...claims, exp: Number(claims.nbf) - 1 } }), 'lifetime'],
    ['its end an hour ago', shifted(-3600), 'times'],
    ['its start in an hour', shifted(3600), 'times'],
    ['the signature of a key that is not registered', () => ({ identity: next }), 'signature'],
    ['another padding than its header says', () => ({ padding: 'PS256' }), 'signature'],
    ['a header that names no registered key', ({ header }) => ({ header: { ...header, kid: 'x', x5t: 'x' } }), 'key'],
    ['no algorithm', ({ header }) => ({ header: { ...header, alg: 'none' } }), 'algorithm'],
    ['a symmetric algorithm', ({ header }) => ({ header: { ...header, alg: 'HS256' } }), 'algorithm'],
  ])('refuse a proof with %s', async (_name, changed, check) => {
    const made = await proof(app.objectId);
    const wrong = signed({ ...made, ...(await changed(made)) });
    const body = { keyCredential: newKey(), proof: wrong };
    const refused = await graph(authority, 'POST', `/applications/${app.objectId}/addKey`, { body, token });
    expect(refused).toMatchObject(unproven);
    expect(refused.body).toMatchObject({ error: { details: [{ code: check, target: 'proof' }] } });
    const removal = { body: { keyId: app.keyId, proof: wrong }, token };
    expect(await graph(authority, 'POST', `/applications/${app.objectId}/removeKey`, removal)).toMatchObject(unproven);
    expect(await keysOf(`/applications/${app.objectId}`)).toHaveLength(1);
  });

  it.each([
    ['no JWT', () => 'nonsense', 'form'],
    ['a number', () => 7, 'form'],
    ['padding in its parts', (text: string) => text.replaceAll('.', '=.'), 'padding'],
    ['two parts', (text: string) => text.split('.').slice(0, 2).join('.'), 'form'],
  ])('refuse a proof that is %s', async (_name, changed, check) => {
    const body = { keyCredential: newKey(), proof: changed(signed(await proof(app.objectId))) };
    const refused = await graph(authority, 'POST', `/applications/${app.objectId}/addKey`, { body, token });
    expect(refused).toMatchObject(unproven);
    expect(refused.body).toMatchObject({ error: { details: [{ code: check }] } });
  });

  it.each([
    ['x5t alone', ({ x5t }: Members) => ({ x5t })],
    ['kid alone', ({ kid }: Members) => ({ kid })],
    ['x5t#S256', (_: Members, sha256: string) => ({ 'x5t#S256': sha256 })],
    ['no hint', () => ({})],
  ])('take a proof whose header has %s', async (_name, hints) => {
    const made = await proof(app.objectId);
    const header = { alg: 'PS256', ...hints(made.header, (await thumbprints(daemon.certificate))['x5t#S256']) };
    const body = { keyCredential: newKey(), proof: signed({ ...made, header, padding: 'PS256' }) };
    expect((await graph(authority, 'POST', `/applications/${app.objectId}/addKey`, { body, token })).status).toBe(200);
  });

  it('refuse a proof by a certificate of another object, or by one that is expired', async () => {
    const expired = await identity('RSA-2048', { from: -9, until: -1 });
    const other = await authority.register({ certificate: next.certificate });
    const old = await authority.register({ certificates: [expired.certificate] });
    for (const [{ objectId }, by] of [
      [other, daemon],
      [old, expired],
    ] as const) {
      const made = await proof(objectId);
      const body = { keyCredential: newKey(), proof: signed({ ...made, header: { alg: 'RS256' }, identity: by }) };
      expect(await graph(authority, 'POST', `/applications/${objectId}/addKey`, { body })).toMatchObject(unproven);
    }
  });

  it('want a proof of everybody, and of others a permission besides', async () => {
    const path = `/applications/${app.objectId}`;
    for (const who of [{}, { token }]) {
      const without = { body: { keyCredential: newKey() }, ...who };
      expect(await graph(authority, 'POST', `${path}/addKey`, without)).toMatchObject(forbidden);
      const removal = { body: { keyId: app.keyId, proof: null }, ...who };
      expect(await graph(authority, 'POST', `${path}/removeKey`, removal)).toMatchObject(forbidden);
    }
    const body = { keyCredential: newKey(), proof: signed(await proof(app.objectId)) };
    const stranger = await authority.register({ certificate: next.certificate });
    const strange = await tokenOf(stranger.appId, next);
    expect(await graph(authority, 'POST', `${path}/addKey`, { body, token: strange })).toMatchObject(forbidden);
    const admin = await authority.register({
      certificate: next.certificate,
      permissions: ['Application.ReadWrite.All'],
    });
    const permitted = await tokenOf(admin.appId, next);
    expect((await graph(authority, 'POST', `${path}/addKey`, { body, token: permitted })).status).toBe(200);
    expect(await graph(authority, 'POST', `${path}/addKey`, { body, token: 'x' })).toMatchObject({ status: 401 });
  });

  it('refuse a body without a key, with a password, or with a private key', async () => {
    const made = signed(await proof(app.objectId));
    const pkcs8 = daemon.key.export({ format: 'der', type: 'pkcs8' }).toString('base64');
    for (const wrong of [
      {},
      { keyCredential: newKey(), passwordCredential: { secretText: 'x' } },
      { keyCredential: { ...newKey(), key: pkcs8 } },
    ]) {
      const options = { body: { ...wrong, proof: made }, token };
      const refused = await graph(authority, 'POST', `/applications/${app.objectId}/addKey`, options);
      expect(refused).toMatchObject({ status: 400, body: { error: { code: 'Request_BadRequest' } } });
    }
  });
});

describe('examineProof', () => {
  it('names every check that passed, failed or was not reached', async () => {
    const made = await proof(app.objectId);
    const facts = { objectId: app.objectId, certificates: [], now: Date.now() };
    const states = async (text: string): Promise<object> =>
      Object.fromEntries((await examineProof(text, facts)).map(({ name, state }) => [name, state]));
    expect(await states(signed({ ...made, claims: change(made.claims, { aud: 'x' }) }))).toEqual({
      padding: 'passed',
      form: 'passed',
      algorithm: 'passed',
      key: 'failed',
      'certificate-validity': 'passed',
      signature: 'failed',
      audience: 'failed',
      issuer: 'passed',
      lifetime: 'passed',
      times: 'passed',
    });
    expect(await states('a=.b.c')).toMatchObject({ padding: 'failed', form: 'failed', signature: 'not-reached' });
  });
});

describe('addPassword and removePassword', () => {
  it.each(['applications', 'servicePrincipals'])(
    'make a secret that is told once, and take it back, on %s',
    async (set) => {
      const path = `/${set}/${set === 'applications' ? app.objectId : app.servicePrincipalId}`;
      const made = await graph(authority, 'POST', `${path}/addPassword`, {
        body: { passwordCredential: { displayName: 'laptop' } },
      });
      expect(made).toMatchObject({
        status: 200,
        body: { displayName: 'laptop', customKeyIdentifier: null, secretText: expect.stringMatching(/^.{40}$/) },
      });
      const { secretText, keyId, hint, startDateTime, endDateTime } = made.body;
      expect(hint).toBe(String(secretText).slice(0, 3));
      expect(new Date(String(endDateTime)).getUTCFullYear()).toBe(new Date(String(startDateTime)).getUTCFullYear() + 2);
      const shown = await graph(authority, 'GET', path);
      expect(shown.body.passwordCredentials).toEqual([
        { customKeyIdentifier: null, displayName: 'laptop', hint, keyId, startDateTime, endDateTime, secretText: null },
      ]);
      const gone = await graph(authority, 'POST', `${path}/removePassword`, { body: { keyId } });
      expect(gone.status).toBe(204);
      expect((await graph(authority, 'GET', path)).body.passwordCredentials).toEqual([]);
      expect((await graph(authority, 'POST', `${path}/removePassword`, { body: { keyId } })).status).toBe(400);
    },
  );

  it.each([
    ['a secret of one’s own', { secretText: 'x' }],
    ['an end before its start', { endDateTime: '2001-01-01T00:00:00Z' }],
    ['a date that is none', { endDateTime: 'soon' }],
    ['a date without its zone', { endDateTime: '2099-01-01T00:00:00' }],
  ])('refuse %s', async (_, passwordCredential) => {
    const options = { body: { passwordCredential } };
    const refused = await graph(authority, 'POST', `/applications/${app.objectId}/addPassword`, options);
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'Request_BadRequest' } } });
  });

  it('are for those who may change the application, and not done by PATCH', async () => {
    const path = `/applications/${app.objectId}`;
    expect(await graph(authority, 'POST', `${path}/addPassword`, { body: {}, token })).toMatchObject(forbidden);
    expect(await graph(authority, 'POST', `${path}/removePassword`, { body: {}, token })).toMatchObject(forbidden);
    const patched = await graph(authority, 'PATCH', path, { body: { passwordCredentials: [{ displayName: 'x' }] } });
    expect(patched.status).toBe(400);
  });
});

function withClaims(changes: Members): (made: Proof) => Partial<Proof> {
  return ({ claims }) => ({ claims: change(claims, changes) });
}

function shifted(seconds: number): (made: Proof) => Partial<Proof> {
  return ({ claims }) => ({
    claims: { ...claims, nbf: Number(claims.nbf) + seconds, exp: Number(claims.exp) + seconds },
  });
}

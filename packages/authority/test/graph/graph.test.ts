import { beforeAll, describe, expect, it } from 'vitest';
import { adminToken, type Body, base, graph, type TestAuthority, testAuthority } from '../support/authority.ts';
import { type Identity, identity } from '../support/identity.ts';
import { draft, send } from '../support/token-request.ts';

const graphAppId = '00000003-0000-0000-c000-000000000000';
const userReadAll = 'df021288-bdef-4463-88db-98f22de89214';

let authority: TestAuthority;
let daemon: Identity;
let key: string;

beforeAll(async () => {
  authority = await testAuthority();
  daemon = await identity();
  key = Buffer.from(daemon.certificate.der).toString('base64');
});

/** An access token of an application with these permissions. */
async function tokenWith(...permissions: string[]): Promise<string> {
  const { appId } = await authority.register({ certificate: daemon.certificate, permissions });
  const { body } = await send(authority, await draft(authority.tenantId, appId, daemon));
  return String(body.access_token);
}

const create = async (body: object, token?: string): Promise<Body> => {
  const created = await graph(authority, 'POST', '/applications', { body, ...(token === undefined ? {} : { token }) });
  expect(created.status).toBe(201);
  return created.body;
};

describe('Graph registers an application', () => {
  it('in the four steps of the documentation, and a token comes out', async () => {
    const application = await create({ displayName: 'daemon' });
    expect(application).toMatchObject({ displayName: 'daemon', keyCredentials: [], signInAudience: 'AzureADMyOrg' });
    const patched = await graph(authority, 'PATCH', `/applications/${application.id}`, {
      body: { keyCredentials: [{ type: 'AsymmetricX509Cert', usage: 'Verify', key, displayName: 'first' }] },
    });
    expect(patched).toEqual({ status: 204, body: {} });
    const principal = await graph(authority, 'POST', '/servicePrincipals', { body: { appId: application.appId } });
    expect(principal).toMatchObject({ status: 201, body: { appId: application.appId, accountEnabled: true } });
    const resource = await graph(authority, 'GET', `/servicePrincipals(appId='${graphAppId}')?$select=id,appRoles`);
    expect(resource.body.appRoles).toContainEqual(expect.objectContaining({ id: userReadAll, value: 'User.Read.All' }));
    const grant = { principalId: principal.body.id, resourceId: resource.body.id, appRoleId: userReadAll };
    const assigned = await graph(authority, 'POST', `/servicePrincipals/${resource.body.id}/appRoleAssignedTo`, {
      body: grant,
    });
    expect(assigned).toMatchObject({ status: 201, body: { ...grant, principalType: 'ServicePrincipal' } });
    const listed = await graph(authority, 'GET', `/servicePrincipals/${principal.body.id}/appRoleAssignments`);
    expect(listed.body.value).toMatchObject([grant]);
    const again = await graph(authority, 'POST', `/servicePrincipals/${principal.body.id}/appRoleAssignments`, {
      body: grant,
    });
    expect(again.status).toBe(400);

    const granted = await send(authority, await draft(authority.tenantId, String(application.appId), daemon));
    expect(granted.status).toBe(200);
    const users = await graph(authority, 'GET', '/users?$select=displayName&$top=2', {
      token: String(granted.body.access_token),
    });
    expect(users.body).toMatchObject({
      '@odata.context': `${base}/graph/v1.0/$metadata#users`,
      value: [{ displayName: 'Ada Marsh' }, { displayName: 'Bruno Okafor' }],
    });

    const revoked = await graph(
      authority,
      'DELETE',
      `/servicePrincipals/${principal.body.id}/appRoleAssignments/${assigned.body.id}`,
    );
    expect(revoked.status).toBe(204);
    expect((await graph(authority, 'DELETE', `/applications/${application.id}`)).status).toBe(204);
    const gone = await send(authority, await draft(authority.tenantId, String(application.appId), daemon));
    expect(gone.body).toMatchObject({ error_codes: [700016] });
  });

  it('with its keys in the first request, and never its passwords', async () => {
    const application = await create({
      displayName: 'x',
      keyCredentials: [{ type: 'AsymmetricX509Cert', usage: 'Verify', key }],
    });
    expect(application.keyCredentials).toMatchObject([{ key: null, type: 'AsymmetricX509Cert', usage: 'Verify' }]);
    const refused = await graph(authority, 'POST', '/applications', {
      body: { displayName: 'x', passwordCredentials: [{}] },
    });
    expect(refused.status).toBe(400);
  });
});

describe('keyCredentials', () => {
  it('are replaced as a whole, keep their certificate when only named, and show it only when selected', async () => {
    const application = await create({ displayName: 'x', keyCredentials: [{ key }] });
    const path = `/applications(appId='${application.appId}')`;
    const [first] = application.keyCredentials as Body[];
    const other = await identity();
    const added = [{ keyId: first?.keyId }, { key: Buffer.from(other.certificate.der).toString('base64') }];
    expect((await graph(authority, 'PATCH', path, { body: { keyCredentials: added } })).status).toBe(204);
    const both = await graph(authority, 'GET', `${path}?$select=keyCredentials`);
    expect(both.body.keyCredentials).toMatchObject([{ keyId: first?.keyId, key }, { key: added[1]?.key }]);
    const shown = await graph(authority, 'GET', path);
    expect(shown.body.keyCredentials).toMatchObject([{ key: null }, { key: null }]);
    await graph(authority, 'PATCH', path, { body: { keyCredentials: [added[1]] } });
    const left = await graph(authority, 'GET', `${path}?$select=keyCredentials`);
    expect(left.body.keyCredentials).toMatchObject([{ key: added[1]?.key }]);
  });

  it.each([
    ['no key', {}, 'Request_BadRequest'],
    ['a key that is not base64', { key: '!' }, 'Request_BadRequest'],
    ['a key that is no certificate', { key: 'MAMCAQE=' }, 'Request_BadRequest'],
    ['another type', { type: 'Symmetric' }, 'Request_BadRequest'],
    ['an end after that of the certificate', { endDateTime: '2099-01-01T00:00:00Z' }, 'KeyCredentialsInvalidEndDate'],
    ['a date that is none', { endDateTime: 'soon' }, 'Request_BadRequest'],
  ])('with %s are refused', async (name, entry, code) => {
    const withKey = name.includes('key') ? entry : { key, ...entry };
    const refused = await graph(authority, 'POST', '/applications', {
      body: { displayName: 'x', keyCredentials: [withKey] },
    });
    expect(refused).toMatchObject({ status: 400, body: { error: { code } } });
  });

  it('end when the credential says so, before the certificate does', async () => {
    const endDateTime = new Date(Date.now() - 60_000).toISOString();
    const application = await create({ displayName: 'x', keyCredentials: [{ key, endDateTime }] });
    await graph(authority, 'POST', '/servicePrincipals', { body: { appId: application.appId } });
    const { body } = await send(authority, await draft(authority.tenantId, String(application.appId), daemon));
    expect(body).toMatchObject({
      error_codes: [700027],
      error_description: expect.stringContaining('Reason - The key used is expired.'),
    });
  });
});

describe('a list', () => {
  it('is filtered by equality without regard to case, and combined', async () => {
    const { appId } = await create({ displayName: "Anne's app" });
    const find = async (filter: string): Promise<unknown[]> => {
      const { status, body } = await graph(
        authority,
        'GET',
        `/applications?$filter=${encodeURIComponent(filter)}&$count=true`,
      );
      expect(status).toBe(200);
      return body.value as unknown[];
    };
    expect(await find(`appId eq '${appId}'`)).toHaveLength(1);
    expect(await find("displayName eq 'anne''s APP'")).toHaveLength(1);
    expect(await find(`displayName eq 'Anne''s app' and appId eq '${appId}'`)).toHaveLength(1);
    expect(await find(`appId eq '${appId}' and displayName eq 'other'`)).toHaveLength(0);
    expect(await find("startswith(displayName,'anne')")).toHaveLength(1);
    expect(await find("displayName eq 'x'' or ''1'")).toHaveLength(0);
  });

  it.each(["displayName ne 'x'", 'displayName', "a eq 'b", "a eq 'b' or c eq 'd'", ''])(
    'refuses the filter "%s"',
    async (filter) => {
      const { status } = await graph(authority, 'GET', `/applications?$filter=${encodeURIComponent(filter)}`);
      expect(status).toBe(400);
    },
  );

  it('comes page by page', async () => {
    const names: unknown[] = [];
    let path = '/users?$top=1&$select=displayName';
    for (let page = 0; page < 5 && path !== ''; page++) {
      const { body } = await graph(authority, 'GET', path);
      names.push(...(body.value as Body[]).map(({ displayName }) => displayName));
      path = String(body['@odata.nextLink'] ?? '').replace(`${base}/graph/v1.0`, '');
    }
    expect(names).toEqual(['Ada Marsh', 'Bruno Okafor', 'Carla Lindqvist']);
  });

  it.each(['0', '1000', 'x', '-1'])('refuses $top=%s', async (top) => {
    expect((await graph(authority, 'GET', `/users?$top=${top}`)).status).toBe(400);
  });
});

describe('Graph permits', () => {
  it.each([
    ['GET', '/users', ['User.Read.All'], ['Application.ReadWrite.All']],
    ['GET', '/organization', ['Organization.Read.All'], ['Application.ReadWrite.All']],
    ['GET', '/applications', ['Application.Read.All'], ['User.Read.All']],
    ['GET', '/servicePrincipals', ['Directory.Read.All'], ['User.Read.All']],
    ['POST', '/applications', ['Application.ReadWrite.OwnedBy'], ['Application.Read.All']],
  ])('%s %s with %s and not with %s', async (method, path, enough, little) => {
    const body = method === 'POST' ? { body: { displayName: 'x' } } : {};
    const allowed = await graph(authority, method, path, { ...body, token: await tokenWith(...enough) });
    expect(allowed.status).toBe(method === 'POST' ? 201 : 200);
    const refused = await graph(authority, method, path, { ...body, token: await tokenWith(...little) });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'Authorization_RequestDenied' } } });
  });

  it('changes to own applications only, with Application.ReadWrite.OwnedBy', async () => {
    const token = await tokenWith('Application.ReadWrite.OwnedBy');
    const own = await create({ displayName: 'mine' }, token);
    const other = await create({ displayName: 'not mine' });
    const rename = { body: { displayName: 'renamed' }, token };
    expect((await graph(authority, 'PATCH', `/applications/${own.id}`, rename)).status).toBe(204);
    expect((await graph(authority, 'PATCH', `/applications/${other.id}`, rename)).status).toBe(403);
    expect((await graph(authority, 'DELETE', `/applications/${other.id}`, { token })).status).toBe(403);
  });

  it('a grant only with AppRoleAssignment.ReadWrite.All', async () => {
    const { servicePrincipalId } = await authority.register({});
    const resource = await graph(authority, 'GET', `/servicePrincipals(appId='${graphAppId}')`);
    const body = { principalId: servicePrincipalId, resourceId: resource.body.id, appRoleId: userReadAll };
    const path = `/servicePrincipals/${servicePrincipalId}/appRoleAssignments`;
    const grant = async (permission: string): Promise<number> =>
      (await graph(authority, 'POST', path, { body, token: await tokenWith(permission) })).status;
    expect(await grant('Application.ReadWrite.All')).toBe(403);
    expect(await grant('AppRoleAssignment.ReadWrite.All')).toBe(201);
  });

  it.each([
    ['no token', ''],
    ['a word', 'nonsense'],
    ['almost the admin token', `${adminToken}x`],
  ])('nothing with %s', async (_, token) => {
    const { status, body } = await graph(authority, 'GET', '/users', { token });
    expect(status).toBe(401);
    expect(body).toMatchObject({
      error: {
        code: 'InvalidAuthenticationToken',
        innerError: {
          date: expect.any(String),
          'request-id': expect.any(String),
          'client-request-id': expect.any(String),
        },
      },
    });
  });

  it('nothing with a token for another API, with a changed one, or with an assertion', async () => {
    const token = await tokenWith('User.Read.All');
    const { appId } = await authority.register({ certificate: daemon.certificate });
    const wanted = await draft(authority.tenantId, appId, daemon);
    const { body } = await send(authority, {
      ...wanted,
      form: { ...wanted.form, scope: 'https://vault.azure.net/.default' },
    });
    const [head, claims, signature] = token.split('.');
    const richer = JSON.stringify({
      ...JSON.parse(Buffer.from(claims ?? '', 'base64url').toString()),
      roles: ['Directory.Read.All'],
    });
    const forged = [head, Buffer.from(richer).toString('base64url'), signature].join('.');
    for (const bad of [String(body.access_token), forged]) {
      expect((await graph(authority, 'GET', '/users', { token: bad })).status).toBe(401);
    }
    expect((await graph(authority, 'GET', '/users', { token })).status).toBe(200);
  });
});

describe('Graph says what is wrong with', () => {
  it.each([
    ['GET', '/applications/nobody', undefined, 404, 'Request_ResourceNotFound'],
    ['GET', "/applications(appId='nobody')", undefined, 404, 'Request_ResourceNotFound'],
    ['GET', "/applications(name='x')", undefined, 400, 'Request_BadRequest'],
    ['GET', '/users/nobody', undefined, 404, 'Request_ResourceNotFound'],
    ['GET', '/teapots', undefined, 400, 'BadRequest'],
    ['POST', '/applications', '{', 400, 'Request_BadRequest'],
    ['POST', '/applications', '[]', 400, 'Request_BadRequest'],
    ['POST', '/applications', {}, 400, 'Request_BadRequest'],
    ['POST', '/applications', { displayName: 1 }, 400, 'Request_BadRequest'],
    ['POST', '/applications', { displayName: 'x', identifierUris: 'x' }, 400, 'Request_BadRequest'],
    [
      'POST',
      '/applications',
      { displayName: 'x', identifierUris: ['https://graph.microsoft.com'] },
      400,
      'Request_MultipleObjectsWithSameKeyValue',
    ],
    ['POST', '/applications', { displayName: 'x', keyCredentials: [null] }, 400, 'Request_BadRequest'],
    ['POST', '/applications', { displayName: 'x', api: { requestedAccessTokenVersion: 7 } }, 400, 'Request_BadRequest'],
    ['POST', '/applications', 'x'.repeat(1024 * 1024 + 1), 413, 'RequestEntityTooLarge'],
    ['POST', '/servicePrincipals', { appId: 'nobody' }, 404, 'Request_ResourceNotFound'],
  ])('%s %s %s', async (method, path, body, status, code) => {
    const answer = await graph(authority, method, path, body === undefined ? {} : { body });
    expect(answer).toMatchObject({ status, body: { error: { code, message: expect.any(String) } } });
    expect(authority.logged).toEqual([]);
  });
});

import { thumbprints, writePfx } from '@certgrant/core';
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
    const one = `/servicePrincipals/${principal.body.id}/appRoleAssignments/${assigned.body.id}`;
    expect((await graph(authority, 'GET', one)).body).toMatchObject(grant);
    const other = `/servicePrincipals/${resource.body.id}/appRoleAssignments/${assigned.body.id}`;
    expect((await graph(authority, 'GET', other)).status).toBe(404);
    const filtered = `/servicePrincipals/${resource.body.id}/appRoleAssignedTo?$filter=principalId eq ${principal.body.id}`;
    expect((await graph(authority, 'GET', filtered)).body.value).toMatchObject([grant]);
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
    [
      'a start before that of the certificate',
      { startDateTime: '2001-01-01T00:00:00Z' },
      'KeyCredentialsInvalidStartDate',
    ],
    ['an end before its start', { endDateTime: '2001-01-01T00:00:00Z' }, 'KeyCredentialsInvalidEndDate'],
    ['an identifier that is not base64', { customKeyIdentifier: 'ä' }, 'Request_BadRequest'],
    ['an id that is no GUID', { keyId: '1' }, 'Request_BadRequest'],
    ['another usage', { usage: 'Sign' }, 'Request_BadRequest'],
  ])('with %s are refused', async (name, entry, code) => {
    const withKey = name.includes('key') ? entry : { key, ...entry };
    const refused = await graph(authority, 'POST', '/applications', {
      body: { displayName: 'x', keyCredentials: [withKey] },
    });
    expect(refused).toMatchObject({ status: 400, body: { error: { code } } });
  });

  it('refuse a private key in any form, say so, and do not repeat it', async () => {
    const pkcs8 = daemon.key.export({ format: 'der', type: 'pkcs8' });
    const pkcs1 = daemon.key.export({ format: 'der', type: 'pkcs1' });
    const pem = Buffer.from(daemon.key.export({ format: 'pem', type: 'pkcs8' }));
    const pfx = await writePfx({ pkcs8: new Uint8Array(pkcs8), certificates: [daemon.certificate] }, { password: 'p' });
    for (const secret of [pkcs8, pkcs1, pem, pfx]) {
      const text = Buffer.from(secret).toString('base64');
      const body = { displayName: 'x', keyCredentials: [{ key: text }] };
      const refused = await graph(authority, 'POST', '/applications', { body });
      expect(refused.body).toMatchObject({ error: { message: expect.stringContaining('holds a private key') } });
      expect(JSON.stringify(refused.body)).not.toContain(text.slice(40, 80));
    }
  });

  it('refuse PEM in words, and two with one id', async () => {
    const pem = `-----BEGIN CERTIFICATE-----\n${key}\n-----END CERTIFICATE-----`;
    const keyId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
    for (const [keyCredentials, message] of [
      [[{ key: pem }], 'leave the lines of PEM out'],
      [[{ key: Buffer.from(pem).toString('base64') }], 'leave the lines of PEM out'],
      [
        [
          { key, keyId },
          { key, keyId: keyId.toUpperCase() },
        ],
        "'keyId'",
      ],
    ]) {
      const refused = await graph(authority, 'POST', '/applications', { body: { displayName: 'x', keyCredentials } });
      expect(refused.body).toMatchObject({ error: { message: expect.stringContaining(String(message)) } });
    }
  });

  it('are named by the thumbprint unless they are named otherwise; hexadecimal digits count as base64', async () => {
    const { sha1, x5t } = await thumbprints(daemon.certificate);
    const application = await create({
      displayName: 'x',
      keyCredentials: [{ key }, { key, customKeyIdentifier: sha1, displayName: 'named', endDateTime: null }],
    });
    expect(application.keyCredentials).toMatchObject([
      { customKeyIdentifier: Buffer.from(x5t, 'base64url').toString('base64'), displayName: 'CN=daemon' },
      { customKeyIdentifier: sha1, displayName: 'named' },
    ]);
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

  it('takes what Graph calls advanced queries with $count and the header only, and counts with the header only', async () => {
    const { appId } = await create({ displayName: 'Unlike any other', identifierUris: ['api://unlike-any-other'] });
    const filter = `$filter=${encodeURIComponent("displayName ne 'x' and not(startswith(displayName,'a'))")}`;
    const refused = await graph(authority, 'GET', `/applications?${filter}`);
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'Request_UnsupportedQuery' } } });
    const eventual = { headers: { ConsistencyLevel: 'eventual' } };
    expect((await graph(authority, 'GET', `/applications?${filter}`, eventual)).status).toBe(400);
    const found = await graph(authority, 'GET', `/applications?${filter}&$count=true&$top=1`, eventual);
    expect(found.body).toMatchObject({ value: [expect.anything()], '@odata.count': expect.any(Number) });
    const uri = encodeURIComponent("identifierUris/any(u:u eq 'api://unlike-any-other') or appId in ('1','2')");
    const one = await graph(authority, 'GET', `/applications?$filter=${uri}&$count=true`, eventual);
    expect(one.body).toMatchObject({ '@odata.count': 1, value: [{ appId }] });
    expect((await graph(authority, 'GET', '/users?$count=true')).body).not.toHaveProperty('@odata.count');
    expect((await graph(authority, 'GET', '/users?$count=true&$top=1', eventual)).body).toMatchObject({
      '@odata.count': 3,
    });
    expect(await graph(authority, 'GET', '/users/$count', eventual)).toEqual({ status: 200, body: 3 });
    expect((await graph(authority, 'GET', '/users/$count')).status).toBe(400);
  });

  it('is found by what names begin with, one of several values, and properties of keys', async () => {
    const { appId, keyCredentials } = await create({ displayName: 'Zebra one', keyCredentials: [{ key }] });
    const second = await create({ displayName: 'zebra two' });
    const [{ keyId } = {}] = keyCredentials as Body[];
    const find = async (filter: string): Promise<unknown> => {
      const { body } = await graph(
        authority,
        'GET',
        `/applications?$select=appId&$filter=${encodeURIComponent(filter)}`,
      );
      return (body.value as Body[]).map((each) => each.appId);
    };
    expect(await find("startswith(displayName,'ZEBRA')")).toEqual([appId, second.appId]);
    expect(await find(`appId in ('${second.appId}','${appId}','${appId}')`)).toEqual([appId, second.appId]);
    expect(await find(`appId eq '${second.appId}' or displayName eq 'zebra one'`)).toEqual([appId, second.appId]);
    expect(await find(`keyCredentials/any(k:k/keyId eq ${keyId})`)).toEqual([appId]);
    expect(await find(`startswith(displayName,'zebra') and displayName eq 'zebra two'`)).toEqual([second.appId]);
  });

  it('goes on after the last object of a page was deleted, with a link that tells nothing', async () => {
    const made = [];
    for (const n of [1, 2, 3, 4]) made.push(await create({ displayName: `Paged ${n}` }));
    const first = await graph(authority, 'GET', "/applications?$top=2&$filter=startswith(displayName,'Paged ')");
    expect(first.body.value).toMatchObject([{ displayName: 'Paged 1' }, { displayName: 'Paged 2' }]);
    const link = String(first.body['@odata.nextLink']).replace(`${base}/graph/v1.0`, '');
    expect(new URLSearchParams(link.split('?')[1]).get('$skiptoken')).not.toContain(String(made[1]?.id));
    await graph(authority, 'DELETE', `/applications/${made[1]?.id}`);
    const next = await graph(authority, 'GET', link);
    expect(next.body.value).toMatchObject([{ displayName: 'Paged 3' }, { displayName: 'Paged 4' }]);
    expect(next.body).not.toHaveProperty('@odata.nextLink');
    expect((await graph(authority, 'GET', '/applications?$skiptoken=x')).status).toBe(400);
  });

  it.each(['$orderby=displayName', '$search="x"', '$expand=owners', '$skip=1'])('refuses %s', async (query) => {
    expect(await graph(authority, 'GET', `/applications?${query}`)).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining(query.split('=')[0] ?? '') } },
    });
  });

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

describe('the directory', () => {
  it('has people in groups', async () => {
    const groups = await graph(authority, 'GET', "/groups?$filter=displayName eq 'purchasing'");
    const [group] = groups.body.value as Body[];
    expect(group).toMatchObject({ displayName: 'Purchasing', securityEnabled: true });
    const one = await graph(authority, 'GET', `/groups/${group?.id}?$select=id`);
    expect(one.body).toEqual({ '@odata.context': expect.any(String), id: group?.id });
    const members = await graph(authority, 'GET', `/groups/${group?.id}/members?$select=id,displayName`);
    expect(members.body.value).toEqual([
      { '@odata.type': '#microsoft.graph.user', id: expect.any(String), displayName: 'Carla Lindqvist' },
    ]);
    const [carla] = members.body.value as Body[];
    const memberOf = await graph(authority, 'GET', `/users/${carla?.id}/memberOf`);
    expect(memberOf.body.value).toMatchObject([{ displayName: 'Everyone' }, { displayName: 'Purchasing' }]);
    expect((await graph(authority, 'GET', '/users/CARLA.lindqvist@contoso.example')).body.id).toBe(carla?.id);
    expect((await graph(authority, 'GET', '/groups/nobody/members')).status).toBe(404);
  });

  it('has the tenant as its organization, and no other', async () => {
    const { body } = await graph(authority, 'GET', `/organization/${authority.tenantId}`);
    expect(body).toMatchObject({ id: authority.tenantId, verifiedDomains: [{ name: 'contoso.example' }] });
    expect((await graph(authority, 'GET', `/organization/${graphAppId}`)).status).toBe(404);
  });
});

describe('Graph permits', () => {
  it.each([
    ['GET', '/users', ['User.Read.All'], ['Application.ReadWrite.All']],
    ['GET', '/users/$count', ['User.Read.All'], ['Group.Read.All']],
    ['GET', '/groups', ['Group.Read.All'], ['User.Read.All']],
    ['GET', '/groups', ['Directory.Read.All'], ['Organization.Read.All']],
    ['GET', '/groups/$count', ['GroupMember.Read.All'], ['Application.Read.All']],
    ['GET', '/servicePrincipals/$count', ['Application.Read.All'], ['Group.Read.All']],
    ['GET', '/applications/$count', ['Application.ReadWrite.OwnedBy'], ['Group.Read.All']],
    ['GET', '/organization', ['Organization.Read.All'], ['Application.ReadWrite.All']],
    ['GET', '/applications', ['Application.Read.All'], ['User.Read.All']],
    ['GET', '/servicePrincipals', ['Directory.Read.All'], ['User.Read.All']],
    ['POST', '/applications', ['Application.ReadWrite.OwnedBy'], ['Application.Read.All']],
  ])('%s %s with %s and not with %s', async (method, path, enough, little) => {
    const body = method === 'POST' ? { body: { displayName: 'x' } } : {};
    const headers = { ConsistencyLevel: 'eventual' };
    const allowed = await graph(authority, method, path, { ...body, headers, token: await tokenWith(...enough) });
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
    ['GET', '/me', undefined, 400, 'BadRequest'],
    ['POST', '/users', {}, 405, 'Request_BadRequest'],
    ['PUT', '/applications/x', {}, 405, 'Request_BadRequest'],
    ['GET', '/groups/nobody', undefined, 404, 'Request_ResourceNotFound'],
    ['PATCH', '/applications/nobody', { displayName: 'x' }, 404, 'Request_ResourceNotFound'],
    ['POST', '/applications/nobody/addPassword', {}, 404, 'Request_ResourceNotFound'],
    ['POST', '/applications', { displayName: 'x', appRoles: [{ id: '1', value: 'x' }] }, 400, 'Request_BadRequest'],
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

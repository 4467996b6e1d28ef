import { createHash } from 'node:crypto';
import {
  type Certificate,
  createSelfSignedCertificate,
  GraphClient,
  generateKeyPair,
  keyCredentialOf,
  type RegisterApplicationOptions,
  type RegisteredApplication,
  registerApplication,
} from '@certgrant/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, GraphServer, impatientPlatform, type Received, refused } from './graph-server.ts';

const graphAppId = '00000003-0000-0000-c000-000000000000';
const server = new GraphServer();
let certificate: Certificate;
beforeAll(async () => {
  await server.listen();
  certificate = await createSelfSignedCertificate({ keyPair: await generateKeyPair('P-256'), subject: 'CN=my-daemon' });
});
afterAll(() => server.close());

const resource = {
  id: 'graph-sp',
  displayName: 'Microsoft Graph',
  appRoles: [
    { id: 'role-user-read', value: 'User.Read.All', isEnabled: true, allowedMemberTypes: ['Application'] },
    { id: 'role-user-basic', value: 'User.ReadBasic.All', isEnabled: true, allowedMemberTypes: ['Application'] },
    { id: 'role-mail', value: 'Mail.Send', isEnabled: true, allowedMemberTypes: ['Application', 'User'] },
    { id: 'role-off', value: 'Old.Read', isEnabled: false, allowedMemberTypes: ['Application'] },
    { id: 'role-user', value: 'Person.Only', isEnabled: true, allowedMemberTypes: ['User'] },
  ],
  oauth2PermissionScopes: [{ id: 'scope-user', value: 'User.Read' }],
};

/** Graph as it answers when all is well. */
function answer({ method, path, body }: Received): Answer {
  switch (`${method} ${path.replace(/\?.*$/, '')}`) {
    case `GET /v1.0/servicePrincipals(appId='${graphAppId}')`:
      return { status: 200, json: resource };
    case 'POST /v1.0/applications':
      return {
        status: 201,
        json: { id: 'object-id', appId: 'app-id', ...body, keyCredentials: [{ keyId: 'key-id', key: null }] },
      };
    case 'POST /v1.0/servicePrincipals':
      return { status: 201, json: { id: 'sp-id', appId: body?.appId } };
    case 'POST /v1.0/servicePrincipals/sp-id/appRoleAssignments':
      return { status: 201, json: { id: 'assignment', ...body } };
    default:
      return refused(404, 'Request_ResourceNotFound', 'Not found');
  }
}
beforeEach(() => {
  server.received.length = 0;
  server.answer = answer;
});

/** Answers the requests that `matches` with `special`, the first `times` of them, and the others as ever. */
function except(matches: string, special: Answer, times = Number.POSITIVE_INFINITY): void {
  let seen = 0;
  server.answer = (request) =>
    `${request.method} ${request.path}`.endsWith(matches) && seen++ < times ? special : answer(request);
}

function register(options: Partial<RegisterApplicationOptions> = {}): Promise<RegisteredApplication> {
  const { platform } = impatientPlatform();
  const client = new GraphClient({ graphUrl: server.url, accessToken: async () => 'token', platform });
  return registerApplication(client, {
    displayName: 'my-daemon',
    certificate,
    permissions: ['User.Read.All'],
    ...options,
  });
}

describe('registerApplication', () => {
  it('makes application, key credential, service principal and one assignment for each permission', async () => {
    const sha1 = createHash('sha1').update(certificate.der).digest();
    expect(await register({ permissions: ['User.Read.All', 'mail.send', 'USER.READ.ALL'] })).toEqual({
      appId: 'app-id',
      objectId: 'object-id',
      servicePrincipalId: 'sp-id',
      keyId: 'key-id',
      thumbprint: sha1.toString('hex').toUpperCase(),
    });
    const posted = server.received.filter(({ method }) => method === 'POST');
    expect(posted.map(({ path, body }) => [path, body])).toEqual([
      [
        '/v1.0/applications',
        {
          displayName: 'my-daemon',
          signInAudience: 'AzureADMyOrg',
          keyCredentials: [
            {
              type: 'AsymmetricX509Cert',
              usage: 'Verify',
              key: Buffer.from(certificate.der).toString('base64'),
              customKeyIdentifier: sha1.toString('base64'),
              displayName: 'CN=my-daemon',
              startDateTime: certificate.notBefore.toISOString(),
              endDateTime: certificate.notAfter.toISOString(),
            },
          ],
          requiredResourceAccess: [
            {
              resourceAppId: graphAppId,
              resourceAccess: [
                { id: 'role-user-read', type: 'Role' },
                { id: 'role-mail', type: 'Role' },
              ],
            },
          ],
        },
      ],
      ['/v1.0/servicePrincipals', { appId: 'app-id' }],
      ...['role-user-read', 'role-mail'].map((appRoleId) => [
        '/v1.0/servicePrincipals/sp-id/appRoleAssignments',
        { principalId: 'sp-id', resourceId: 'graph-sp', appRoleId },
      ]),
    ]);
  });

  it('asks for no resource when there is nothing to grant', async () => {
    expect(await register({ permissions: [], resourceAppId: 'never looked at' })).toMatchObject({ appId: 'app-id' });
    expect(server.received.map(({ path }) => path)).toEqual(['/v1.0/applications', '/v1.0/servicePrincipals']);
  });

  it('reads the key id where the answer to the creation lacks it', async () => {
    server.answer = (request) => {
      if (request.method === 'GET' && request.path === '/v1.0/applications/object-id?$select=keyCredentials') {
        return { status: 200, json: { keyCredentials: [{ keyId: 'read-later' }] } };
      }
      const usual = answer(request);
      return request.path === '/v1.0/applications' ? { ...usual, json: { id: 'object-id', appId: 'app-id' } } : usual;
    };
    expect(await register()).toMatchObject({ keyId: 'read-later' });
  });

  it.each([
    [
      'User.Raed.All',
      'Microsoft Graph has no application permission User.Raed.All',
      'spelled most like it: User.Read.All',
    ],
    ['User.Read', 'User.Read is a delegated permission of Microsoft Graph', 'User.Read.All'],
    ['Old.Read', 'Microsoft Graph has no application permission Old.Read', 'such as'],
    ['Person.Only', 'Microsoft Graph has no application permission Person.Only', 'such as'],
    [
      'Zzz',
      'Microsoft Graph has no application permission Zzz',
      'such as User.Read.All, User.ReadBasic.All, Mail.Send',
    ],
  ])('makes nothing for the permission %s', async (permission, message, fix) => {
    await expect(register({ permissions: ['Mail.Send', permission] })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(message),
      fix: expect.stringContaining(fix),
    });
    expect(server.received.map(({ method }) => method)).toEqual(['GET']);
  });

  it.each<[string, Partial<RegisterApplicationOptions>]>([
    ['an empty name', { displayName: ' ' }],
    ['a resource that is no GUID', { resourceAppId: "x')/delete" }],
  ])('refuses %s before any request', async (_, options) => {
    await expect(register(options)).rejects.toMatchObject({ code: 'USAGE' });
    expect(server.received).toEqual([]);
  });

  it('reports the refusal of the first step as it is', async () => {
    except('POST /v1.0/applications', refused(403, 'Authorization_RequestDenied', 'Insufficient privileges'));
    await expect(register()).rejects.toMatchObject({
      name: 'GraphError',
      status: 403,
      message: expect.stringMatching(/^create application: Graph answered 403/),
      fix: expect.stringContaining('Grant Application.ReadWrite.All'),
    });
  });

  it.each([
    [
      'POST /v1.0/servicePrincipals',
      { appId: 'app-id', objectId: 'object-id' },
      /^create service principal: .*; application app-id \(object id object-id\) is there already$/,
      'Application.ReadWrite.All',
    ],
    [
      'POST /v1.0/servicePrincipals/sp-id/appRoleAssignments',
      { appId: 'app-id', objectId: 'object-id', servicePrincipalId: 'sp-id' },
      /^grant permission: .*; application app-id \(object id object-id, service principal sp-id\) is there already$/,
      'AppRoleAssignment.ReadWrite.All',
    ],
  ])('says what exists when %s is refused', async (step, registered, message, fix) => {
    except(step, refused(403, 'Authorization_RequestDenied', 'Insufficient privileges'));
    await expect(register()).rejects.toMatchObject({
      name: 'IncompleteRegistrationError',
      code: 'API_REFUSED',
      message: expect.stringMatching(message),
      fix: expect.stringContaining(fix),
      registered,
      cause: { name: 'GraphError', status: 403 },
    });
  });

  it('says what exists when it is stopped half-way', async () => {
    const controller = new AbortController();
    server.answer = (request) => {
      if (request.path === '/v1.0/servicePrincipals') controller.abort();
      return answer(request);
    };
    await expect(register({ signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
      registered: { appId: 'app-id', objectId: 'object-id' },
    });
  });

  it.each<[string, string, Answer]>([
    [
      'a service principal',
      'POST /v1.0/servicePrincipals',
      refused(
        400,
        'Request_BadRequest',
        "The appId 'app-id' of the service principal does not reference a valid application object.",
      ),
    ],
    [
      'an assignment',
      'appRoleAssignments',
      refused(404, 'Request_ResourceNotFound', "Resource 'sp-id' does not exist"),
    ],
  ])('bears that Graph does not know yet what it has just made: %s', async (_, step, special) => {
    except(step, special, 3);
    expect(await register()).toMatchObject({ servicePrincipalId: 'sp-id' });
    except(step, special);
    await expect(register()).rejects.toMatchObject({ name: 'IncompleteRegistrationError' });
  });
});

describe('keyCredentialOf', () => {
  it('cuts a long subject to what Graph keeps of a name', async () => {
    const keyPair = await generateKeyPair('P-256');
    const subject = `CN=${'a'.repeat(60)},O=${'ü'.repeat(60)}`;
    const long = await createSelfSignedCertificate({ keyPair, subject });
    expect((await keyCredentialOf(long)).displayName).toBe(subject.slice(0, 90));
  });
});

import { randomUUID } from 'node:crypto';
import { draftAlone, type Refusal, withForm, withPath } from './refusal.ts';
import { assertionType, type Draft } from './scene.ts';

/** Requests with a good assertion, or none, that are refused for something else. */

const nobody = '11111111-2222-4333-8444-555555555555';
const noAssertion = { client_assertion: undefined, client_assertion_type: undefined };
const missing = { code: 900144, cause: 'parameter-missing' } as const;
const malformed = { code: 9002313, cause: 'request-malformed' } as const;

function byApplication({ claims, form, ...granted }: Draft, appId: string): Draft {
  return { ...granted, claims: { ...claims, iss: appId, sub: appId }, form: { ...form, client_id: appId } };
}

const rows: readonly Refusal[] = [
  {
    name: 'a body that is no form',
    proven: true,
    request: ({ granted }) => ({ ...granted, body: '{"a":1}' }),
    code: 900144,
    cause: 'body-is-not-a-form',
  },
  { name: 'no scope', proven: true, request: withForm({ scope: undefined }), ...missing },
  {
    name: 'no client_assertion_type',
    proven: true,
    request: withForm({ client_assertion_type: undefined }),
    ...missing,
  },
  {
    name: 'a client_assertion_type alone',
    proven: true,
    request: withForm({ client_assertion: undefined }),
    ...missing,
  },
  { name: 'no credential', request: withForm(noAssertion), code: 7000218, cause: 'no-credential-sent' },
  {
    name: 'a client secret that is none',
    request: withForm({ ...noAssertion, client_secret: 's' }),
    code: 7000215,
    cause: 'secret-id-instead-of-value',
  },
  {
    name: 'an expired client secret',
    request: async ({ authority, granted }) => {
      const [startDateTime, endDateTime] = ['2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z'];
      const { appId, secret } = await authority.register({ secret: { startDateTime, endDateTime } });
      return { ...granted, form: { ...granted.form, ...noAssertion, client_id: appId, client_secret: secret } };
    },
    code: 7000222,
    cause: 'secret-expired',
  },
  { name: 'claims that are no JSON', request: withForm({ claims: '{' }), ...malformed },
  {
    name: 'an assertion and a secret',
    request: withForm({ client_secret: 's' }),
    code: 90023,
    cause: 'request-malformed',
  },
  {
    name: 'another client_assertion_type',
    request: withForm({ client_assertion_type: `${assertionType}x` }),
    code: 90023,
    cause: 'request-malformed',
  },
  { name: 'another grant type', request: withForm({ grant_type: 'password' }), code: 70003, cause: 'grant-type-wrong' },
  {
    name: 'a parameter that is there twice',
    request: ({ granted }) => ({ ...granted, body: 'grant_type=client_credentials&scope=a&scope=b' }),
    code: 9000411,
    cause: 'parameter-twice',
  },
  {
    name: 'GET',
    request: ({ granted }) => ({ ...granted, method: 'GET' }),
    code: 900561,
    cause: 'get-instead-of-post',
  },
  {
    name: 'a resource at v2',
    request: withForm({ resource: 'https://graph.microsoft.com' }),
    code: 901002,
    cause: 'resource-at-v2',
  },
  {
    name: 'a scope without /.default',
    proven: true,
    request: withForm({ scope: 'https://graph.microsoft.com/User.Read' }),
    code: 1002012,
    cause: 'scope-without-default',
    settings: draftAlone,
  },
  { name: 'a scope without an API', request: withForm({ scope: '/.default' }), code: 70011, cause: 'scope-malformed' },
  {
    name: 'two APIs',
    request: withForm({ scope: 'https://graph.microsoft.com/.default https://vault.azure.net/.default' }),
    code: 700022,
    cause: 'several-resources',
  },
  {
    name: 'an API that is not in the tenant',
    request: withForm({ scope: 'api://nobody/.default' }),
    code: 500011,
    cause: 'resource-misspelt',
    settings: draftAlone,
  },
  {
    name: 'an API that requires a role which the client has not',
    request: async ({ authority, granted }) => {
      const api = `api://${randomUUID()}`;
      await authority.register({ identifierUris: [api], appRoles: ['Use'], appRoleAssignmentRequired: true });
      return { ...granted, form: { ...granted.form, scope: `${api}/.default` } };
    },
    code: 501051,
    cause: 'no-app-role-assigned',
    settings: draftAlone,
  },
  {
    name: 'a client id of no application',
    request: ({ granted }) => byApplication(granted, nobody),
    code: 700016,
    cause: 'client-id-wrong',
    settings: draftAlone,
  },
  {
    name: 'an application without service principal',
    request: async ({ graph, granted }) => {
      const { appId } = await graph.post(
        '/applications',
        { displayName: 'half made' },
        { action: 'create application' },
      );
      return byApplication(granted, String(appId));
    },
    code: 700016,
    // The answer is the same for an id that is not there at all.
    cause: 'client-id-wrong',
  },
  {
    name: 'a disabled application',
    request: ({ by, daemon }) => by([daemon], daemon, { enabled: false }),
    code: 7000112,
    cause: 'service-principal-disabled',
    settings: draftAlone,
  },
  {
    name: 'a tenant id that is not there',
    request: withPath(`/${nobody}/oauth2/v2.0/token`),
    code: 90002,
    cause: 'tenant-misspelt',
  },
  {
    name: 'a tenant that is neither id nor domain',
    request: withPath('/no_tenant/oauth2/v2.0/token'),
    code: 900023,
    cause: 'tenant-malformed',
  },
  { name: '/common', request: withPath('/common/oauth2/v2.0/token'), code: 9001023, cause: 'no-tenant-in-url' },
  {
    name: '/organizations',
    request: withPath('/organizations/oauth2/v2.0/token'),
    code: 50059,
    cause: 'no-tenant-in-url',
  },
  {
    name: 'a request of a page of another site',
    request: ({ granted }) => ({ ...granted, headers: { origin: 'https://page.example' } }),
    code: 9002326,
    cause: 'asked-from-a-page',
  },
  {
    name: 'instance discovery for an unknown host',
    request: ({ granted }) => ({
      ...granted,
      method: 'GET',
      path: '/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Fnobody.example%2Ft%2Foauth2%2Fv2.0%2Fauthorize',
    }),
    code: 50049,
    cause: 'private-authority',
  },
];

/** The assertions of these are good. */
export const requests: readonly Refusal[] = rows.map((row) => ({ ...row, decoded: 'nothing' }));

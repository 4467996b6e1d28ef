import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { adminToken, base, type TestAuthority, testAuthority } from '../support/authority.ts';
import { identity } from '../support/identity.ts';

let authority: TestAuthority;
let ids: readonly string[];

beforeAll(async () => {
  authority = await testAuthority();
  const { certificate } = await identity();
  const { objectId, servicePrincipalId, appId } = await authority.register({ certificate });
  ids = [objectId, servicePrincipalId, `(appId='${appId}')`, 'nobody', '$count', "('')", '%', '..'];
});

const sets = fc.constantFrom('applications', 'servicePrincipals', 'users', 'groups', 'organization', 'me', '');
const methods = fc.constantFrom('GET', 'POST', 'PATCH', 'PUT', 'DELETE');
const actions = fc.constantFrom(
  '',
  '/addKey',
  '/removeKey',
  '/addPassword',
  '/removePassword',
  '/appRoleAssignments',
  '/appRoleAssignedTo/x',
  '/members',
  '/memberOf',
);
const names = fc.constantFrom(
  'displayName',
  'appId',
  'identifierUris',
  'appRoles',
  'api',
  'keyCredentials',
  'keyCredential',
  'passwordCredential',
  'passwordCredentials',
  'proof',
  'keyId',
  'key',
  'customKeyIdentifier',
  'startDateTime',
  'accountEnabled',
  'principalId',
  'resourceId',
  'appRoleId',
  'signInAudience',
  '__proto__',
);
const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.jsonValue(),
    fc.constantFrom('MAMCAQE=', 'a.b.c', 'e30.e30.e30', '\u0000', '\ud800', 'x', '0001-01-01T00:00:00Z'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 5 }),
  ),
}));
const bodies = fc.oneof(
  fc.dictionary(names, values, { maxKeys: 8 }).map((body) => JSON.stringify({ displayName: 'x', ...body })),
  values.map((value) => JSON.stringify(value) ?? ''),
  fc.string(),
);
const queries = fc.dictionary(
  fc.constantFrom('$filter', '$select', '$top', '$skiptoken', '$count', '$orderby', '$expand'),
  fc.oneof(fc.string(), fc.constantFrom("appId eq 'x'", "displayName in ('a','b')", '5', 'true', 'id', 'YWZ0ZXIgMQ')),
  { maxKeys: 4 },
);

it('Graph answers nothing that a caller sends with a server error', async () => {
  const request = fc.tuple(methods, sets, fc.nat(7), actions, queries, bodies, fc.boolean());
  await fc.assert(
    fc.asyncProperty(request, async ([method, set, index, action, query, body, eventual]) => {
      const path = `/graph/v1.0/${set}/${ids[index]}${action}?${new URLSearchParams(query)}`;
      const response = await authority.app.respond(
        new Request(base + path.replaceAll('/(', '('), {
          method,
          headers: {
            Authorization: `Bearer ${adminToken}`,
            ...(eventual ? { ConsistencyLevel: 'eventual' } : {}),
          },
          ...(method === 'GET' ? {} : { body }),
        }),
      );
      const text = await response.text();
      expect([response.status < 500, text]).toEqual([true, text]);
      // Below /graph every refusal has Graph's body.
      if (response.status >= 400 && response.headers.has('request-id')) {
        expect(JSON.parse(text)).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
      }
      expect(authority.logged).toEqual([]);
    }),
    { numRuns: 1500 },
  );
});

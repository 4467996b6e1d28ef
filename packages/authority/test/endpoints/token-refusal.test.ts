import { createHash, createPublicKey } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { base, type TestAuthority, testAuthority } from '../support/authority.ts';
import { type Identity, identity, type Members, signJws } from '../support/identity.ts';
import { assertionType, change, type Draft, draft, send } from '../support/token-request.ts';

interface Applications {
  readonly authority: TestAuthority;
  readonly daemon: Identity;
  readonly stranger: Identity;
  readonly elliptic: Identity;
  readonly expired: Identity;
  readonly future: Identity;
  readonly granted: Draft;
  /** The same request by an application with other certificates. */
  readonly by: (registered: readonly Identity[], signer: Identity, enabled?: boolean) => Promise<Draft>;
}

let at: Applications;

beforeAll(async () => {
  const authority = await testAuthority();
  const [daemon, stranger, elliptic, expired, future] = await Promise.all([
    identity(),
    identity(),
    identity('P-256'),
    identity('RSA-2048', { from: -30, until: -1 }),
    identity('RSA-2048', { from: 1, until: 30 }),
  ]);
  const by: Applications['by'] = async (registered, signer, enabled = true) => {
    const certificates = registered.map(({ certificate }) => certificate);
    const { appId } = await authority.register({ certificates, enabled });
    return draft(authority.tenantId, appId, signer);
  };
  at = { authority, daemon, stranger, elliptic, expired, future, by, granted: await by([daemon], daemon) };
});

interface Row {
  readonly name: string;
  readonly request: (at: Applications) => Draft | Promise<Draft>;
  readonly code: number;
  readonly error: string;
  readonly status: 400 | 401;
  readonly fragments?: readonly (string | RegExp)[];
}

const withHeader =
  (changes: Members) =>
  ({ granted }: Applications): Draft => ({ ...granted, header: change(granted.header, changes) });
const withClaims =
  (changes: Members) =>
  ({ granted }: Applications): Draft => ({ ...granted, claims: change(granted.claims, changes) });
const withForm =
  (changes: Draft['form']) =>
  ({ granted }: Applications): Draft => ({ ...granted, form: { ...granted.form, ...changes } });
const withAssertion =
  (make: (text: string, draft: Draft) => string) =>
  ({ granted }: Applications): Draft => {
    const { header, claims, identity: signer, padding } = granted;
    return { ...granted, assertion: make(signJws(header, claims, signer.key, padding), granted) };
  };
const withPath =
  (path: string) =>
  ({ granted }: Applications): Draft => ({ ...granted, path });
const now = (): number => Math.floor(Date.now() / 1000);
const hex = (algorithm: string, { certificate }: Identity): string =>
  createHash(algorithm).update(certificate.der).digest('hex').toUpperCase();

const thumbprint = /Thumbprint of key used by client: '[0-9A-F]{40,}'/;
const foundKey = /Found key 'Start=\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d, End=\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d'/;
const times =
  /Current time: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z, assertion valid from \S+Z, expiry time of assertion \S+Z\./;
const notFound = 'Reason - The key was not found.';
const mismatch = 'Reason - The provided signature value did not match the expected signature value.';
const outOfValidity = 'Reason - The key used is expired.';
const malformed = { code: 50027, error: 'invalid_request', status: 400 } as const;
const refusedKey = { code: 700027, error: 'invalid_client', status: 401 } as const;
const outOfTime = { code: 700024, error: 'invalid_client', status: 401, fragments: [times] } as const;
const badAudience = { code: 700023, error: 'invalid_client', status: 401 } as const;

const assertions: readonly Row[] = [
  { name: 'not a JWT', request: withAssertion(() => 'hello'), ...malformed },
  { name: 'five parts', request: withAssertion((text) => `${text}.a.b`), ...malformed },
  { name: 'an empty signature', request: withAssertion((text) => text.replace(/[^.]+$/, '')), ...malformed },
  { name: 'a signature in standard base64', request: withAssertion((text) => text.replace(/.$/, '+')), ...malformed },
  { name: 'a detached payload', request: withAssertion((text) => text.replace(/\.[^.]+\./, '..')), ...malformed },
  { name: 'a header that is an array', request: withAssertion((text) => text.replace(/^[^.]+/, 'W10')), ...malformed },
  { name: 'bytes that are no UTF-8', request: withAssertion((text) => text.replace(/^[^.]+/, '__79')), ...malformed },
  {
    name: 'two members with one name',
    request: withAssertion((_, { claims, identity: signer }) =>
      signJws('{"alg":"PS256","alg":"PS256"}', claims, signer.key, 'PS256'),
    ),
    ...malformed,
  },
  { name: 'crit', request: withHeader({ crit: ['exp'] }), ...malformed },
  { name: 'b64: false', request: withHeader({ b64: false }), ...malformed },
  { name: 'zip', request: withHeader({ zip: 'DEF' }), ...malformed },
  { name: 'an unknown zip', request: withHeader({ zip: 'brotli' }), ...malformed },
  {
    name: 'its own key in its header',
    request: ({ granted, stranger }) => {
      const jwk = createPublicKey(stranger.key).export({ format: 'jwk' });
      return { ...withHeader({ jwk, 'x5t#S256': undefined })({ ...at, granted }), identity: stranger };
    },
    ...malformed,
  },
  { name: 'a URL of its key', request: withHeader({ jku: 'https://attacker.example/keys' }), ...malformed },
  { name: 'a URL of its certificate', request: withHeader({ x5u: 'https://attacker.example/cert' }), ...malformed },
  {
    name: 'a certificate of its own that signed it',
    request: ({ granted, stranger }) => {
      const x5c = [Buffer.from(stranger.certificate.der).toString('base64')];
      return { ...withHeader({ x5c, 'x5t#S256': undefined })({ ...at, granted }), identity: stranger };
    },
    ...refusedKey,
    fragments: [notFound],
  },
  {
    name: 'two members with one name, written differently',
    request: withAssertion((_, { header, claims, identity: signer }) =>
      signJws(header, `{"iss":"a","\\u0069ss":"b",${JSON.stringify(claims).slice(1)}`, signer.key, 'PS256'),
    ),
    ...malformed,
  },
  { name: 'alg that is an object', request: withHeader({ alg: { toString: 1, valueOf: 1 } }), ...malformed },
  { name: 'a megabyte of header', request: withHeader({ x: 'a'.repeat(700_000) }), ...malformed },
  { name: 'alg none', request: withHeader({ alg: 'none' }), ...malformed },
  { name: 'no alg', request: withHeader({ alg: undefined }), ...malformed },
  {
    name: 'an array of audiences',
    request: ({ granted }) => withClaims({ aud: [granted.claims.aud] })(at),
    ...malformed,
  },
  { name: 'no audience', request: withClaims({ aud: undefined }), ...malformed },
  { name: 'no issuer', request: withClaims({ iss: undefined }), ...malformed },
  { name: 'no subject', request: withClaims({ sub: undefined }), ...malformed },
  { name: 'no expiry', request: withClaims({ exp: undefined }), ...malformed },
  { name: 'an expiry that is no number', request: withClaims({ exp: 'soon' }), ...malformed },
  {
    name: 'typ client-authentication+jwt',
    request: withHeader({ typ: 'client-authentication+jwt' }),
    code: 5002727,
    error: 'invalid_request',
    status: 400,
    fragments: ["must be 'JWT' or 'http://openid.net/specs/jwt/1.0'."],
  },
  { name: 'alg HS256', request: withHeader({ alg: 'HS256' }), ...refusedKey },
  {
    name: 'alg ES256',
    request: withHeader({ alg: 'ES256' }),
    ...refusedKey,
    fragments: ['Invalid JWT token. Unsupported asymmetric signing algorithm.'],
  },
  { name: 'alg RS512', request: withHeader({ alg: 'RS512' }), ...refusedKey },
  {
    name: 'an EC certificate under an RSA algorithm',
    request: async ({ by, elliptic }) => ({ ...(await by([elliptic], elliptic)), padding: 'ES256' }),
    code: 5002730,
    error: 'invalid_request',
    status: 400,
    fragments: ['Invalid JWT token. Unsupported key for the signing algorithm.'],
  },
  {
    name: 'a certificate that is not registered',
    request: ({ by, daemon, stranger }) => by([daemon], stranger),
    ...refusedKey,
    fragments: [notFound, thumbprint],
  },
  {
    name: 'a certificate of another application',
    request: async ({ by, daemon }) => by([], daemon),
    ...refusedKey,
    fragments: [notFound, thumbprint],
  },
  {
    name: 'x5t with the hexadecimal text of the thumbprint',
    request: ({ granted, daemon }) =>
      withHeader({ 'x5t#S256': undefined, x5t: Buffer.from(hex('sha1', daemon)).toString('base64url') })({
        ...at,
        granted,
      }),
    ...refusedKey,
    fragments: [notFound, 'hexadecimal text'],
  },
  {
    name: 'x5t in hexadecimal',
    request: ({ granted, daemon }) =>
      withHeader({ 'x5t#S256': undefined, x5t: hex('sha1', daemon) })({ ...at, granted }),
    ...refusedKey,
    fragments: [notFound, thumbprint, 'in hexadecimal'],
  },
  {
    name: 'SHA-1 under x5t#S256',
    request: ({ granted, daemon }) =>
      withHeader({ 'x5t#S256': Buffer.from(hex('sha1', daemon), 'hex').toString('base64url') })({ ...at, granted }),
    ...refusedKey,
    fragments: [notFound, thumbprint, '20 bytes instead of 32'],
  },
  {
    name: 'SHA-256 under x5t',
    request: ({ granted }) => withHeader({ 'x5t#S256': undefined, x5t: granted.header['x5t#S256'] })(at),
    ...refusedKey,
    fragments: [notFound, thumbprint, '32 bytes instead of 20'],
  },
  {
    name: 'a kid that nobody knows, without a thumbprint segment',
    request: withHeader({ 'x5t#S256': undefined, kid: 'key-1' }),
    ...refusedKey,
    fragments: [notFound, /^(?!.*Thumbprint of key used)/s],
  },
  {
    name: 'x5c with the certificate of a stranger first',
    request: ({ stranger, daemon }) =>
      withHeader({
        'x5t#S256': undefined,
        x5c: [stranger, daemon].map(({ certificate }) => Buffer.from(certificate.der).toString('base64')),
      })(at),
    ...refusedKey,
    fragments: [notFound],
  },
  { name: 'x5c that is no text', request: withHeader({ 'x5t#S256': undefined, x5c: [{}] }), ...refusedKey },
  {
    name: 'an expired certificate',
    request: ({ by, expired }) => by([expired], expired),
    ...refusedKey,
    fragments: [outOfValidity, thumbprint, foundKey, 'is expired'],
  },
  {
    name: 'a certificate that is not valid yet',
    request: ({ by, future }) => by([future], future),
    ...refusedKey,
    fragments: [outOfValidity, thumbprint, foundKey, 'is not valid yet'],
  },
  {
    name: 'a signature by another key',
    request: ({ granted, stranger }) => ({ ...granted, identity: stranger }),
    ...refusedKey,
    fragments: [mismatch, thumbprint, foundKey],
  },
  {
    name: 'a signature by another key, without any hint',
    request: ({ granted, stranger }) => ({
      ...withHeader({ 'x5t#S256': undefined })({ ...at, granted }),
      identity: stranger,
    }),
    ...refusedKey,
    fragments: [mismatch],
  },
  {
    name: 'PKCS #1 padding under PS256',
    request: ({ granted }) => ({ ...granted, padding: 'RS256' }),
    ...refusedKey,
    fragments: [mismatch, 'signed with RS256'],
  },
  {
    name: 'claims changed after signing',
    request: withAssertion((text, { header, claims, identity: signer }) => {
      const other = signJws(header, { ...claims, exp: now() + 900 }, signer.key, 'PS256');
      return [other.split('.')[0], other.split('.')[1], text.split('.')[2]].join('.');
    }),
    ...refusedKey,
    fragments: [mismatch],
  },
  {
    name: 'iss and sub that differ',
    request: withClaims({ sub: '11111111-2222-3333-4444-555555555555' }),
    code: 50048,
    error: 'invalid_client',
    status: 401,
    fragments: ['Subject must match the issuer claim in the client assertion.'],
  },
  {
    name: 'iss of somebody else, as in workload identity federation',
    request: withClaims({ iss: 'https://token.actions.example', sub: 'repo:contoso/app' }),
    code: 700211,
    error: 'invalid_client',
    status: 401,
    fragments: ["presented assertion issuer 'https://token.actions.example'"],
  },
  {
    name: 'iss of another application, whatever key it is signed with',
    request: ({ granted, stranger }) => ({
      ...withClaims({ iss: crypto.randomUUID() })({ ...at, granted }),
      identity: stranger,
    }),
    code: 50048,
    error: 'invalid_client',
    status: 401,
  },
  {
    name: 'iss and sub of another application',
    request: withClaims({ iss: '11111111-2222-3333-4444-555555555555', sub: '11111111-2222-3333-4444-555555555555' }),
    code: 700021,
    error: 'invalid_client',
    status: 401,
  },
  {
    name: 'the audience of another tenant',
    request: withClaims({ aud: `${base}/${crypto.randomUUID()}/oauth2/v2.0/token` }),
    ...badAudience,
  },
  { name: 'the audience /common', request: withClaims({ aud: `${base}/common/oauth2/v2.0/token` }), ...badAudience },
  {
    name: 'the audience of another authority',
    request: withClaims({ aud: 'https://login.microsoftonline.com/contoso.example/v2.0' }),
    ...badAudience,
  },
  {
    name: 'an audience whose host only begins like ours',
    request: withClaims({ aud: `${base}.contoso.example/v2.0` }),
    ...badAudience,
  },
  {
    name: 'an audience that only begins like ours',
    request: withClaims({ aud: `${base}.example/contoso.example/v2.0` }),
    ...badAudience,
  },
  { name: 'an expired assertion', request: withClaims({ exp: now() - 302, nbf: now() - 900 }), ...outOfTime },
  {
    name: 'an assertion that is not valid yet',
    request: withClaims({ nbf: now() + 330, exp: now() + 900 }),
    ...outOfTime,
  },
  {
    name: 'an assertion that expires before it begins',
    request: withClaims({ nbf: now() + 200, exp: now() + 100 }),
    ...outOfTime,
    fragments: [times, 'expires before it begins'],
  },
  { name: 'an expiry after the last date', request: withClaims({ exp: 1e300 }), ...outOfTime },
  { name: 'an expiry in milliseconds', request: withClaims({ exp: Date.now() }), ...outOfTime },
  {
    name: 'an expired assertion without nbf',
    request: withClaims({ nbf: undefined, iat: undefined, exp: now() - 302 }),
    ...outOfTime,
    fragments: ['assertion valid from 1970-01-01T00:00:00.0000000Z'],
  },
];

const invalidRequest = { error: 'invalid_request', status: 400 } as const;
const missing = { code: 900144, ...invalidRequest } as const;

const requests: readonly Row[] = [
  { name: 'no grant_type', request: withForm({ grant_type: undefined }), ...missing, fragments: ["'grant_type'"] },
  {
    name: 'no client_id and no assertion',
    request: withForm({ client_id: undefined, client_assertion: undefined }),
    ...missing,
    fragments: ["'client_id'"],
  },
  { name: 'no scope', request: withForm({ scope: undefined }), ...missing, fragments: ["'scope'"] },
  { name: 'an empty scope', request: withForm({ scope: '' }), ...missing, fragments: ["'scope'"] },
  { name: 'no client_assertion_type', request: withForm({ client_assertion_type: undefined }), ...missing },
  { name: 'a client_assertion_type alone', request: withForm({ client_assertion: undefined }), ...missing },
  {
    name: 'no credential',
    request: withForm({ client_assertion: undefined, client_assertion_type: undefined }),
    code: 7000218,
    error: 'invalid_client',
    status: 401,
    fragments: ["'client_assertion' or 'client_secret'"],
  },
  {
    name: 'a client secret',
    request: withForm({ client_assertion: undefined, client_assertion_type: undefined, client_secret: 's' }),
    code: 7000215,
    error: 'invalid_client',
    status: 401,
  },
  ...['{', '[]', '"x"', 'null', '7', '{"access_token":1}', '{"access_token":{"xms_cc":"cp1"}}'].map((claims) => ({
    name: `claims ${claims}`,
    request: withForm({ claims }),
    code: 9002313,
    ...invalidRequest,
  })),
  {
    name: 'claims whose values are no array',
    request: withForm({ claims: '{"access_token":{"xms_cc":{"values":1}}}' }),
    code: 9002313,
    ...invalidRequest,
  },
  { name: 'an assertion and a secret', request: withForm({ client_secret: 's' }), code: 90023, ...invalidRequest },
  {
    name: 'another client_assertion_type',
    request: withForm({ client_assertion_type: `${assertionType}x` }),
    code: 90023,
    ...invalidRequest,
  },
  {
    name: 'another grant type',
    request: withForm({ grant_type: 'password' }),
    code: 70003,
    error: 'unsupported_grant_type',
    status: 400,
  },
  {
    name: 'a resource on v2',
    request: withForm({ resource: 'https://graph.microsoft.com' }),
    code: 901002,
    ...invalidRequest,
  },
  {
    name: 'a scope without /.default',
    request: withForm({ scope: 'https://graph.microsoft.com/User.Read.All' }),
    code: 1002012,
    error: 'invalid_scope',
    status: 400,
    fragments: ['/.default'],
  },
  {
    name: 'only scopes that mean nothing',
    request: withForm({ scope: 'openid profile' }),
    code: 70011,
    error: 'invalid_scope',
    status: 400,
  },
  {
    name: 'a scope without an API',
    request: withForm({ scope: '/.default' }),
    code: 70011,
    error: 'invalid_scope',
    status: 400,
  },
  {
    name: 'two APIs',
    request: withForm({ scope: 'https://graph.microsoft.com/.default https://vault.azure.net/.default' }),
    code: 700022,
    error: 'invalid_scope',
    status: 400,
  },
  {
    name: 'an API that is not there',
    request: withForm({ scope: 'api://nowhere/.default' }),
    code: 500011,
    error: 'invalid_resource',
    status: 400,
    fragments: ['api://nowhere', 'Contoso'],
  },
  {
    name: 'an application that is not there',
    request: withForm({ client_id: '11111111-2222-3333-4444-555555555555' }),
    code: 700016,
    error: 'unauthorized_client',
    status: 400,
    fragments: ["'11111111-2222-3333-4444-555555555555'", "'Contoso'"],
  },
  {
    name: 'an application without service principal',
    request: async ({ authority, granted }) => {
      const { directory } = authority.services;
      const { appId } = await directory.createApplication(authority.tenantId, { displayName: 'half made' });
      return { ...granted, form: { ...granted.form, client_id: appId } };
    },
    code: 700016,
    error: 'unauthorized_client',
    status: 400,
  },
  {
    name: 'a disabled application',
    request: ({ by, daemon }) => by([daemon], daemon, false),
    code: 7000112,
    error: 'unauthorized_client',
    status: 400,
  },
  {
    name: 'an API that requires a role which the client has not',
    request: async ({ authority, granted }) => {
      await authority.register({
        identifierUris: ['api://strict'],
        appRoles: ['Use'],
        appRoleAssignmentRequired: true,
      });
      return { ...granted, form: { ...granted.form, scope: 'api://strict/.default' } };
    },
    code: 501051,
    error: 'invalid_grant',
    status: 400,
  },
  {
    name: 'a tenant id that is not there',
    request: withPath('/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token'),
    code: 90002,
    ...invalidRequest,
    fragments: ["Tenant '11111111-2222-3333-4444-555555555555' not found."],
  },
  {
    name: 'a domain that is not there',
    request: withPath('/nowhere.example/oauth2/v2.0/token'),
    code: 90002,
    ...invalidRequest,
  },
  {
    name: 'a tenant that is neither id nor domain',
    request: withPath('/no_tenant/oauth2/v2.0/token'),
    code: 900023,
    ...invalidRequest,
    fragments: ["'no_tenant' is neither a valid DNS name, nor a valid external domain."],
  },
  { name: '/common', request: withPath('/common/oauth2/v2.0/token'), code: 9001023, ...invalidRequest },
  { name: '/organizations', request: withPath('/organizations/oauth2/v2.0/token'), code: 50059, ...invalidRequest },
];

describe('the token endpoint refuses', () => {
  it.each([...assertions, ...requests])(
    '$name with AADSTS$code',
    async ({ request, code, error, status, fragments = [] }) => {
      const { authority } = at;
      const answer = await send(authority, await request(at));
      expect(answer.body).toMatchObject({ error, error_codes: [code] });
      expect(answer.status).toBe(status);
      const description = String(answer.body.error_description);
      expect(description).toMatch(
        new RegExp(
          `^AADSTS${code}: [^\\r\\n]+\\r\\nTrace ID: \\S+\\r\\nCorrelation ID: \\S+\\r\\nTimestamp: \\S+ \\S+Z$`,
        ),
      );
      for (const fragment of fragments) {
        if (typeof fragment === 'string') expect(description).toContain(fragment);
        else expect(description).toMatch(fragment);
      }
      expect(description).not.toContain(String(at.granted.assertion ?? 'eyJ'));
      expect(authority.logged).toEqual([]);
    },
  );

  it('two assertions with AADSTS9000411', async () => {
    const { authority, granted } = at;
    const body = new URLSearchParams([
      ['grant_type', 'client_credentials'],
      ['client_assertion', 'a'],
      ['client_assertion', 'b'],
    ]);
    const answer = await send(authority, granted, { body });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request', error_codes: [9000411] } });
    expect(answer.body.error_description).toContain("The parameter 'client_assertion' is duplicated.");
  });

  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencodedx'])(
    'a form with the content type %s, since nothing is in it then',
    async (type) => {
      const answer = await send(at.authority, at.granted, { headers: { 'Content-Type': type } });
      expect(answer).toMatchObject({ status: 400, body: { error_codes: [900144] } });
    },
  );

  it.each(['GET', 'PUT', 'DELETE'])('%s with AADSTS900561', async (method) => {
    const init = method === 'GET' ? { method, body: null } : { method };
    const answer = await send(at.authority, at.granted, init);
    expect(answer).toMatchObject({ status: 400, body: { error_codes: [900561] } });
    expect(answer.body.error_description).toContain(`Received a ${method} request.`);
  });

  it('a body over a megabyte with 413', async () => {
    const answer = await send(at.authority, at.granted, {
      body: `grant_type=${'x'.repeat(1024 * 1024)}`,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    expect(answer).toMatchObject({ status: 413, body: { error: 'invalid_request' } });
  });

  it('a foreign host name with 421', async () => {
    const response = await at.authority.app.respond(
      new Request(`https://attacker.example/${at.authority.tenantId}/oauth2/v2.0/token`, {
        method: 'POST',
      }),
    );
    expect(response.status).toBe(421);
  });

  it('a path that is not there with 404', async () => {
    const response = await at.authority.app.respond(
      new Request(`${base}/${at.authority.tenantId}/oauth2/v3.0/token`, {
        method: 'POST',
      }),
    );
    expect(response.status).toBe(404);
  });
});

describe('an error of the token endpoint', () => {
  const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
  const refused = (): Promise<Draft> => at.by([], at.daemon);

  it.each([
    ['the header client-request-id', { headers: { 'client-request-id': id } }, {}],
    ['the query string', {}, { query: `?client-request-id=${id}` }],
    ['the form', {}, { form: { 'client-request-id': id } }],
  ] as const)('takes over the correlation id from %s', async (_, init, extra) => {
    const wanted = await refused();
    const form = { ...wanted.form, ...('form' in extra ? extra.form : {}) };
    const path = wanted.path + ('query' in extra ? extra.query : '');
    const { body, headers } = await send(at.authority, { ...wanted, form, path }, init);
    expect(body.correlation_id).toBe(id);
    expect(body.error_description).toContain(`Correlation ID: ${id}\r\n`);
    expect(headers.get('x-ms-request-id')).toBe(body.trace_id);
    expect(headers.get('client-request-id')).toBeNull();
  });

  it('gives the id back as a header when that is asked for', async () => {
    const headers = { 'client-request-id': id, 'return-client-request-id': 'true' };
    expect((await send(at.authority, await refused(), { headers })).headers.get('client-request-id')).toBe(id);
  });

  it('takes over nothing but a GUID', async () => {
    const { body } = await send(at.authority, await refused(), { headers: { 'client-request-id': '<script>' } });
    expect(body.correlation_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('has the form of Entra ID', async () => {
    const { body, headers } = await send(at.authority, await refused());
    expect(Object.keys(body)).toEqual([
      'error',
      'error_description',
      'error_codes',
      'timestamp',
      'trace_id',
      'correlation_id',
      'error_uri',
    ]);
    expect(body.timestamp).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
    expect(body.error_uri).toBe('https://login.microsoftonline.com/error?code=700027');
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store, no-cache');
    expect(headers.get('x-ms-clitelem')).toBe('1,700027,0,,');
  });
});

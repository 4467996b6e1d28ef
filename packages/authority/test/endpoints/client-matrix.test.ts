import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { base, type TestAuthority, testAuthority } from '../support/authority.ts';
import { type Identity, identity, type Members, type Padding } from '../support/identity.ts';
import { assertionType, type Draft, send, tokenParts } from '../support/token-request.ts';

/** What the row of a client is made from. */
interface Facts {
  readonly tenantId: string;
  readonly clientId: string;
  /** In seconds, whole. */
  readonly now: number;
  /** Thumbprints and the certificate, as bytes. */
  readonly sha1: Buffer;
  readonly sha256: Buffer;
  readonly der: Buffer;
}

/** A request exactly as one client writes it. */
interface Shape {
  readonly client: string;
  readonly header: (facts: Facts) => Members;
  readonly claims: (facts: Facts) => Members;
  readonly form: (facts: Facts) => Draft['form'];
  readonly padding: Padding;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const endpoint = ({ tenantId }: Facts): string => `${base}/${tenantId}/oauth2/v2.0/token`;
const whoIsIt = (facts: Facts): Members => ({ iss: facts.clientId, sub: facts.clientId, jti: randomUUID() });
const graph = 'https://graph.microsoft.com/.default';
const form = ({ clientId }: Facts): Draft['form'] => ({
  client_id: clientId,
  scope: graph,
  grant_type: 'client_credentials',
  client_assertion_type: assertionType,
});
const pem = (der: Buffer): string => der.toString('base64').replace(/(.{64})/g, '$1\n');
const url = (bytes: Buffer): string => bytes.toString('base64url');
const padded = (bytes: Buffer): string => `${url(bytes)}${'='.repeat((3 - (bytes.length % 3)) % 3)}`;
const id = '0f8fad5b-d9cb-469f-a165-70867728950e';

const node = {
  claims: (facts: Facts) => ({
    aud: endpoint(facts),
    exp: facts.now + 600,
    ...whoIsIt(facts),
    nbf: facts.now + 1,
    iat: facts.now + 1,
  }),
  form: (facts: Facts) => ({
    ...form(facts),
    'x-client-SKU': 'msal.js.node',
    'x-client-VER': '7.2.3',
    'x-client-OS': 'linux',
    'x-client-CPU': 'x64',
    'x-ms-lib-capability': 'retry-after, h429',
    'x-client-current-telemetry': '5|771,2,,,|,',
    'x-client-last-telemetry': '5|0|||0,0',
    'client-request-id': id,
  }),
  query: `?client-request-id=${id}`,
  headers: { 'Content-Type': 'application/x-www-form-urlencoded;charset=utf-8' },
};
const python = {
  claims: (facts: Facts) => ({
    aud: endpoint(facts),
    exp: facts.now + 600.4375,
    iat: facts.now + 0.4375,
    ...whoIsIt(facts),
  }),
  form: (facts: Facts) => ({ ...form(facts), client_info: '1' }),
  headers: { Accept: 'application/json', 'x-client-sku': 'MSAL.Python', 'x-client-current-telemetry': '4|730,2|' },
};
const go = {
  claims: (facts: Facts) => ({ aud: endpoint(facts), exp: facts.now + 600, nbf: facts.now, ...whoIsIt(facts) }),
  form: (facts: Facts) => ({ ...form(facts), client_info: '1', scope: `${graph} openid offline_access profile` }),
  headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8', 'Return-Client-Request-Id': 'false' },
};
const dotnet = {
  claims: (facts: Facts) => ({
    aud: endpoint(facts),
    ...whoIsIt(facts),
    nbf: String(facts.now),
    exp: String(facts.now + 600),
  }),
  form: (facts: Facts) => ({ ...form(facts), client_info: '2' }),
  headers: { 'x-client-SKU': 'MSAL.NetCore', 'client-request-id': id, 'return-client-request-id': 'true' },
};
const java = {
  claims: (facts: Facts) => ({ aud: endpoint(facts), exp: facts.now + 600, nbf: facts.now, ...whoIsIt(facts) }),
  form,
};
const openid = {
  claims: (facts: Facts) => ({
    aud: `${base}/${facts.tenantId}/v2.0`,
    exp: facts.now + 60,
    iat: facts.now,
    nbf: facts.now,
    ...whoIsIt(facts),
  }),
  form,
};

const shapes: readonly Shape[] = [
  {
    client: 'MSAL Node with thumbprintSha256',
    ...node,
    padding: 'PS256',
    header: ({ sha256 }) => ({ alg: 'PS256', typ: 'JWT', 'x5t#S256': url(sha256) }),
  },
  {
    client: 'MSAL Node with thumbprint',
    ...node,
    padding: 'RS256',
    header: ({ sha1 }) => ({ alg: 'RS256', typ: 'JWT', x5t: url(sha1) }),
  },
  {
    client: 'MSAL Node with x5c',
    ...node,
    padding: 'PS256',
    header: ({ sha256, der }) => ({
      alg: 'PS256',
      typ: 'JWT',
      'x5t#S256': url(sha256),
      x5c: [der.toString('base64')],
    }),
  },
  {
    client: 'MSAL Python with a PFX file',
    ...python,
    padding: 'PS256',
    header: ({ sha256 }) => ({ alg: 'PS256', typ: 'JWT', 'x5t#S256': padded(sha256) }),
  },
  {
    client: 'MSAL Python with a PEM file and its thumbprint',
    ...python,
    padding: 'RS256',
    header: ({ sha1 }) => ({ alg: 'RS256', typ: 'JWT', x5t: padded(sha1) }),
  },
  {
    client: 'MSAL Python with public_certificate',
    ...python,
    padding: 'PS256',
    header: ({ sha256, der }) => ({ alg: 'PS256', typ: 'JWT', 'x5t#S256': padded(sha256), x5c: [`\n${pem(der)}\n`] }),
  },
  {
    client: 'azure-identity for Python, which announces claims challenges',
    ...python,
    form: (facts) => ({ ...python.form(facts), claims: '{"access_token": {"xms_cc": {"values": ["CP1"]}}}' }),
    padding: 'RS256',
    header: ({ sha1 }) => ({ alg: 'RS256', typ: 'JWT', x5t: padded(sha1) }),
  },
  {
    client: 'MSAL Go',
    ...go,
    padding: 'PS256',
    header: ({ sha256 }) => ({ alg: 'PS256', typ: 'JWT', 'x5t#S256': sha256.toString('base64') }),
  },
  {
    client: 'MSAL Go with x5c',
    ...go,
    padding: 'PS256',
    header: ({ sha256, der }) => ({
      alg: 'PS256',
      typ: 'JWT',
      'x5t#S256': sha256.toString('base64'),
      x5c: [der.toString('base64')],
    }),
  },
  {
    client: 'MSAL.NET',
    ...dotnet,
    padding: 'PS256',
    header: ({ sha256 }) => ({ alg: 'PS256', typ: 'JWT', 'x5t#S256': url(sha256) }),
  },
  {
    client: 'MSAL.NET with SendX5C',
    ...dotnet,
    padding: 'PS256',
    header: ({ sha256, der }) => ({ alg: 'PS256', typ: 'JWT', 'x5t#S256': url(sha256), x5c: der.toString('base64') }),
  },
  {
    client: 'MSAL.NET with a key provider that has no PSS',
    ...dotnet,
    padding: 'RS256',
    header: ({ sha1 }) => ({ alg: 'RS256', typ: 'JWT', x5t: url(sha1) }),
  },
  {
    client: 'MSAL Java',
    ...java,
    padding: 'RS256',
    header: ({ sha256 }) => ({ alg: 'RS256', 'x5t#S256': sha256.toString('base64') }),
  },
  {
    client: 'MSAL Java with x5c and SHA-1',
    ...java,
    padding: 'RS256',
    header: ({ sha1, der }) => ({ alg: 'RS256', x5t: sha1.toString('base64'), x5c: [der.toString('base64')] }),
  },
  {
    client: 'Microsoft.IdentityModel with X509SigningCredentials',
    ...java,
    padding: 'RS256',
    header: ({ sha1 }) => ({ alg: 'RS256', kid: sha1.toString('hex').toUpperCase(), x5t: url(sha1), typ: 'JWT' }),
  },
  { client: 'openid-client without a kid', ...openid, padding: 'PS256', header: () => ({ alg: 'PS256' }) },
  {
    client: 'oauth4webapi with a kid of its own choice beside nothing that names a certificate',
    ...openid,
    padding: 'RS256',
    header: ({ sha1 }) => ({ alg: 'RS256', kid: sha1.toString('hex') }),
  },
  {
    client: 'simple-oauth2 with a ready assertion, and an Authorization header beside it',
    ...java,
    form: (facts) => ({ ...form(facts), client_secret: '' }),
    headers: { Authorization: `Basic ${Buffer.from('client:unused').toString('base64')}` },
    padding: 'PS256',
    header: ({ sha256 }) => ({ alg: 'PS256', typ: 'JWT', 'x5t#S256': url(sha256) }),
  },
];

let authority: TestAuthority;
let daemon: Identity;
let facts: Omit<Facts, 'now'>;

beforeAll(async () => {
  authority = await testAuthority();
  daemon = await identity();
  const certificates = [(await identity()).certificate, daemon.certificate];
  const { appId, tenantId } = await authority.register({ certificates, permissions: ['User.Read.All'] });
  const der = Buffer.from(daemon.certificate.der);
  const hash = (algorithm: string): Buffer => createHash(algorithm).update(der).digest();
  facts = { tenantId, clientId: appId, der, sha1: hash('sha1'), sha256: hash('sha256') };
});

describe('the token endpoint grants a token to', () => {
  it.each(shapes)('$client', async ({ header, claims, form: fields, padding, query = '', headers }) => {
    const at = { ...facts, now: Math.floor(Date.now() / 1000) };
    const wanted = { header: header(at), claims: claims(at), form: fields(at), padding, identity: daemon };
    const path = `/${at.tenantId}/oauth2/v2.0/token${query}`;
    const answer = await send(authority, { ...wanted, path }, headers === undefined ? {} : { headers: type(headers) });
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: expect.any(Number) });
    expect(answer.status).toBe(200);
    expect(tokenParts(answer).claims).toMatchObject({ appid: at.clientId, appidacr: '2', roles: ['User.Read.All'] });
  });
});

/** The form's own content type, unless the client has another. */
function type(headers: Readonly<Record<string, string>>): Record<string, string> {
  return { 'Content-Type': 'application/x-www-form-urlencoded', ...headers };
}

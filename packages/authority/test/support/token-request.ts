import { randomUUID } from 'node:crypto';
import { thumbprints } from '@certgrant/core';
import { type Body, base, type TestAuthority } from './authority.ts';
import { type Identity, type Members, type Padding, signJws } from './identity.ts';

/** What a token request is made from; everything may be replaced. */
export interface Draft {
  readonly header: Members;
  readonly claims: Members;
  /** Signed with this, whatever the header says. */
  readonly padding: Padding;
  readonly identity: Identity;
  /** The assertion itself, in place of one made from the above. */
  readonly assertion?: string;
  /** `undefined` leaves a parameter out. */
  readonly form: Readonly<Record<string, string | undefined>>;
  /** Below the base. */
  readonly path: string;
}

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const graphScope = 'https://graph.microsoft.com/.default';

/** A request that is granted, as MSAL Node would send it. */
export async function draft(tenantId: string, clientId: string, identity: Identity): Promise<Draft> {
  const now = Math.floor(Date.now() / 1000);
  const path = `/${tenantId}/oauth2/v2.0/token`;
  const claims = {
    aud: base + path,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    iat: now,
    nbf: now,
    exp: now + 600,
  };
  const header = { alg: 'PS256', typ: 'JWT', 'x5t#S256': (await thumbprints(identity.certificate))['x5t#S256'] };
  return {
    header,
    claims,
    padding: 'PS256',
    identity,
    form: {
      client_id: clientId,
      scope: graphScope,
      grant_type: 'client_credentials',
      client_assertion_type: assertionType,
    },
    path,
  };
}

/** A part of a draft with some members replaced; `undefined` removes one. */
export function change(members: Members, changes: Members): Members {
  return Object.fromEntries(Object.entries({ ...members, ...changes }).filter(([, value]) => value !== undefined));
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export async function send({ app }: TestAuthority, wanted: Draft, init: RequestInit = {}): Promise<Answer> {
  const { header, claims, identity, padding, form, path } = wanted;
  const assertion = wanted.assertion ?? signJws(header, claims, identity.key, padding);
  const fields = Object.entries({ client_assertion: assertion, ...form });
  const body = new URLSearchParams(fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const response = await app.respond(new Request(base + path, { method: 'POST', body, ...init }));
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** The claims of the access token in an answer. */
export function tokenParts({ body }: Answer): { readonly header: Body; readonly claims: Body } {
  const [header, claims] = String(body.access_token)
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
  return { header, claims };
}

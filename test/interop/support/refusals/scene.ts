import { createHash, randomUUID } from 'node:crypto';
import { type Authority, type AuthorityOptions, startAuthority } from '@certgrant/authority';
import { GraphClient } from '@certgrant/core';
import { type ClosableFetch, createFetch } from '@certgrant/core/node';
import {
  type Identity,
  identity,
  type Members,
  type Padding,
  signJws,
} from '../../../../packages/authority/test/support/identity.ts';

export type { Identity, Members, Padding };

/** A request for a token, before it is sent; everything in it may be replaced. */
export interface Draft {
  readonly header: Members;
  readonly claims: Members;
  /** Signed with this, whatever the header says. */
  readonly padding: Padding;
  readonly signer: Identity;
  /** In place of an assertion made from the above. */
  readonly assertion?: string;
  /** `undefined` leaves a parameter out. */
  readonly form: Readonly<Record<string, string | undefined>>;
  /** In place of the form. */
  readonly body?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Below the authority's URL. */
  readonly path: string;
}

/** A running authority with an application, and the keys and certificates that mistakes are made with. */
export interface Scene {
  readonly authority: Authority;
  readonly graph: GraphClient;
  readonly fetch: ClosableFetch;
  /** Its certificate is registered on the application. */
  readonly daemon: Identity;
  readonly stranger: Identity;
  readonly elliptic: Identity;
  readonly expired: Identity;
  readonly future: Identity;
  readonly clientId: string;
  /** A request of the application that is granted. */
  readonly granted: Draft;
  /** The same by a new application with these certificates. */
  by(registered: readonly Identity[], signer: Identity, more?: { readonly enabled?: boolean }): Promise<Draft>;
  close(): Promise<void>;
}

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const graphScope = 'https://graph.microsoft.com/.default';

export async function openScene(options: AuthorityOptions = {}): Promise<Scene> {
  const authority = await startAuthority(options);
  const fetch = createFetch({ ca: [authority.ca], env: {} });
  const accessToken = async (): Promise<string> => authority.adminToken;
  const [daemon, stranger, elliptic, expired, future] = await Promise.all([
    identity(),
    identity(),
    identity('P-256'),
    identity('RSA-2048', { from: -30, until: -1 }),
    identity('RSA-2048', { from: 1, until: 30 }),
  ]);
  const by: Scene['by'] = async (registered, signer, more = {}) => {
    const certificates = registered.map(({ certificate }) => certificate);
    const { appId } = await authority.register({ certificates, ...more });
    return draft(authority, appId, signer, options.strict === true);
  };
  const granted = await by([daemon], daemon);
  return {
    authority,
    graph: new GraphClient({ graphUrl: authority.graphUrl, accessToken, platform: { fetch } }),
    fetch,
    ...{ daemon, stranger, elliptic, expired, future },
    clientId: String(granted.form.client_id),
    granted,
    by,
    close: async () => {
      await fetch.close();
      await authority.close();
    },
  };
}

/** A request that is granted, as MSAL Node would send it. */
function draft({ url, tenantId }: Authority, clientId: string, signer: Identity, isStrict: boolean): Draft {
  const path = `/${tenantId}/oauth2/v2.0/token`;
  const now = seconds();
  const aud = isStrict ? `${url}/${tenantId}/v2.0` : url + path;
  return {
    header: { alg: 'PS256', typ: 'JWT', 'x5t#S256': digest('sha256', signer).toString('base64url') },
    claims: { aud, iss: clientId, sub: clientId, jti: randomUUID(), iat: now, nbf: now, exp: now + 600 },
    padding: 'PS256',
    signer,
    form: {
      client_id: clientId,
      scope: graphScope,
      grant_type: 'client_credentials',
      client_assertion_type: assertionType,
    },
    path,
  };
}

export function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** The thumbprint of an identity's certificate, as bytes. */
export function digest(algorithm: 'sha1' | 'sha256', { certificate }: Identity): Buffer {
  return createHash(algorithm).update(certificate.der).digest();
}

/** The assertion of a draft. */
export function assertionOf({ assertion, header, claims, signer, padding }: Draft): string {
  return assertion ?? signJws(header, claims, signer.key, padding);
}

/** The answer's body, as the server wrote it. */
export async function send({ authority, fetch }: Scene, wanted: Draft, assertion: string): Promise<string> {
  const { form, body, method = 'POST', headers, path } = wanted;
  const fields = Object.entries({ client_assertion: assertion, ...form });
  const parameters = fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const response = await fetch(authority.url + path, {
    method,
    ...(method === 'GET'
      ? {}
      : {
          body: body ?? new URLSearchParams(parameters).toString(),
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        }),
  });
  return response.text();
}

/** Members with some replaced; `undefined` removes one. */
export function change(members: Members, changes: Members): Members {
  return Object.fromEntries(Object.entries({ ...members, ...changes }).filter(([, value]) => value !== undefined));
}

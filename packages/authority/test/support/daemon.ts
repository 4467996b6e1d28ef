import { createFetch } from '@certgrant/core/node';
import { onTestFinished } from 'vitest';
import { type Authority, type AuthorityOptions, type Registration, startAuthority } from '../../src/index.ts';
import { type Identity, identity, signJws } from './identity.ts';
import { change, type Draft, draft } from './token-request.ts';

/** A running authority that is closed when the test has finished. */
export async function started(options: AuthorityOptions = {}): Promise<Authority> {
  const authority = await startAuthority(options);
  onTestFinished(() => authority.close());
  return authority;
}

/** A `fetch` that trusts the authority. */
export function fetchOf({ ca }: Pick<Authority, 'ca'>): typeof fetch {
  const trusting = createFetch({ ca: [ca], env: {} });
  onTestFinished(() => trusting.close());
  return trusting as typeof fetch;
}

/** A registered application with its key, and a way for it to ask for tokens over a real socket. */
export interface Daemon {
  readonly appId: string;
  readonly identity: Identity;
  /** Asks for a token; what is given replaces parts of a good request. */
  ask(changes?: Partial<Draft> & { readonly headers?: Record<string, string> }): Promise<Response>;
}

const ready = identity();

export async function daemonOf(authority: Authority, registration: Registration = {}): Promise<Daemon> {
  const own = await ready;
  const { appId } = await authority.register({
    certificate: own.certificate,
    permissions: ['User.Read.All'],
    ...registration,
  });
  const fetch = fetchOf(authority);
  return {
    appId,
    identity: own,
    ask: async ({ headers = {}, ...changes } = {}) => {
      const drafted = await draft(authority.tenantId, appId, own);
      const { claims, header, form, path, padding, assertion } = { ...drafted, ...changes };
      const audience = claims === drafted.claims ? change(claims, { aud: authority.url + path }) : claims;
      const signed = assertion ?? signJws(header, audience, own.key, padding);
      const fields = Object.entries({ client_assertion: signed, ...form });
      const body = new URLSearchParams(fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
      return fetch(authority.url + path, { method: 'POST', body, headers });
    },
  };
}

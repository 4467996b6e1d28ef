import type { Io } from '../io.ts';
import { usageError } from '../usage.ts';
import { type AuthorityValues, authorityFrom, checkedUrl } from './authority.ts';
import { clientIdFrom, tenantFrom } from './identity.ts';

export const issuerOption = {
  issuer: {
    type: 'string',
    value: 'URL',
    help: 'Ask another authorization server than Entra ID; its token endpoint is discovered (RFC 8414, OpenID)',
  },
} as const;

export const claimsOption = {
  claims: { type: 'string', value: 'JSON', help: 'The claims of a claims challenge' },
} as const;

export interface ServerValues extends AuthorityValues {
  readonly issuer: string | undefined;
  readonly tenant: string | undefined;
  readonly 'client-id': string | undefined;
}

export type Server = { readonly clientId: string } & (
  | { readonly issuer: string }
  | { readonly authority: string; readonly tenant: string }
);

/** Whom to ask, and as whom. */
export function serverFrom(values: ServerValues, io: Io): Server {
  const { issuer } = values;
  if (issuer === undefined) {
    const tenant = tenantFrom(values, io);
    return { clientId: clientIdFrom(values, io, 'guid'), authority: authorityFrom(values, io), tenant };
  }
  const extra = (['tenant', 'cloud', 'authority'] as const).find((name) => values[name] !== undefined);
  if (extra !== undefined) {
    throw usageError(`--${extra}: it has no meaning beside --issuer`, `Give --issuer or --${extra}`);
  }
  // As it is written: a server's issuer is compared character by character (RFC 8414 §3.3).
  checkedUrl(issuer, '--issuer', io);
  return { issuer, clientId: clientIdFrom(values, io, 'any') };
}

/** @throws {CertgrantError} `USAGE` */
export function claimsFrom(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    if (typeof JSON.parse(text) === 'object') return text;
  } catch {
    // Told below: the parser's own words quote the text.
  }
  throw usageError(
    '--claims: this is not a JSON object',
    'Give the claims of the challenge, decoded, in single quotes',
  );
}

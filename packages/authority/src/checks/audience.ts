import { type EntraError, entraError } from '../entra-error.ts';
import { shown } from '../lib/shown.ts';
import type { AcceptedAudience, AssertionContext } from './assertion-context.ts';

/** What may follow the tenant: the token endpoints and the issuers, of v2 and v1. */
const accepted = ['oauth2/v2.0/token', 'oauth2/token', 'v2.0', ''];

/** An audience of the shape that those of every authority have. */
export interface AudienceParts {
  /** The URL before the tenant, without a trailing slash. */
  readonly base: string;
  readonly tenant: string;
}

/** Takes an audience apart; `undefined` for one that is no token endpoint or issuer of any tenant. */
export function audienceParts(aud: unknown): AudienceParts | undefined {
  if (typeof aud !== 'string' || !URL.canParse(aud)) return undefined;
  const { origin, pathname } = new URL(aud);
  const [, path, tenant] = /^(.*)\/([^/]+)\/(?:oauth2\/(?:v2\.0\/)?token|v2\.0)?$/i.exec(pathname) ?? [];
  if (path === undefined || tenant === undefined || !/^https?:/.test(origin)) return undefined;
  return { base: origin + path, tenant };
}

/** `aud` is a token endpoint of this tenant, with or without a query, or its issuer; in strict mode the issuer alone. */
export function checkAudience({ assertion: { claims }, audience, strict }: AssertionContext): EntraError | undefined {
  const { aud } = claims;
  if (strict !== undefined) return aud === strict.issuer ? undefined : notTheIssuer(strict.issuer, aud);
  if (typeof aud === 'string' && isAccepted(aud, audience)) return undefined;
  const [base = '', [tenant = '']] = [audience.bases[0], audience.tenants];
  const message =
    'Client assertion audience claim does not match Realm issuer: it must be the token endpoint of the tenant to which ' +
    `the request is sent, and ${faultOf(aud, audience)}.`;
  return entraError(700023, message, {
    expected: `${base}/${tenant}/oauth2/v2.0/token`,
    received: shown(aud, 300),
  });
}

/** One audience that nobody else can be sent (draft-ietf-oauth-rfc7523bis §4). */
function notTheIssuer(issuer: string, aud: unknown): EntraError {
  const message =
    'Client assertion audience claim does not match Realm issuer: in strict mode it must be exactly that.';
  return entraError(700023, message, { expected: issuer, received: shown(aud, 300) });
}

function isAccepted(aud: string, { bases, tenants }: AcceptedAudience): boolean {
  const [withoutQuery = ''] = aud.split('?', 1);
  const lower = withoutQuery.toLowerCase();
  const base = bases.find((candidate) => lower.startsWith(`${candidate.toLowerCase()}/`));
  if (base === undefined) return false;
  const path = lower.slice(base.length + 1);
  const tenant = tenants.find((candidate) => path.startsWith(`${candidate.toLowerCase()}/`));
  return tenant !== undefined && accepted.includes(path.slice(tenant.length + 1));
}

/** What is wrong with a refused audience, in words that tell the usual mistakes apart. */
function faultOf(aud: unknown, { bases }: AcceptedAudience): string {
  const parts = audienceParts(aud);
  if (parts === undefined) return 'it is none';
  if (/^(?:common|organizations|consumers)$/i.test(parts.tenant)) return 'it names no tenant';
  const isOurs = bases.some((base) => base.toLowerCase() === parts.base.toLowerCase());
  return isOurs ? 'it names another tenant' : 'it names another host';
}

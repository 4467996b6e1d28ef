import { CertgrantError, isCertgrantError } from '../errors.ts';
import { type HttpResponse, httpRequest, parseJson, tryJsonObject } from '../lib/http.ts';
import type { Platform } from '../platform.ts';
import { documentUrls } from '../token/discovery.ts';
import { secureUrl } from '../token/endpoint.ts';
import { serverText } from '../token/server-text.ts';
import { keysOfSet } from './trusted-keys.ts';

type Members = Readonly<Record<string, unknown>>;

export interface IssuerRequest {
  readonly platform: Platform;
  readonly signal?: AbortSignal | undefined;
}

/** An issuer's keys, and by which name it issues. */
export interface IssuerKeys {
  /** The `iss` of its tokens. */
  readonly issuer: string;
  readonly jwksUri: string;
  readonly keys: readonly Members[];
}

interface Published {
  readonly issuer: string;
  readonly jwksUri: string;
}

const action = 'verify token';
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Finds the keys with which an issuer signs (OpenID Connect Discovery §4, RFC 8414 §3).
 *
 * Entra ID publishes two documents for a tenant, one for v1.0 tokens and one for v2.0 tokens, each with its own issuer
 * and keys; whichever of them is named, the other is looked at too when the token is of its kind.
 *
 * Only what the caller named is asked, and only what it publishes is followed; nothing of the token becomes an address.
 *
 * @param named the issuer that the caller trusts
 * @returns its keys, or those issuers' names that were found when the token has another
 * @throws {CertgrantError} `DISCOVERY_FAILED`, `ISSUER_MISMATCH`, and what a request throws
 */
export async function issuerKeys(
  named: string,
  claims: Members,
  request: IssuerRequest,
): Promise<IssuerKeys | readonly string[]> {
  const first = await published(named, claims, request);
  if (first instanceof CertgrantError) throw first;
  const found = [first];
  if (first.issuer !== claims.iss && 'tid' in claims) {
    const sibling = await published(otherVersion(named), claims, request).catch(unlessCancelled);
    if (sibling !== undefined && !(sibling instanceof CertgrantError)) found.push(sibling);
  }
  const match = found.find(({ issuer }) => issuer === claims.iss);
  if (match === undefined) return found.map(({ issuer }) => issuer);
  return { ...match, keys: await fetchKeys(match, request) };
}

/** The second document is a courtesy: that it is not there is no reason to fail. */
function unlessCancelled(thrown: unknown): undefined {
  if (isCertgrantError(thrown) && thrown.code === 'CANCELLED') throw thrown;
}

/** The v2.0 issuer of a tenant ends in `/v2.0`, and the v1.0 document lies at the same address without it. */
function otherVersion(named: string): string {
  const base = named.replace(/\/+$/, '');
  return base.endsWith('/v2.0') ? base.slice(0, -'/v2.0'.length) : `${base}/v2.0`;
}

/** What the document of an issuer says, or the error that tells why there is none to trust. */
async function published(named: string, claims: Members, request: IssuerRequest): Promise<Published | CertgrantError> {
  let failure: CertgrantError | undefined;
  for (const url of documentUrls(named)) {
    const document = await fetchDocument(url, request);
    const issuer = document?.issuer;
    if (document === undefined || typeof issuer !== 'string') continue;
    const accepted = acceptedIssuer(issuer, named, claims);
    if (accepted === undefined) {
      failure ??= mismatch(named, issuer);
      continue;
    }
    const jwksUri = document.jwks_uri;
    if (typeof jwksUri === 'string') return { issuer: accepted, jwksUri };
    failure ??= new CertgrantError('DISCOVERY_FAILED', `${action}: the document of ${named} names no keys (jwks_uri)`, {
      fix: "Get the issuer's public keys another way, and give them as a key set",
    });
  }
  return (
    failure ??
    new CertgrantError('DISCOVERY_FAILED', `${action}: ${named} publishes no configuration document`, {
      fix: "Check the issuer's URL, path included: it is the value that its tokens have in the claim iss",
    })
  );
}

async function fetchDocument(url: string, { platform, signal }: IssuerRequest): Promise<Members | undefined> {
  const headers = { accept: 'application/json' };
  try {
    const response: HttpResponse = await httpRequest({ platform, url, action, headers, signal });
    return response.status === 200 ? tryJsonObject(response) : undefined;
  } catch (thrown) {
    // A server that sends on what it does not know may still have the next document.
    if (isCertgrantError(thrown) && thrown.code === 'RESPONSE_REDIRECT') return undefined;
    throw thrown;
  }
}

async function fetchKeys({ jwksUri }: Published, { platform, signal }: IssuerRequest): Promise<readonly Members[]> {
  secureUrl(jwksUri, 'address of the keys');
  const headers = { accept: 'application/jwk-set+json, application/json' };
  const response = await httpRequest({ platform, url: jwksUri, action, headers, signal });
  if (response.status !== 200) {
    throw new CertgrantError(
      'DISCOVERY_FAILED',
      `${action}: ${new URL(jwksUri).host} answered ${response.status} when asked for the issuer's keys`,
      { fix: 'Try again later, or give the keys as a key set' },
    );
  }
  return keysOfSet(parseJson(response, action));
}

/**
 * The `iss` that tokens of a document have, if the document may speak for the named issuer.
 *
 * OpenID Connect Discovery §4.3 asks for the very same text. Entra ID cannot keep to it: the document of /common has
 * `{tenantid}` in its place, that of a domain name has the tenant's id, and that of v1.0 has sts.windows.net.
 */
function acceptedIssuer(issuer: string, named: string, claims: Members): string | undefined {
  if (withoutSlash(issuer) === withoutSlash(named)) return issuer;
  const { tid } = claims;
  const expanded = typeof tid === 'string' && uuid.test(tid) ? issuer.replace('{tenantid}', tid.toLowerCase()) : issuer;
  if (!URL.canParse(expanded)) return undefined;
  const theirs = new URL(expanded);
  const ours = new URL(named);
  const tenant = tenantSegment(theirs);
  if (!uuid.test(tenant)) return undefined;
  // An id that was asked for is the id that must answer; a domain name or /common may answer with any.
  const asked = tenantSegment(ours);
  if (uuid.test(asked) && asked.toLowerCase() !== tenant.toLowerCase()) return undefined;
  const isV1 = /^sts\.[a-z0-9.-]+$/.test(theirs.hostname) && /^\/[^/]+\/$/.test(theirs.pathname);
  return theirs.origin === ours.origin || isV1 ? expanded : undefined;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/** The tenant of an Entra URL: what stands before `/v2.0`, or the last of the path. */
function tenantSegment({ pathname }: URL): string {
  return (
    withoutSlash(pathname)
      .replace(/\/v2\.0$/, '')
      .split('/')
      .at(-1) ?? ''
  );
}

function mismatch(named: string, issuer: string): CertgrantError {
  return new CertgrantError(
    'ISSUER_MISMATCH',
    `${action}: the document of ${named} names another issuer, ${serverText(issuer, 300)}`,
    { fix: 'If that is the issuer you mean, give it exactly as the document writes it' },
  );
}

import { CertgrantError } from '../errors.ts';
import { cloudOf, clouds } from './clouds.ts';

/** The version of Entra ID's token endpoint: v2 takes a scope, v1 a resource. */
export type EndpointVersion = 'v1' | 'v2';

/**
 * The token endpoint of a tenant of Entra ID.
 *
 * It is composed and not discovered, as MSAL.NET does it: that saves a request, and the audience of the assertion does
 * not depend on what a document says.
 *
 * @param version of the endpoint, which is not that of the token
 * @param authority the URL before the tenant, with or without a slash at the end; an older name of a Microsoft host is
 * replaced by the present one, as it would be refused as an audience
 * @param tenant an id or a domain name
 * @returns the URL, which is the usual audience of an assertion too
 * @throws {CertgrantError} `USAGE` when the authority is not a URL of https (or of http on this machine), or the tenant
 * is not one
 * @example
 * tokenEndpoint('https://login.microsoftonline.com', 'contoso.example');
 */
export function tokenEndpoint(authority: string, tenant: string, version: EndpointVersion = 'v2'): string {
  const path = version === 'v1' ? 'oauth2/token' : 'oauth2/v2.0/token';
  return `${tenantUrl(authority, tenant)}/${path}`;
}

/**
 * The issuer of a tenant's v2 tokens, which Entra ID also takes as the audience of an assertion.
 *
 * @param authority as for {@link tokenEndpoint}
 * @param tenant an id or a domain name
 * @returns the URL without a slash at its end
 * @throws {CertgrantError} `USAGE`, as {@link tokenEndpoint}
 * @example
 * tenantIssuer('https://login.microsoftonline.com', 'contoso.example');
 */
export function tenantIssuer(authority: string, tenant: string): string {
  return `${tenantUrl(authority, tenant)}/v2.0`;
}

function tenantUrl(authority: string, tenant: string): string {
  return `${baseUrl(authority)}/${checkedTenant(tenant)}`;
}

function baseUrl(authority: string): string {
  // As most callers have it; to take a URL apart for nothing would cost a short process something.
  if (authority === clouds.public.authority) return authority;
  const url = secureUrl(authority, 'authority');
  const cloud = cloudOf(url.href);
  // url.href without what may follow the path; a path before the tenant is kept, since gateways have one.
  return cloud === undefined ? url.origin + url.pathname.replace(/\/+$/, '') : cloud.authority;
}

/** What stands for many tenants. */
const tenantGroups = ['common', 'organizations', 'consumers'];

/** Ids and domain names have these characters; anything else would change the path. */
const tenantPattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?$/;

function checkedTenant(tenant: string): string {
  if (tenantGroups.includes(tenant.toLowerCase())) {
    throw new CertgrantError('USAGE', `request token: ${tenant.toLowerCase()} is not a tenant`, {
      fix: "Give the tenant's id or one of its domain names: a daemon signs in to one tenant",
    });
  }
  if (!tenantPattern.test(tenant)) {
    throw new CertgrantError('USAGE', 'request token: the tenant is neither an id nor a domain name', {
      fix: 'Give the tenant as an id (8-4-4-4-12 hexadecimal digits) or as a domain such as contoso.onmicrosoft.com',
    });
  }
  return tenant;
}

/**
 * A URL that an assertion may be sent to: https, or http to this very machine.
 *
 * @param name what the URL is, for the message
 */
export function secureUrl(text: string, name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new CertgrantError('USAGE', `request token: the ${name} is not a URL`, {
      fix: 'Write it as https://host, with the port and the path if it has them',
    });
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new CertgrantError('USAGE', `request token: the ${name} ${url.host} is not reached over https`, {
      fix: 'Use https: without it anyone on the way can read the token; http is for this machine alone',
    });
  }
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\./.test(hostname);
}

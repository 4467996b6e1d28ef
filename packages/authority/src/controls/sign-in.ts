import { maskText } from '@certgrant/core';
import { type SignInCheckName, signInChecks } from '../checks/sign-in-checks.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import type { SignInFacts } from './sign-in-facts.ts';

/** What became of one check of a token request. */
export interface SignInCheck {
  readonly name: SignInCheckName;
  /** A check behind the one that failed is not reached. */
  readonly status: 'passed' | 'failed' | 'not-reached';
  /** Of the check that failed, where both fit a line. */
  readonly expected?: string;
  readonly received?: string;
}

/** A token request and what became of it. Neither assertion, secret nor token is in it. */
export interface SignIn {
  /** ISO 8601, by the authority's clock. */
  readonly time: string;
  /** The client's own id of the request, or the one that the authority gave it. */
  readonly correlationId: string;
  readonly traceId: string;
  /** Of the endpoint: `/oauth2/v2.0/token` is 2, `/oauth2/token` is 1. */
  readonly version: 1 | 2;
  /** The tenant's id; where there is none such, what stands in the URL. */
  readonly tenant: string;
  readonly clientId?: string;
  readonly displayName?: string;
  readonly credential?: 'certificate' | 'secret';
  /** Of the registered certificate whose key signed, or that the assertion names: SHA-1 in upper-case hexadecimal. */
  readonly thumbprint?: string;
  /** The application id of the API. */
  readonly resource?: string;
  readonly roles?: readonly string[];
  readonly outcome: 'granted' | 'refused' | 'fault';
  /** The HTTP status of the answer; 0 when the connection was dropped. */
  readonly status: number;
  /** `AADSTS700027`. */
  readonly code?: string;
  readonly error?: string;
  readonly message?: string;
  /** The id of the fault that answered in place of the checks. */
  readonly fault?: string;
  readonly checks: readonly SignInCheck[];
}

/** Which sign-ins are wanted; by default all that are kept. */
export interface SignInFilter {
  readonly clientId?: string | undefined;
  readonly correlationId?: string | undefined;
  /** The last so many. */
  readonly limit?: number | undefined;
}

/** The sign-ins among the requests, oldest first. */
export function signInsAmong(
  requests: readonly ReceivedRequest[],
  { clientId, correlationId, limit = Number.POSITIVE_INFINITY }: SignInFilter,
): readonly SignIn[] {
  const same = (wanted: string | undefined, found: string | undefined): boolean =>
    wanted === undefined || wanted.toLowerCase() === found?.toLowerCase();
  const found: SignIn[] = [];
  for (const request of requests.toReversed()) {
    if (found.length >= limit) break;
    const view = signInView(request);
    if (view === undefined || !same(clientId, view.clientId) || !same(correlationId, view.correlationId)) continue;
    found.push(view);
  }
  return found.reverse();
}

function signInView({ signIn, exchange, status }: ReceivedRequest): SignIn | undefined {
  if (signIn === undefined || exchange === undefined) return undefined;
  const { version, tenant, tenantName, client, credential, resource, roles, refused, fault, thumbprint } = signIn;
  const clientId = client?.application.appId ?? signIn.clientId;
  return {
    time: new Date(exchange.now).toISOString(),
    correlationId: exchange.correlationId,
    traceId: exchange.traceId,
    version,
    tenant: tenant?.id ?? shown(tenantName),
    ...(clientId === undefined ? {} : { clientId: shown(clientId) }),
    ...(client === undefined ? {} : { displayName: client.servicePrincipal.displayName }),
    ...(credential === undefined ? {} : { credential }),
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(resource === undefined ? {} : { resource: resource.appId }),
    ...(roles === undefined ? {} : { roles }),
    outcome: fault === undefined ? (refused === undefined ? 'granted' : 'refused') : 'fault',
    status,
    ...(refused === undefined
      ? {}
      : { code: `AADSTS${refused.code}`, error: refused.error, message: maskText(refused.message) }),
    ...(fault === undefined ? {} : { fault }),
    checks: checksOf(signIn),
  };
}

function checksOf({ credential, failed, refused, fault }: SignInFacts): readonly SignInCheck[] {
  const names = signInChecks(credential);
  if (fault !== undefined) return names.map((name) => ({ name, status: 'not-reached' }));
  const end = failed === undefined ? names.length : names.indexOf(failed);
  return names.map((name, index) => {
    if (index !== end) return { name, status: index < end ? 'passed' : 'not-reached' };
    const { expected, received } = refused ?? {};
    return {
      name,
      status: 'failed',
      ...(expected === undefined ? {} : { expected: shown(expected) }),
      ...(received === undefined ? {} : { received: shown(received) }),
    };
  });
}

/** What a client wrote may be long, and may be a token in the wrong place. */
function shown(text: string): string {
  return maskText(text).slice(0, 300);
}

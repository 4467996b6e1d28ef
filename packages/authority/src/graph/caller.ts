import type { Application, ServicePrincipal } from '../directory/entities.ts';
import { type GraphRole, graphAppId } from '../directory/well-known.ts';
import { isSameSecret } from '../lib/same-secret.ts';
import type { Services } from '../services.ts';
import { verifyAccessToken } from '../tokens/verify-access-token.ts';
import { forbidden, unauthenticated } from './graph-error.ts';

/** Who calls Graph, and what the call's token permits. */
export interface Caller {
  readonly tenantId: string;
  /** `undefined` for the admin token, which may do everything. */
  readonly roles: ReadonlySet<string> | undefined;
  /** The object id of the application's service principal; the admin token has none. */
  readonly servicePrincipalId: string | undefined;
}

/** The caller behind the `Authorization` header: the admin token, or an access token of this authority for Graph. */
export async function callerOf(authorization: string | undefined, services: Services): Promise<Caller> {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (token === undefined) throw unauthenticated('Access token is empty.');
  if (isSameSecret(token, services.adminToken)) {
    return { tenantId: services.adminTenantId, roles: undefined, servicePrincipalId: undefined };
  }
  const now = Math.floor(services.platform.now() / 1000);
  const claims = await verifyAccessToken(token, services.signingKeys, now);
  if (claims === undefined) throw unauthenticated('Access token validation failure: it is not valid here, or not now.');
  const { aud, tid, oid, roles } = claims;
  if (typeof aud !== 'string' || !isGraph(aud, services)) {
    throw unauthenticated('Access token validation failure. Invalid audience.');
  }
  if (typeof tid !== 'string' || typeof oid !== 'string' || (await services.directory.tenant(tid)) === undefined) {
    throw unauthenticated('Access token validation failure: its tenant is not here.');
  }
  const granted = Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [];
  return { tenantId: tid, roles: new Set(granted), servicePrincipalId: oid };
}

/** Goes on when the caller has one of the roles. */
export function requireRole({ roles }: Caller, ...permitted: readonly GraphRole[]): void {
  if (roles !== undefined && !permitted.some((role) => roles.has(role))) throw forbidden();
}

/** Goes on when the caller may change all applications, or owns this one and may change those. */
export function requireWriteTo(
  { roles, servicePrincipalId }: Caller,
  { owners }: Application | ServicePrincipal,
): void {
  if (roles === undefined || roles.has('Application.ReadWrite.All')) return;
  const owns = servicePrincipalId !== undefined && owners.includes(servicePrincipalId);
  if (!owns || !roles.has('Application.ReadWrite.OwnedBy')) throw forbidden();
}

function isGraph(aud: string, { hosts }: Services): boolean {
  const name = aud.replace(/\/$/, '');
  if (name === 'https://graph.microsoft.com' || name === graphAppId) return true;
  return name.endsWith('/graph') && hosts.baseOf(name) !== undefined;
}

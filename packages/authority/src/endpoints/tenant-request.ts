import { checkTenant } from '../checks/tenant.ts';
import type { Tenant } from '../directory/entities.ts';
import { type EntraErrorDetails, passed } from '../entra-error.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import type { Services } from '../services.ts';

/** A request to an endpoint below a tenant. */
export interface TenantRequest {
  readonly request: ReceivedRequest;
  /** As it stands in the URL: an id, a domain, or `common`. */
  readonly tenantName: string;
  /** The URL above the tenant, without a trailing slash; a path before the tenant belongs to it. */
  readonly base: string;
  /** That path: empty, or `/base`. */
  readonly prefix: string;
}

/** The tenant that a request names. */
export async function tenantOfRequest(
  { tenantName }: TenantRequest,
  { directory }: Services,
  details?: EntraErrorDetails,
): Promise<Tenant> {
  return passed(checkTenant(tenantName, await directory.tenant(tenantName), details), 'tenant');
}

import type { Tenant } from '../directory/entities.ts';
import { type EntraError, type EntraErrorDetails, entraError, type Outcome } from '../entra-error.ts';
import { isDomain, isGuid } from '../lib/identifiers.ts';
import { shown } from '../lib/shown.ts';

/** What stands for no tenant in particular: an application cannot sign in there. */
export function checkTenantName(name: string): EntraError | undefined {
  const lower = name.toLowerCase();
  if (lower === 'common' || lower === 'consumers') {
    const message =
      "The grant type isn't supported over the /common or /consumers endpoints. Please use a tenant-specific endpoint.";
    return entraError(9001023, message, { expected: 'a tenant', received: lower });
  }
  if (lower === 'organizations') {
    const message =
      'No tenant-identifying information found in either the request or implied by any provided credentials.';
    return entraError(50059, message, { expected: 'a tenant', received: lower });
  }
  return undefined;
}

/** The tenant that the URL names is there. */
export function checkTenant(name: string, tenant: Tenant | undefined, details?: EntraErrorDetails): Outcome<Tenant> {
  if (tenant !== undefined) return { value: tenant };
  const stated = shown(name, 100);
  if (!isGuid(name) && !isDomain(name)) {
    const message = `Specified tenant identifier '${stated}' is neither a valid DNS name, nor a valid external domain.`;
    return { refused: entraError(900023, message, details) };
  }
  const message = `Tenant '${stated}' not found. Check that the tenant id or domain is right and that this authority has it.`;
  return { refused: entraError(90002, message, { ...details, received: stated }) };
}

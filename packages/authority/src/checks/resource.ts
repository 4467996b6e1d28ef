import type { ServicePrincipal, Tenant } from '../directory/entities.ts';
import { entraError, type Outcome } from '../entra-error.ts';
import { shown } from '../lib/shown.ts';

/** The API that is asked for has a service principal in the tenant. */
export function checkResource(
  name: string,
  tenant: Tenant,
  resource: ServicePrincipal | undefined,
): Outcome<ServicePrincipal> {
  if (resource !== undefined) return { value: resource };
  const stated = shown(name);
  const message =
    `The resource principal named ${stated} was not found in the tenant named ${tenant.displayName}. ` +
    'Either no application there has this identifier URI, or it has no service principal.';
  return { refused: entraError(500011, message, { expected: `an API of ${tenant.id}`, received: stated }) };
}

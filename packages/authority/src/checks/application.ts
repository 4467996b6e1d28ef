import type { Tenant } from '../directory/entities.ts';
import type { Client } from '../directory/sign-in-lookups.ts';
import { entraError, type Outcome } from '../entra-error.ts';
import { shown } from '../lib/shown.ts';

/** The application is in the tenant, with a service principal. */
export function checkApplication(clientId: string, tenant: Tenant, client: Client | undefined): Outcome<Client> {
  if (client !== undefined) return { value: client };
  const stated = shown(clientId, 100);
  const message =
    `Application with identifier '${stated}' was not found in the directory '${tenant.displayName}'. ` +
    'Either it is registered in another tenant, or it has no service principal in this one.';
  return { refused: entraError(700016, message, { expected: `an application of ${tenant.id}`, received: stated }) };
}

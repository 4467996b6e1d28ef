import type { Client } from '../directory/sign-in-lookups.ts';
import { type EntraError, entraError } from '../entra-error.ts';

/** The application may sign in. */
export function checkApplicationEnabled({ servicePrincipal }: Client): EntraError | undefined {
  if (servicePrincipal.accountEnabled) return undefined;
  const message = `Application '${servicePrincipal.appId}'(${servicePrincipal.displayName}) is disabled.`;
  return entraError(7000112, message, { expected: 'accountEnabled: true', received: 'accountEnabled: false' });
}

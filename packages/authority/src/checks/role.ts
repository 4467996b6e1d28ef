import type { AppRoleAssignment, ServicePrincipal } from '../directory/entities.ts';
import { type EntraError, entraError } from '../entra-error.ts';

/** Where the API requires an assignment, the client has one. */
export function checkRole(
  client: ServicePrincipal,
  resource: ServicePrincipal,
  assignments: readonly AppRoleAssignment[],
): EntraError | undefined {
  // An application always gets a token for itself.
  if (!resource.appRoleAssignmentRequired || assignments.length > 0 || client.id === resource.id) return undefined;
  const message =
    `Application '${client.appId}'(${client.displayName}) is not assigned to a role for the application ` +
    `'${resource.appId}'(${resource.displayName}).`;
  return entraError(501051, message, { expected: 'an app role assignment', received: 'none' });
}

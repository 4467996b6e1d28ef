import { CertgrantError } from '../errors.ts';
import { isRecord } from '../lib/http.ts';
import type { GraphObject } from './graph-client.ts';
import { nearestPermissions } from './nearest-permissions.ts';

/**
 * Finds application permissions among the app roles of the resource's service principal.
 *
 * @param permissions by value, such as `User.Read.All`; the case does not matter
 * @returns the ids of the app roles, each once, in the order of the permissions
 * @throws {CertgrantError} `USAGE` for one that the resource does not have, with those that are spelled like it
 */
export function findAppRoles(resource: GraphObject, permissions: readonly string[]): readonly string[] {
  const known = new Map<string, { id: string; value: string }>();
  for (const { id, value, isEnabled, allowedMemberTypes } of records(resource.appRoles)) {
    const forApplications = !Array.isArray(allowedMemberTypes) || allowedMemberTypes.includes('Application');
    if (typeof id !== 'string' || typeof value !== 'string' || isEnabled === false || !forApplications) continue;
    known.set(value.toLowerCase(), { id, value });
  }
  const ids = permissions.map((permission) => {
    const role = known.get(permission.toLowerCase());
    if (role === undefined) throw unknownPermission(resource, permission, [...known.values()]);
    return role.id;
  });
  return [...new Set(ids)];
}

function unknownPermission(
  resource: GraphObject,
  permission: string,
  known: readonly { readonly value: string }[],
): CertgrantError {
  const { displayName } = resource;
  const owner = typeof displayName === 'string' ? displayName : 'the resource';
  const values = known.map(({ value }) => value);
  const delegated = records(resource.oauth2PermissionScopes).some(({ value }) => value === permission);
  const what = delegated
    ? `${permission} is a delegated permission of ${owner}, for signed-in users, and no application permission`
    : `${owner} has no application permission ${permission}`;
  return new CertgrantError('USAGE', `find permission: ${what}`, { fix: choose(permission, values) });
}

function choose(permission: string, values: readonly string[]): string {
  if (values.length === 0) return 'Choose another resource: this one has no application permissions';
  const near = nearestPermissions(permission, values);
  if (near.length > 0) return `Name one that it has; spelled most like it: ${near.join(', ')}`;
  return `Name one that it has, such as ${values.slice(0, 5).join(', ')}`;
}

function records(value: unknown): readonly GraphObject[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

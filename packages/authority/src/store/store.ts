import type { Entities, Kind } from '../directory/entities.ts';

/** The fields of each kind that can be looked up. */
export interface LookupFields {
  readonly tenants: 'domain';
  readonly applications: 'appId' | 'displayName' | 'identifierUris';
  readonly servicePrincipals: 'appId' | 'displayName' | 'servicePrincipalNames';
  readonly appRoleAssignments: 'principalId' | 'resourceId';
  readonly users: 'displayName' | 'userPrincipalName';
}

/** What to look for, and how much of it. */
export interface Query<K extends Kind> {
  /** A field and its value; text is compared without regard to case, and one of several values is enough. */
  readonly where?: { readonly field: LookupFields[K]; readonly value: string } | undefined;
  /** At most so many. */
  readonly limit: number;
  /** Only what comes after the entity with this id. */
  readonly after?: string | undefined;
}

/** One change to the directory. */
export type Change = {
  readonly [K in Kind]:
    | { readonly put: K; readonly entity: Entities[K] }
    | { readonly delete: K; readonly tenantId: string; readonly id: string };
}[Kind];

/**
 * Where the directory is kept. Every implementation passes the same tests (`test/store/conformance.ts`).
 *
 * Entities come back in the order in which they were first put. They are shared, so nobody changes one in place.
 */
export interface Store {
  get<K extends Kind>(kind: K, tenantId: string, id: string): Promise<Entities[K] | undefined>;
  find<K extends Kind>(kind: K, tenantId: string, query: Query<K>): Promise<readonly Entities[K][]>;
  /** All of the changes or none; when the promise resolves they are kept. */
  write(changes: readonly Change[]): Promise<void>;
  /** Removes every entity; values stay. */
  clear(): Promise<void>;
  /** Something that is kept beside the directory: a key, a certificate. */
  readValue(name: string): Promise<string | undefined>;
  writeValue(name: string, value: string): Promise<void>;
  close(): Promise<void>;
}

/** Tenants belong to no tenant; they are kept under this name. */
export const noTenant = '';

/** The tenant below which an entity is kept. */
export function tenantOf(entity: Entities[Kind]): string {
  return 'tenantId' in entity ? entity.tenantId : noTenant;
}

type Lookups = { readonly [K in Kind]: (entity: Entities[K]) => Record<LookupFields[K], readonly string[]> };

const lookups: Lookups = {
  tenants: ({ domain }) => ({ domain: [domain] }),
  applications: ({ appId, displayName, identifierUris }) => ({
    appId: [appId],
    displayName: [displayName],
    identifierUris,
  }),
  servicePrincipals: ({ appId, displayName, servicePrincipalNames }) => ({
    appId: [appId],
    displayName: [displayName],
    servicePrincipalNames,
  }),
  appRoleAssignments: ({ principalId, resourceId }) => ({ principalId: [principalId], resourceId: [resourceId] }),
  users: ({ displayName, userPrincipalName }) => ({
    displayName: [displayName],
    userPrincipalName: [userPrincipalName],
  }),
};

/** The fields by which an entity can be found and its values there, in the form in which they are compared. */
export function lookupsOf<K extends Kind>(kind: K, entity: Entities[K]): readonly { field: string; value: string }[] {
  const fields: Readonly<Record<string, readonly string[]>> = lookups[kind](entity);
  return Object.entries(fields).flatMap(([field, values]) =>
    [...new Set(values.map(comparable))].map((value) => ({ field, value })),
  );
}

/** The form in which texts are compared. */
export function comparable(text: string): string {
  return text.toLowerCase();
}

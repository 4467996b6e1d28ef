import type { Entities, Kind } from '../directory/entities.ts';

/** The fields of each kind that can be looked up. */
export interface LookupFields {
  readonly tenants: 'domain';
  readonly applications: 'appId' | 'displayName' | 'identifierUris';
  readonly servicePrincipals: 'appId' | 'displayName' | 'servicePrincipalNames';
  readonly appRoleAssignments: 'principalId' | 'resourceId';
  readonly users: 'displayName' | 'userPrincipalName';
  readonly groups: 'displayName';
  readonly groupMembers: 'groupId' | 'memberId';
}

/** A field and its value, or what its value begins with; text is compared without regard to case. */
export interface Where<K extends Kind> {
  readonly field: LookupFields[K];
  readonly value: string;
  readonly match?: 'whole' | 'prefix' | undefined;
}

/** What to look for, and how much of it. */
export interface Query<K extends Kind> {
  /** Of a field with several values one is enough. */
  readonly where?: Where<K> | undefined;
  /** At most so many. */
  readonly limit: number;
  /** Only what comes after this position; what stood there need not be there any more. */
  readonly after?: number | undefined;
}

/** An entity with its place in the order in which entities were first put. */
export interface Placed<K extends Kind> {
  /** A positive whole number that the entity keeps for as long as it is there. */
  readonly position: number;
  readonly entity: Entities[K];
}

/** An entity that is new, or in place of what it was. */
export type Put = { readonly [K in Kind]: { readonly put: K; readonly entity: Entities[K] } }[Kind];

/** One change to the directory. */
export type Change = Put | { readonly delete: Kind; readonly tenantId: string; readonly id: string };

/**
 * Where the directory is kept. Every implementation passes the same tests (`test/store/conformance.ts`).
 *
 * Entities come back in the order in which they were first put. They are shared, so nobody changes one in place.
 */
export interface Store {
  get<K extends Kind>(kind: K, tenantId: string, id: string): Promise<Entities[K] | undefined>;
  find<K extends Kind>(kind: K, tenantId: string, query: Query<K>): Promise<readonly Placed<K>[]>;
  /** How many there are. */
  count<K extends Kind>(kind: K, tenantId: string, where?: Where<K>): Promise<number>;
  /**
   * All of the changes or none; when the promise resolves they are kept, however the process ends.
   *
   * @throws {CertgrantError} `FILE_NOT_WRITABLE` where there is no room, or no right to write
   */
  write(changes: readonly Change[]): Promise<void>;
  /** Removes every entity and puts these, in one step; values stay. */
  replaceAll(puts: readonly Put[]): Promise<void>;
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
  groups: ({ displayName }) => ({ displayName: [displayName] }),
  groupMembers: ({ groupId, memberId }) => ({ groupId: [groupId], memberId: [memberId] }),
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

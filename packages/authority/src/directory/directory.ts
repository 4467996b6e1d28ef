import { type Platform, randomUuid } from '@certgrant/core';
import type { Change, Placed, Put, Query, Store, Where } from '../store/store.ts';
import { withEarlierCredentials } from './credentials.ts';
import { DirectoryError } from './directory-error.ts';
import {
  type Application,
  type AppRoleAssignment,
  defaultAppRoleId,
  type Entities,
  type Group,
  type Kind,
  type ServicePrincipal,
  type Tenant,
  type User,
} from './entities.ts';
import { type Client, first, SignInLookups } from './sign-in-lookups.ts';
import { appRole, microsoftTenantId, wellKnownResources } from './well-known.ts';

/** What can be said of a new application. */
export interface NewApplication
  extends Partial<
    Pick<
      Application,
      | 'appId'
      | 'signInAudience'
      | 'identifierUris'
      | 'appRoles'
      | 'requestedAccessTokenVersion'
      | 'keyCredentials'
      | 'passwordCredentials'
      | 'owners'
    >
  > {
  readonly displayName: string;
}

/** What can be changed about a service principal; the rest is its application's. */
export type ServicePrincipalSettings = Pick<
  ServicePrincipal,
  'accountEnabled' | 'appRoleAssignmentRequired' | 'keyCredentials' | 'passwordCredentials' | 'owners'
>;

/**
 * Tenants with their applications, service principals and grants: the domain, over any store.
 */
export class Directory {
  readonly #store: Store;
  readonly #platform: Platform;
  readonly #lookups: SignInLookups;
  readonly #delay: number;
  #lastChange: Promise<unknown> = Promise.resolve();

  /** @param keyPropagationDelay how long changed credentials take to reach the token endpoint, in milliseconds */
  constructor(store: Store, platform: Platform, keyPropagationDelay = 0) {
    this.#store = store;
    this.#platform = platform;
    this.#delay = keyPropagationDelay;
    this.#lookups = new SignInLookups(store, keyPropagationDelay);
  }

  /** A tenant by its id or its domain. */
  tenant(name: string): Promise<Tenant | undefined> {
    return this.#lookups.tenant(name);
  }

  /** The application with this application id, if it has a service principal in the tenant. */
  client(tenantId: string, appId: string): Promise<Client | undefined> {
    return this.#lookups.client(tenantId, appId, this.#platform.now());
  }

  /** The API that a token may be asked for by this name: an identifier URI or an application id. */
  resource(tenantId: string, name: string): Promise<ServicePrincipal | undefined> {
    return this.#lookups.resource(tenantId, name);
  }

  /** What a client was granted on an API. */
  assignments(tenantId: string, principalId: string, resourceId: string): Promise<readonly AppRoleAssignment[]> {
    return this.#lookups.assignments(tenantId, principalId, resourceId);
  }

  applicationByAppId(tenantId: string, appId: string): Promise<Application | undefined> {
    return this.#first('applications', tenantId, { field: 'appId', value: appId });
  }

  servicePrincipalByAppId(tenantId: string, appId: string): Promise<ServicePrincipal | undefined> {
    return this.#first('servicePrincipals', tenantId, { field: 'appId', value: appId });
  }

  get<K extends Kind>(kind: K, tenantId: string, id: string): Promise<Entities[K] | undefined> {
    return this.#store.get(kind, tenantId, id.toLowerCase());
  }

  /** A page of entities, each with the position after which the next page begins. */
  page<K extends Kind>(kind: K, tenantId: string, query: Query<K>): Promise<readonly Placed<K>[]> {
    return this.#store.find(kind, tenantId, query);
  }

  /** Every entity with this value. */
  async find<K extends Kind>(kind: K, tenantId: string, where: Where<K>): Promise<readonly Entities[K][]> {
    const found = await this.#store.find(kind, tenantId, { where, limit: Number.MAX_SAFE_INTEGER });
    return found.map(({ entity }) => entity);
  }

  count<K extends Kind>(kind: K, tenantId: string, where?: Where<K>): Promise<number> {
    return this.#store.count(kind, tenantId, where);
  }

  /** A tenant with Microsoft's own APIs in it. */
  createTenant({ id, displayName, domain }: Pick<Tenant, 'id' | 'displayName' | 'domain'>): Promise<Tenant> {
    return this.#exclusively(async () => {
      const taken = (await this.tenant(id)) ?? (await this.tenant(domain));
      if (taken !== undefined) throw new DirectoryError('conflict', `there is a tenant ${id} or ${domain} already`);
      const tenant: Tenant = { id: id.toLowerCase(), displayName, domain, createdDateTime: this.#now() };
      const resources = wellKnownResources.map((resource): Change => {
        const appRoles = Object.entries(resource.appRoles).map(([value, roleId]) => appRole(roleId, value));
        const names = [resource.appId, ...resource.servicePrincipalNames];
        return {
          put: 'servicePrincipals',
          entity: {
            ...this.#servicePrincipal(tenant.id, { ...resource, appRoles, requestedAccessTokenVersion: 1 }),
            appOwnerOrganizationId: microsoftTenantId,
            servicePrincipalNames: names,
          },
        };
      });
      await this.#write([{ put: 'tenants', entity: tenant }, ...resources]);
      return tenant;
    });
  }

  createUser(user: Omit<User, 'id'>): Promise<User> {
    return this.#exclusively(async () => {
      const entity = { ...user, id: randomUuid(this.#platform) };
      await this.#write([{ put: 'users', entity }]);
      return entity;
    });
  }

  /** A group with these users in it. */
  createGroup(
    tenantId: string,
    group: Pick<Group, 'displayName' | 'description' | 'mailNickname'>,
    memberIds: readonly string[],
  ): Promise<Group> {
    return this.#exclusively(async () => {
      const entity = { ...group, id: randomUuid(this.#platform), tenantId, createdDateTime: this.#now() };
      const members = memberIds.map((memberId): Change => {
        const member = { id: randomUuid(this.#platform), tenantId, groupId: entity.id, memberId };
        return { put: 'groupMembers', entity: member };
      });
      await this.#write([{ put: 'groups', entity }, ...members]);
      return entity;
    });
  }

  createApplication(tenantId: string, wanted: NewApplication): Promise<Application> {
    return this.#exclusively(async () => {
      const application: Application = {
        id: randomUuid(this.#platform),
        tenantId,
        appId: wanted.appId?.toLowerCase() ?? randomUuid(this.#platform),
        displayName: wanted.displayName,
        createdDateTime: this.#now(),
        signInAudience: wanted.signInAudience ?? 'AzureADMyOrg',
        identifierUris: wanted.identifierUris ?? [],
        appRoles: wanted.appRoles ?? [],
        requestedAccessTokenVersion: wanted.requestedAccessTokenVersion ?? null,
        keyCredentials: wanted.keyCredentials ?? [],
        passwordCredentials: wanted.passwordCredentials ?? [],
        owners: wanted.owners ?? [],
      };
      if ((await this.applicationByAppId(tenantId, application.appId)) !== undefined) {
        throw new DirectoryError('conflict', `there is an application with the appId ${application.appId} already`);
      }
      await this.#refuseTakenNames(application);
      await this.#write([{ put: 'applications', entity: application }]);
      return application;
    });
  }

  /**
   * Changes an application; what its service principal shares with it changes with it.
   *
   * @param change is given the application as it is now, so that nothing that happened meanwhile is lost
   */
  updateApplication(
    tenantId: string,
    id: string,
    change: (application: Application) => Application | Promise<Application>,
  ): Promise<Application> {
    return this.#exclusively(async () => {
      const before = await this.get('applications', tenantId, id);
      if (before === undefined) throw new DirectoryError('not-found', id);
      const entity = this.#changed(before, await change(before));
      await this.#refuseTakenNames(entity);
      const changes: Change[] = [{ put: 'applications', entity }];
      const servicePrincipal = await this.servicePrincipalByAppId(tenantId, entity.appId);
      if (servicePrincipal !== undefined) {
        changes.push({ put: 'servicePrincipals', entity: { ...servicePrincipal, ...shared(entity) } });
      }
      await this.#write(changes);
      return entity;
    });
  }

  deleteApplication(tenantId: string, id: string): Promise<void> {
    return this.#exclusively(async () => {
      const application = await this.get('applications', tenantId, id);
      if (application === undefined) throw new DirectoryError('not-found', id);
      const servicePrincipal = await this.servicePrincipalByAppId(tenantId, application.appId);
      const changes: Change[] = [{ delete: 'applications', tenantId, id: application.id }];
      if (servicePrincipal !== undefined) changes.push(...(await this.#removal(servicePrincipal)));
      await this.#write(changes);
    });
  }

  /** The application's service principal in its own tenant. */
  createServicePrincipal(
    tenantId: string,
    appId: string,
    wanted: Partial<ServicePrincipalSettings> = {},
  ): Promise<ServicePrincipal> {
    return this.#exclusively(async () => {
      const application = await this.applicationByAppId(tenantId, appId);
      if (application === undefined) throw new DirectoryError('not-found', appId);
      if ((await this.servicePrincipalByAppId(tenantId, appId)) !== undefined) {
        throw new DirectoryError('conflict', `the application ${appId} has a service principal already`);
      }
      const entity = { ...this.#servicePrincipal(tenantId, application), ...shared(application), ...wanted };
      await this.#write([{ put: 'servicePrincipals', entity }]);
      return entity;
    });
  }

  /** @param change is given the service principal as it is now */
  updateServicePrincipal(
    tenantId: string,
    id: string,
    change: (
      servicePrincipal: ServicePrincipal,
    ) => Partial<ServicePrincipalSettings> | Promise<Partial<ServicePrincipalSettings>>,
  ): Promise<ServicePrincipal> {
    return this.#exclusively(async () => {
      const before = await this.get('servicePrincipals', tenantId, id);
      if (before === undefined) throw new DirectoryError('not-found', id);
      const entity = this.#changed(before, { ...before, ...(await change(before)) });
      await this.#write([{ put: 'servicePrincipals', entity }]);
      return entity;
    });
  }

  deleteServicePrincipal(tenantId: string, id: string): Promise<void> {
    return this.#exclusively(async () => {
      const servicePrincipal = await this.get('servicePrincipals', tenantId, id);
      if (servicePrincipal === undefined) throw new DirectoryError('not-found', id);
      await this.#write(await this.#removal(servicePrincipal));
    });
  }

  /** Grants an API's permission to a service principal. */
  assignAppRole(
    tenantId: string,
    { principalId, resourceId, appRoleId }: Pick<AppRoleAssignment, 'principalId' | 'resourceId' | 'appRoleId'>,
  ): Promise<AppRoleAssignment> {
    return this.#exclusively(async () => {
      const principal = await this.get('servicePrincipals', tenantId, principalId);
      if (principal === undefined) throw new DirectoryError('not-found', principalId);
      const resource = await this.get('servicePrincipals', tenantId, resourceId);
      if (resource === undefined) throw new DirectoryError('not-found', resourceId);
      const role = appRoleId.toLowerCase();
      if (role !== defaultAppRoleId && !resource.appRoles.some(({ id }) => id === role)) {
        throw new DirectoryError(
          'invalid',
          `Permission being assigned was not found on application ${resource.displayName}`,
        );
      }
      const granted = await this.assignments(tenantId, principal.id, resource.id);
      if (granted.some((assignment) => assignment.appRoleId === role)) {
        throw new DirectoryError('conflict', 'Permission being assigned already exists on the object');
      }
      const entity: AppRoleAssignment = {
        id: randomUuid(this.#platform),
        tenantId,
        createdDateTime: this.#now(),
        principalId: principal.id,
        principalDisplayName: principal.displayName,
        resourceId: resource.id,
        resourceDisplayName: resource.displayName,
        appRoleId: role,
      };
      await this.#write([{ put: 'appRoleAssignments', entity }]);
      return entity;
    });
  }

  removeAppRole(tenantId: string, id: string): Promise<void> {
    return this.#exclusively(async () => {
      const assignment = await this.get('appRoleAssignments', tenantId, id);
      if (assignment === undefined) throw new DirectoryError('not-found', id);
      await this.#write([{ delete: 'appRoleAssignments', tenantId, id: assignment.id }]);
    });
  }

  /** Everything that is there goes, and these come, in one step. */
  replaceAll(puts: readonly Put[]): Promise<void> {
    return this.#exclusively(async () => {
      await this.#store.replaceAll(puts);
      this.#lookups.forgetAll();
    });
  }

  #servicePrincipal(
    tenantId: string,
    from: Pick<ServicePrincipal, 'appId' | 'displayName' | 'appRoles' | 'requestedAccessTokenVersion'>,
  ): ServicePrincipal {
    return {
      id: randomUuid(this.#platform),
      tenantId,
      appId: from.appId,
      displayName: from.displayName,
      createdDateTime: this.#now(),
      accountEnabled: true,
      appRoleAssignmentRequired: false,
      appOwnerOrganizationId: tenantId,
      servicePrincipalNames: [from.appId],
      appRoles: from.appRoles,
      requestedAccessTokenVersion: from.requestedAccessTokenVersion,
      keyCredentials: [],
      passwordCredentials: [],
      owners: [],
    };
  }

  /** A service principal goes with all that it was granted, and all that was granted on it. */
  async #removal({ tenantId, id }: ServicePrincipal): Promise<Change[]> {
    const granted = await Promise.all([
      this.find('appRoleAssignments', tenantId, { field: 'principalId', value: id }),
      this.find('appRoleAssignments', tenantId, { field: 'resourceId', value: id }),
    ]);
    const assignments = granted.flat().map((each): Change => ({ delete: 'appRoleAssignments', tenantId, id: each.id }));
    return [{ delete: 'servicePrincipals', tenantId, id }, ...assignments];
  }

  /** An identifier URI names one API in a tenant. */
  async #refuseTakenNames({ tenantId, appId, identifierUris }: Application): Promise<void> {
    for (const name of identifierUris) {
      const other =
        (await this.#first('applications', tenantId, { field: 'identifierUris', value: name })) ??
        (await this.#first('servicePrincipals', tenantId, { field: 'servicePrincipalNames', value: name }));
      if (other !== undefined && other.appId !== appId) {
        const message = `Another object with the same value for property identifierUris already exists: ${name}`;
        throw new DirectoryError('conflict', message);
      }
    }
  }

  #first<K extends Kind>(kind: K, tenantId: string, where: Query<K>['where']): Promise<Entities[K] | undefined> {
    return first(this.#store, kind, tenantId, where);
  }

  /** One change after the other: each sees what the one before it has left. */
  #exclusively<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#lastChange.then(change);
    this.#lastChange = done.catch(() => undefined);
    return done;
  }

  async #write(changes: readonly Change[]): Promise<void> {
    await this.#store.write(changes);
    this.#lookups.forget(changes);
  }

  #changed<T extends Application | ServicePrincipal>(before: T, after: T): T {
    return withEarlierCredentials(before, after, this.#platform.now(), this.#delay);
  }

  #now(): string {
    return new Date(this.#platform.now()).toISOString();
  }
}

/** What a service principal takes over from its application. */
function shared(
  application: Application,
): Pick<ServicePrincipal, 'displayName' | 'servicePrincipalNames' | 'appRoles' | 'requestedAccessTokenVersion'> {
  return {
    displayName: application.displayName,
    servicePrincipalNames: [application.appId, ...application.identifierUris],
    appRoles: application.appRoles,
    requestedAccessTokenVersion: application.requestedAccessTokenVersion,
  };
}

import { type Platform, randomUuid } from '@certgrant/core';
import type { Change, Query, Store } from '../store/store.ts';
import { DirectoryError } from './directory-error.ts';
import {
  type Application,
  type AppRoleAssignment,
  defaultAppRoleId,
  type Entities,
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

/**
 * Tenants with their applications, service principals and grants: the domain, over any store.
 */
export class Directory {
  readonly #store: Store;
  readonly #platform: Platform;
  readonly #lookups: SignInLookups;
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(store: Store, platform: Platform) {
    this.#store = store;
    this.#platform = platform;
    this.#lookups = new SignInLookups(store);
  }

  /** A tenant by its id or its domain. */
  tenant(name: string): Promise<Tenant | undefined> {
    return this.#lookups.tenant(name);
  }

  /** The application with this application id, if it has a service principal in the tenant. */
  client(tenantId: string, appId: string): Promise<Client | undefined> {
    return this.#lookups.client(tenantId, appId);
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

  find<K extends Kind>(kind: K, tenantId: string, query: Query<K>): Promise<readonly Entities[K][]> {
    return this.#store.find(kind, tenantId, query);
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
      const entity = await change(before);
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
    wanted: Partial<Pick<ServicePrincipal, 'accountEnabled' | 'appRoleAssignmentRequired' | 'owners'>> = {},
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

  updateServicePrincipal(
    tenantId: string,
    id: string,
    change: Partial<Pick<ServicePrincipal, 'accountEnabled' | 'appRoleAssignmentRequired'>>,
  ): Promise<ServicePrincipal> {
    return this.#exclusively(async () => {
      const before = await this.get('servicePrincipals', tenantId, id);
      if (before === undefined) throw new DirectoryError('not-found', id);
      const entity = { ...before, ...change };
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

  /** Removes everything. */
  clear(): Promise<void> {
    return this.#exclusively(async () => {
      await this.#store.clear();
      this.#lookups.forget();
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
      owners: [],
    };
  }

  /** A service principal goes with all that it was granted, and all that was granted on it. */
  async #removal({ tenantId, id }: ServicePrincipal): Promise<Change[]> {
    const limit = Number.MAX_SAFE_INTEGER;
    const granted = await Promise.all([
      this.find('appRoleAssignments', tenantId, { where: { field: 'principalId', value: id }, limit }),
      this.find('appRoleAssignments', tenantId, { where: { field: 'resourceId', value: id }, limit }),
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
    this.#lookups.forget();
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

import type { RegisteredCertificate } from '../checks/assertion-context.ts';
import { RecentMap } from '../lib/recent-map.ts';
import { noTenant, type Query, type Store } from '../store/store.ts';
import type { Application, AppRoleAssignment, Entities, Kind, ServicePrincipal, Tenant } from './entities.ts';
import { registeredCertificate } from './key-credential.ts';

/** An application as it signs in to a tenant. */
export interface Client {
  readonly application: Application;
  readonly servicePrincipal: ServicePrincipal;
  readonly certificates: readonly RegisteredCertificate[];
}

/** Enough for every client of a busy test run; beyond that the rarely used ones are read again from the store. */
const cached = 100_000;

/** What the token endpoint looks up, kept in memory in the form in which it is needed until something is written. */
export class SignInLookups {
  readonly #store: Store;
  readonly #tenants = new RecentMap<Promise<Tenant | undefined>>(1000);
  readonly #clients = new RecentMap<Promise<Client | undefined>>(cached);
  readonly #resources = new RecentMap<Promise<ServicePrincipal | undefined>>(1000);
  readonly #roles = new RecentMap<Promise<readonly AppRoleAssignment[]>>(cached);

  constructor(store: Store) {
    this.#store = store;
  }

  /** A tenant by its id or its domain. */
  tenant(name: string): Promise<Tenant | undefined> {
    return remembered(this.#tenants, name.toLowerCase(), async () => {
      const byId = await this.#store.get('tenants', noTenant, name.toLowerCase());
      return byId ?? this.#first('tenants', noTenant, { field: 'domain', value: name });
    });
  }

  /** The application with this application id, if it has a service principal in the tenant. */
  client(tenantId: string, appId: string): Promise<Client | undefined> {
    return remembered(this.#clients, `${tenantId} ${appId.toLowerCase()}`, async () => {
      const servicePrincipal = await this.#first('servicePrincipals', tenantId, { field: 'appId', value: appId });
      if (servicePrincipal === undefined) return undefined;
      const home = servicePrincipal.appOwnerOrganizationId;
      const application = await this.#first('applications', home, { field: 'appId', value: appId });
      if (application === undefined) return undefined;
      const certificates = await Promise.all(application.keyCredentials.map(registeredCertificate));
      return { application, servicePrincipal, certificates };
    });
  }

  /** The API that a token may be asked for by this name: an identifier URI or an application id. */
  resource(tenantId: string, name: string): Promise<ServicePrincipal | undefined> {
    return remembered(this.#resources, `${tenantId} ${name}`, async () => {
      const find = (value: string): Promise<ServicePrincipal | undefined> =>
        this.#first('servicePrincipals', tenantId, { field: 'servicePrincipalNames', value });
      // One slash at the end more or less is the same API.
      return (await find(name)) ?? (name.endsWith('/') ? find(name.slice(0, -1)) : undefined);
    });
  }

  /** What a client was granted on an API. */
  assignments(tenantId: string, principalId: string, resourceId: string): Promise<readonly AppRoleAssignment[]> {
    return remembered(this.#roles, `${principalId} ${resourceId}`, async () => {
      const where = { field: 'principalId', value: principalId } as const;
      const found = await this.#store.find('appRoleAssignments', tenantId, { where, limit: Number.MAX_SAFE_INTEGER });
      return found.filter((assignment) => assignment.resourceId === resourceId);
    });
  }

  /** Something was written. */
  forget(): void {
    this.#tenants.clear();
    this.#clients.clear();
    this.#resources.clear();
    this.#roles.clear();
  }

  #first<K extends Kind>(kind: K, tenantId: string, where: Query<K>['where']): Promise<Entities[K] | undefined> {
    return first(this.#store, kind, tenantId, where);
  }
}

/** The first entity that is found. */
export async function first<K extends Kind>(
  store: Store,
  kind: K,
  tenantId: string,
  where: Query<K>['where'],
): Promise<Entities[K] | undefined> {
  const [found] = await store.find(kind, tenantId, { where, limit: 1 });
  return found;
}

/** What was found before, or what is found now; nothing found and errors are not remembered. */
async function remembered<T>(known: RecentMap<Promise<T>>, key: string, find: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  if (before !== undefined) return before;
  const finding = find();
  known.set(key, finding);
  try {
    const found = await finding;
    if (found === undefined) known.delete(key, finding);
    return found;
  } catch (thrown) {
    known.delete(key, finding);
    throw thrown;
  }
}

import type { RegisteredCertificate } from '../checks/assertion-context.ts';
import { RecentMap } from '../lib/recent-map.ts';
import { type Change, noTenant, type Query, type Store } from '../store/store.ts';
import { comingChanges, credentialsAt } from './credentials.ts';
import type { Application, AppRoleAssignment, Entities, Kind, ServicePrincipal, Tenant } from './entities.ts';
import { registeredCertificate } from './key-credential.ts';

/** An application as it signs in to a tenant. */
export interface Client {
  /** With the keys and passwords by which it may sign in now, those of its service principal among them. */
  readonly application: Application;
  readonly servicePrincipal: ServicePrincipal;
  readonly certificates: readonly RegisteredCertificate[];
}

/** A client until its credentials change for the token endpoint, in milliseconds since the epoch. */
interface ClientVersion {
  readonly until: number;
  readonly client: Client;
}

/** Enough for every client of a busy test run; beyond that the rarely used ones are read again from the store. */
const cached = 100_000;

/** What the token endpoint looks up, kept in memory in the form in which it is needed until something is written. */
export class SignInLookups {
  readonly #store: Store;
  readonly #delay: number;
  readonly #tenants = new RecentMap<Promise<Tenant | undefined>>(1000);
  readonly #clients = new RecentMap<Promise<readonly ClientVersion[] | undefined>>(cached);
  readonly #resources = new RecentMap<Promise<ServicePrincipal | undefined>>(1000);
  readonly #roles = new RecentMap<Promise<readonly AppRoleAssignment[]>>(cached);

  /** @param delay how long changed credentials take to get here, in milliseconds */
  constructor(store: Store, delay: number) {
    this.#store = store;
    this.#delay = delay;
  }

  /** A tenant by its id or its domain. */
  tenant(name: string): Promise<Tenant | undefined> {
    return remembered(this.#tenants, name.toLowerCase(), async () => {
      const byId = await this.#store.get('tenants', noTenant, name.toLowerCase());
      return byId ?? this.#first('tenants', noTenant, { field: 'domain', value: name });
    });
  }

  /**
   * The application with this application id, if it has a service principal in the tenant.
   *
   * @param now in milliseconds since the epoch
   */
  async client(tenantId: string, appId: string, now: number): Promise<Client | undefined> {
    const versions = await remembered(this.#clients, clientKey(tenantId, appId), async () => {
      const servicePrincipal = await this.#first('servicePrincipals', tenantId, { field: 'appId', value: appId });
      if (servicePrincipal === undefined) return undefined;
      const home = servicePrincipal.appOwnerOrganizationId;
      const application = await this.#first('applications', home, { field: 'appId', value: appId });
      return application && this.#versions(application, servicePrincipal, now);
    });
    return versions?.find(({ until }) => now < until)?.client;
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
      return found.map(({ entity }) => entity).filter((assignment) => assignment.resourceId === resourceId);
    });
  }

  /** Something was written: only what it reaches is read anew, so that the other clients do not notice. */
  forget(changes: readonly Change[]): void {
    for (const change of changes) {
      if (!('put' in change) || change.put === 'tenants') {
        // What an entity was is not known from the id by which it is deleted; and all is below a tenant.
        this.forgetAll();
      } else if (change.put === 'applications' || change.put === 'servicePrincipals') {
        this.#clients.delete(clientKey(change.entity.tenantId, change.entity.appId));
        // The names of an API may be other ones now; there are few of them.
        this.#resources.clear();
      } else if (change.put === 'appRoleAssignments') {
        this.#roles.delete(`${change.entity.principalId} ${change.entity.resourceId}`);
      }
    }
  }

  forgetAll(): void {
    this.#tenants.clear();
    this.#clients.clear();
    this.#resources.clear();
    this.#roles.clear();
  }

  async #versions(
    application: Application,
    servicePrincipal: ServicePrincipal,
    now: number,
  ): Promise<readonly ClientVersion[]> {
    const holders = [application, servicePrincipal];
    const changes = comingChanges(holders, now, this.#delay);
    return Promise.all(
      [...changes, Number.POSITIVE_INFINITY].map(async (until) => {
        const credentials = holders.map((holder) => credentialsAt(holder, until - 1, this.#delay));
        const keyCredentials = credentials.flatMap((each) => each.keyCredentials);
        const passwordCredentials = credentials.flatMap((each) => each.passwordCredentials);
        const certificates = await Promise.all(keyCredentials.map(registeredCertificate));
        const client = { ...application, keyCredentials, passwordCredentials };
        return { until, client: { application: client, servicePrincipal, certificates } };
      }),
    );
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
  return found?.entity;
}

function clientKey(tenantId: string, appId: string): string {
  return `${tenantId} ${appId.toLowerCase()}`;
}

/** What was found before, or what is found now; nothing found and errors are not remembered. */
async function remembered<T>(known: RecentMap<Promise<T>>, key: string, find: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  if (before !== undefined) return before;
  const finding = find();
  known.set(key, finding);
  try {
    const found = await finding;
    if (found === undefined) known.deleteIf(key, finding);
    return found;
  } catch (thrown) {
    known.deleteIf(key, finding);
    throw thrown;
  }
}

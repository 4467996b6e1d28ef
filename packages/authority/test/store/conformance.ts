import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Application, Tenant } from '../../src/directory/entities.ts';
import { noTenant, type Store } from '../../src/store/store.ts';

const tenantId = 't1';

export function application(id: string, changes: Partial<Application> = {}): Application {
  return {
    id,
    tenantId,
    appId: `app-${id}`,
    displayName: `Daemon ${id}`,
    createdDateTime: '2026-01-01T00:00:00.000Z',
    signInAudience: 'AzureADMyOrg',
    identifierUris: [],
    appRoles: [],
    requestedAccessTokenVersion: null,
    keyCredentials: [],
    passwordCredentials: [],
    owners: [],
    ...changes,
  };
}

/** What every store does, whatever it keeps its entities in. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    let store: Store;
    const put = (...entities: Application[]): Promise<void> =>
      store.write(entities.map((entity) => ({ put: 'applications', entity })));
    const ids = async (query: Parameters<typeof store.find<'applications'>>[2]): Promise<readonly string[]> =>
      (await store.find('applications', tenantId, query)).map(({ id }) => id);

    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    it('gives back what was put, by its id and its tenant', async () => {
      const entity = application('a', {
        identifierUris: ['api://x', 'Ünicode \u0000 "quoted"'],
        requestedAccessTokenVersion: 2,
      });
      await put(entity);
      expect(await store.get('applications', tenantId, 'a')).toEqual(entity);
      expect(await store.get('applications', 't2', 'a')).toBeUndefined();
      expect(await store.get('servicePrincipals', tenantId, 'a')).toBeUndefined();
      expect(await store.get('applications', tenantId, 'b')).toBeUndefined();
    });

    it('finds by a field without regard to case, and by each of several values', async () => {
      await put(
        application('a', { identifierUris: ['api://One', 'api://two'] }),
        application('b', { displayName: 'DAEMON A' }),
      );
      expect(await ids({ where: { field: 'displayName', value: 'daemon a' }, limit: 9 })).toEqual(['a', 'b']);
      expect(await ids({ where: { field: 'identifierUris', value: 'API://ONE' }, limit: 9 })).toEqual(['a']);
      expect(await ids({ where: { field: 'identifierUris', value: 'api://two' }, limit: 9 })).toEqual(['a']);
      expect(await ids({ where: { field: 'appId', value: "x' or '1'='1" }, limit: 9 })).toEqual([]);
    });

    it('finds a changed entity by what it is now, in its old place', async () => {
      await put(application('a'), application('b', { displayName: 'Same' }), application('c', { displayName: 'Same' }));
      await put(application('a', { displayName: 'Same' }));
      expect(await ids({ where: { field: 'displayName', value: 'Daemon a' }, limit: 9 })).toEqual([]);
      expect(await ids({ where: { field: 'displayName', value: 'same' }, limit: 9 })).toEqual(['a', 'b', 'c']);
      expect(await ids({ limit: 9 })).toEqual(['a', 'b', 'c']);
    });

    it('gives one page after the other in the order of the first put', async () => {
      await put(...['e', 'd', 'c', 'b', 'a'].map((id) => application(id)));
      expect(await ids({ limit: 2 })).toEqual(['e', 'd']);
      expect(await ids({ limit: 2, after: 'd' })).toEqual(['c', 'b']);
      expect(await ids({ limit: 2, after: 'b' })).toEqual(['a']);
      expect(await ids({ limit: 2, after: 'nobody' })).toEqual([]);
      expect(await ids({ limit: Number.MAX_SAFE_INTEGER })).toHaveLength(5);
    });

    it('deletes, and finds it no more', async () => {
      await put(application('a'), application('b'));
      await store.write([{ delete: 'applications', tenantId, id: 'a' }]);
      await store.write([{ delete: 'applications', tenantId, id: 'nobody' }]);
      expect(await ids({ limit: 9 })).toEqual(['b']);
      expect(await ids({ where: { field: 'appId', value: 'app-a' }, limit: 9 })).toEqual([]);
    });

    it('keeps tenants beside what belongs to them, and clears all of it but the values', async () => {
      const tenant: Tenant = { id: tenantId, displayName: 'T', domain: 't.example', createdDateTime: '' };
      await store.write([
        { put: 'tenants', entity: tenant },
        { put: 'applications', entity: application('a') },
      ]);
      expect(
        await store.find('tenants', noTenant, { where: { field: 'domain', value: 'T.example' }, limit: 1 }),
      ).toEqual([tenant]);
      await store.writeValue('key', 'one');
      await store.writeValue('key', 'two');
      await store.clear();
      expect(await store.find('tenants', noTenant, { limit: 9 })).toEqual([]);
      expect(await ids({ limit: 9 })).toEqual([]);
      expect(await store.readValue('key')).toBe('two');
      expect(await store.readValue('other')).toBeUndefined();
    });

    it('takes many writes at once, each as a whole', async () => {
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => put(application(`x${index}`), application(`y${index}`))),
      );
      expect(await ids({ limit: 99 })).toHaveLength(40);
    });
  });
}

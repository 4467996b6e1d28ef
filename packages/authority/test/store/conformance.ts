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
      (await store.find('applications', tenantId, query)).map(({ entity }) => entity.id);
    /** The position of the entity with this id. */
    const position = async (id: string): Promise<number> =>
      (await store.find('applications', tenantId, { limit: 99 })).find(({ entity }) => entity.id === id)?.position ??
      Number.NaN;

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

    it('finds by what a field begins with', async () => {
      await put(
        application('a', { identifierUris: ['api://one', 'api://onerous'] }),
        application('b', { identifierUris: ['API://ONE/more'], displayName: '100% d_emon' }),
        application('c'),
      );
      const startingWith = (value: string) => ({ field: 'identifierUris', value, match: 'prefix' }) as const;
      expect(await ids({ where: startingWith('api://one'), limit: 9 })).toEqual(['a', 'b']);
      expect(await ids({ where: startingWith('api://one/'), limit: 9 })).toEqual(['b']);
      expect(await ids({ where: startingWith('one'), limit: 9 })).toEqual([]);
      expect(await ids({ where: startingWith(''), limit: 1 })).toEqual(['a']);
      expect(await ids({ where: { field: 'displayName', value: 'D%', match: 'prefix' }, limit: 9 })).toEqual([]);
      expect(await ids({ where: { field: 'displayName', value: '100% D_', match: 'prefix' }, limit: 9 })).toEqual([
        'b',
      ]);
    });

    it('counts as many as it finds', async () => {
      await put(application('a', { identifierUris: ['api://one', 'api://onerous'] }), application('b'));
      expect(await store.count('applications', tenantId)).toBe(2);
      expect(await store.count('applications', 't2')).toBe(0);
      expect(await store.count('applications', tenantId, { field: 'appId', value: 'APP-B' })).toBe(1);
      const prefix = { field: 'identifierUris', value: 'api://', match: 'prefix' } as const;
      expect(await store.count('applications', tenantId, prefix)).toBe(1);
    });

    it('gives one page after the other in the order of the first put', async () => {
      await put(...['e', 'd', 'c', 'b', 'a'].map((id) => application(id)));
      await put(application('e', { displayName: 'changed' }));
      expect(await ids({ limit: 2 })).toEqual(['e', 'd']);
      expect(await ids({ limit: 2, after: await position('d') })).toEqual(['c', 'b']);
      expect(await ids({ limit: 2, after: await position('b') })).toEqual(['a']);
      expect(await ids({ limit: 2, after: await position('a') })).toEqual([]);
      expect(await ids({ limit: Number.MAX_SAFE_INTEGER })).toHaveLength(5);
    });

    it('goes on with a page after what stood there was deleted, and never uses its position again', async () => {
      await put(...['a', 'b', 'c'].map((id) => application(id)));
      const after = await position('b');
      const last = await position('c');
      await store.write([{ delete: 'applications', tenantId, id: 'b' }]);
      expect(await ids({ limit: 2, after })).toEqual(['c']);
      await store.write([{ delete: 'applications', tenantId, id: 'c' }]);
      await put(application('d'));
      expect(await position('d')).toBeGreaterThan(last);
      await store.replaceAll([{ put: 'applications', entity: application('e') }]);
      expect(await position('e')).toBeGreaterThan(last);
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
      const where = { field: 'domain', value: 'T.example' } as const;
      expect(await store.find('tenants', noTenant, { where, limit: 1 })).toMatchObject([{ entity: tenant }]);
      await store.writeValue('key', 'one');
      await store.writeValue('key', 'two');
      await store.replaceAll([]);
      expect(await store.find('tenants', noTenant, { limit: 9 })).toEqual([]);
      expect(await ids({ limit: 9 })).toEqual([]);
      expect(await store.readValue('key')).toBe('two');
      expect(await store.readValue('other')).toBeUndefined();
    });

    it('replaces everything in one step, thousands of entities too', async () => {
      await put(application('old', { displayName: 'old' }));
      const entities = Array.from({ length: 2500 }, (_, index) => application(`n${index}`));
      await store.replaceAll(entities.map((entity) => ({ put: 'applications', entity })));
      expect(await store.count('applications', tenantId)).toBe(2500);
      expect(await ids({ limit: 2 })).toEqual(['n0', 'n1']);
      expect(await ids({ where: { field: 'appId', value: 'app-n2499' }, limit: 9 })).toEqual(['n2499']);
      expect(await ids({ where: { field: 'displayName', value: 'old' }, limit: 9 })).toEqual([]);
    });

    it('changes nothing at all when one change of several fails', async () => {
      await put(application('a'));
      const broken = Object.defineProperty(application('b'), 'displayName', {
        enumerable: true,
        get: () => {
          throw new Error('broken');
        },
      });
      const puts = [application('c'), broken].map((entity) => ({ put: 'applications', entity }) as const);
      const removal = { delete: 'applications', tenantId, id: 'a' } as const;
      await expect(store.write([removal, ...puts])).rejects.toThrow('broken');
      await expect(store.replaceAll(puts)).rejects.toThrow('broken');
      expect(await ids({ limit: 9 })).toEqual(['a']);
    });

    it('takes many writes at once, each as a whole', async () => {
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => put(application(`x${index}`), application(`y${index}`))),
      );
      expect(await ids({ limit: 99 })).toHaveLength(40);
    });
  });
}

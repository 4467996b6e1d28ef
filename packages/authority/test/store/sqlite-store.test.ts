import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, describe, expect, it } from 'vitest';
import type { ServicePrincipal } from '../../src/directory/entities.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import { application, describeStore } from './conformance.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgrant-store-'));
let count = 0;
const fresh = (): string => join(folder, String(++count), 'data');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeStore('openSqliteStore', () => openSqliteStore(fresh()));

describe('openSqliteStore', () => {
  it('finds everything again after it was closed', async () => {
    const path = fresh();
    const first = await openSqliteStore(path);
    await first.write([{ put: 'applications', entity: application('a') }]);
    await first.writeValue('key', 'value');
    await first.close();
    const second = await openSqliteStore(path);
    expect(await second.get('applications', 't1', 'a')).toEqual(application('a'));
    expect(await second.readValue('key')).toBe('value');
    await second.close();
  });

  it('gives what was kept before there were client secrets an empty list of them', async () => {
    const path = fresh();
    const store = await openSqliteStore(path);
    const { passwordCredentials, ...older } = application('a');
    // The JSON of a service principal is not looked into either, but for its names.
    const principal = { ...older, servicePrincipalNames: [], keyCredentials: undefined };
    await store.write([
      { put: 'applications', entity: older as ReturnType<typeof application> },
      { put: 'servicePrincipals', entity: principal as unknown as ServicePrincipal },
    ]);
    await store.close();
    const database = new Database(join(path, 'authority.db'));
    database.exec("drop index entities_in_order; delete from kysely_migration where name >= '0002'");
    database.close();
    const opened = await openSqliteStore(path);
    expect(await opened.get('applications', 't1', 'a')).toEqual({ ...older, passwordCredentials });
    expect(passwordCredentials).toEqual([]);
    expect(await opened.get('servicePrincipals', 't1', 'a')).toMatchObject({
      keyCredentials: [],
      passwordCredentials: [],
    });
    await opened.close();
  });

  it('does not close a folder to others that they use for something else', async () => {
    const path = fresh();
    mkdirSync(path, { recursive: true, mode: 0o755 });
    writeFileSync(join(path, 'package.json'), '{}');
    await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'USAGE', fix: expect.stringContaining('empty') });
    expect(statSync(path).mode & 0o777).toBe(0o755);
    expect(readdirSync(path)).toEqual(['package.json']);
  });

  it('keeps its files from others, also in a folder that was open to them', async () => {
    const path = fresh();
    mkdirSync(path, { recursive: true, mode: 0o755 });
    const store = await openSqliteStore(path);
    await store.writeValue('key', 'value');
    expect(statSync(path).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(path)) expect([file, statSync(join(path, file)).mode & 0o077]).toEqual([file, 0]);
    await store.close();
  });

  it('says DATA_IN_USE while the folder is open', async () => {
    const path = fresh();
    const store = await openSqliteStore(path);
    await expect(openSqliteStore(path)).rejects.toMatchObject({
      code: 'DATA_IN_USE',
      message: `open data folder ${path}: another authority has it open`,
    });
    await store.close();
    await (await openSqliteStore(path)).close();
  });

  it('says FORMAT_MALFORMED of a file that is no database', async () => {
    const path = fresh();
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'authority.db'), 'no database, but long enough to be taken for one'.repeat(99));
    await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'FORMAT_MALFORMED' });
  });

  it('says FILE_NOT_WRITABLE where a folder cannot be', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    await expect(openSqliteStore(join(path, 'data'))).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
  });
});

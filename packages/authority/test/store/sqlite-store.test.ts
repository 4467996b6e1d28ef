import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

  it('writes nothing at all when one change of several fails', async () => {
    const store = await openSqliteStore(fresh());
    const broken = Object.defineProperty({ ...application('b') }, 'owners', {
      enumerable: true,
      get: () => {
        throw new Error('broken');
      },
    });
    const changes = [application('a'), broken].map((entity) => ({ put: 'applications', entity }) as const);
    await expect(store.write(changes)).rejects.toThrow('broken');
    expect(await store.find('applications', 't1', { limit: 9 })).toEqual([]);
    await store.close();
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

  it('says FORMAT_MALFORMED of a database that something has damaged, or that a newer version has written', async () => {
    const damaged = fresh();
    const store = await openSqliteStore(damaged);
    await store.replaceAll(
      Array.from({ length: 500 }, (_, n) => ({ put: 'applications', entity: application(`a${n}`) })),
    );
    await store.close();
    const file = join(damaged, 'authority.db');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0xff, 100, 12_000));
    await expect(openSqliteStore(damaged)).rejects.toMatchObject({ code: 'FORMAT_MALFORMED' });

    const newer = fresh();
    await (await openSqliteStore(newer)).close();
    const database = new Database(join(newer, 'authority.db'));
    database.exec("insert into kysely_migration (name, timestamp) values ('9999-later', '')");
    database.close();
    await expect(openSqliteStore(newer)).rejects.toMatchObject({ code: 'FORMAT_MALFORMED' });
  });

  it('says FILE_NOT_WRITABLE of a change that the disk has no room for, and keeps nothing of it', async ({ skip }) => {
    const path = fresh();
    mkdirSync(path, { recursive: true });
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', path]).status !== 0) skip('mount takes root');
    try {
      const store = await openSqliteStore(path);
      const large = application('large', { displayName: 'x'.repeat(1_000_000) });
      const change = store.write([
        { put: 'applications', entity: application('small') },
        { put: 'applications', entity: large },
      ]);
      await expect(change).rejects.toMatchObject({
        code: 'FILE_NOT_WRITABLE',
        message: expect.stringContaining('the disk is full'),
        fix: expect.stringContaining('Make room'),
      });
      expect(await store.count('applications', 't1')).toBe(0);
      // What fits is kept again.
      await store.write([{ put: 'applications', entity: application('small') }]);
      expect(await store.count('applications', 't1')).toBe(1);
      // Nor can the log be folded into the file; it is what the next process reads.
      await expect(store.close()).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
      const copy = fresh();
      cpSync(path, copy, { recursive: true });
      const again = await openSqliteStore(copy);
      expect(await again.count('applications', 't1')).toBe(1);
      await again.close();
    } finally {
      spawnSync('umount', ['-l', path]);
    }
  });

  it('says FILE_NOT_WRITABLE of a folder that can only be read', async ({ skip }) => {
    const path = fresh();
    mkdirSync(path, { recursive: true });
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,ro', 'tmpfs', path]).status !== 0) skip('mount takes root');
    try {
      await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
    } finally {
      spawnSync('umount', ['-l', path]);
    }
  });
});

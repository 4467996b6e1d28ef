import { chmod, mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CertgrantError, isCertgrantError } from '@certgrant/core';
import { Kysely, Migrator, SqliteDialect, type Transaction } from 'kysely';
import type { Entities, Kind } from '../directory/entities.ts';
import { migrations, type Tables } from './migrations.ts';
import { type Change, comparable, lookupsOf, type Query, type Store, tenantOf } from './store.ts';

/** The name of the database in the folder. */
const fileName = 'authority.db';

/**
 * Opens the database in a folder, which is made if it is not there; nobody else may look into it.
 *
 * @throws {CertgrantError} `DATA_IN_USE` while another process has it open; `FILE_NOT_WRITABLE`; `FORMAT_MALFORMED`
 * when the file is no database of ours
 */
export async function openSqliteStore(folder: string): Promise<Store> {
  const path = join(folder, fileName);
  await makeFolder(folder);
  const { default: Database } = await import('libsql');
  try {
    const database = new Database(path);
    // The first statement locks the file, and the system lets go of the lock when the process ends, however it ends.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('BEGIN IMMEDIATE; COMMIT');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA foreign_keys = ON');
    const unlock = (): void => {
      // The driver closes the file only once its statements are collected, and lets go of the lock no earlier.
      database.exec('PRAGMA journal_mode = DELETE');
      database.exec('PRAGMA locking_mode = NORMAL');
      database.exec('BEGIN; SELECT count(*) FROM named_values; COMMIT');
    };
    const store = new SqliteStore(new Kysely<Tables>({ dialect: new SqliteDialect({ database }) }), unlock);
    await store.migrate();
    return store;
  } catch (cause) {
    throw openError(cause, folder, path);
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await refuseForeignFolder(folder);
    // SQLite gives the files that it puts beside this one the same permissions.
    await (await open(join(folder, fileName), 'a', 0o600)).close();
    // A folder that was there before may be open to others; the keys in it are nobody else's business.
    if (((await stat(folder)).mode & 0o077) !== 0) await chmod(folder, 0o700);
  } catch (cause) {
    if (isCertgrantError(cause)) throw cause;
    const fix = 'Choose a folder that you can write to';
    throw new CertgrantError('FILE_NOT_WRITABLE', `open data folder ${folder}: it cannot be made or written`, {
      fix,
      cause,
    });
  }
}

/** A folder that others use for something else must not be closed to them. */
async function refuseForeignFolder(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length === 0 || names.includes(fileName) || ((await stat(folder)).mode & 0o077) === 0) return;
  throw new CertgrantError('USAGE', `open data folder ${folder}: it holds other files and is open to other users`, {
    fix: 'Name a new or an empty folder, for example one inside it: the keys of the authority are kept there',
  });
}

function openError(cause: unknown, folder: string, path: string): CertgrantError {
  const text = cause instanceof Error ? `${'code' in cause ? cause.code : ''} ${cause.message}` : '';
  if (/SQLITE_BUSY|SQLITE_LOCKED|locked/.test(text)) {
    const fix = 'Stop the other authority, or choose another folder';
    return new CertgrantError('DATA_IN_USE', `open data folder ${folder}: another authority has it open`, {
      fix,
      cause,
    });
  }
  if (/SQLITE_NOTADB|SQLITE_CORRUPT|not a database|malformed|corrupted migrations/.test(text)) {
    const fix = 'Choose another folder, or remove the file if nothing in it is needed';
    const message = `open data folder ${folder}: ${path} is not a database of this version of certgrant`;
    return new CertgrantError('FORMAT_MALFORMED', message, { fix, cause });
  }
  const fix = 'Check that the folder can be written and that the disk is not full';
  return new CertgrantError('FILE_NOT_WRITABLE', `open data folder ${folder}: ${path} cannot be opened`, {
    fix,
    cause,
  });
}

/** A store in an SQLite file, for one process. */
class SqliteStore implements Store {
  readonly #database: Kysely<Tables>;
  readonly #unlock: () => void;

  constructor(database: Kysely<Tables>, unlock: () => void) {
    this.#database = database;
    this.#unlock = unlock;
  }

  async migrate(): Promise<void> {
    const provider = { getMigrations: async () => ({ ...migrations }) };
    const { error } = await new Migrator({ db: this.#database, provider }).migrateToLatest();
    if (error !== undefined) throw error;
  }

  async get<K extends Kind>(kind: K, tenantId: string, id: string): Promise<Entities[K] | undefined> {
    const row = await this.#database
      .selectFrom('entities')
      .select('json')
      .where('kind', '=', kind)
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .executeTakeFirst();
    return row === undefined ? undefined : parse<K>(row.json);
  }

  async find<K extends Kind>(kind: K, tenantId: string, query: Query<K>): Promise<readonly Entities[K][]> {
    const { where, limit, after } = query;
    let select = this.#database
      .selectFrom('entities')
      .select('entities.json')
      .where('entities.kind', '=', kind)
      .where('entities.tenant_id', '=', tenantId);
    if (where !== undefined) {
      const ordinals = this.#database
        .selectFrom('lookups')
        .select('ordinal')
        .where('kind', '=', kind)
        .where('tenant_id', '=', tenantId)
        .where('field', '=', where.field)
        .where('value', '=', comparable(where.value));
      select = select.where('entities.ordinal', 'in', ordinals);
    }
    if (after !== undefined) {
      const start = await this.#ordinal(this.#database, kind, tenantId, after);
      if (start === undefined) return [];
      select = select.where('entities.ordinal', '>', start);
    }
    const rows = await select.orderBy('entities.ordinal').limit(limit).execute();
    return rows.map(({ json }) => parse<K>(json));
  }

  async write(changes: readonly Change[]): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      for (const change of changes) {
        if ('put' in change) await this.#put(transaction, change.put, change.entity);
        else await this.#delete(transaction, change.delete, change.tenantId, change.id);
      }
    });
  }

  async clear(): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('lookups').execute();
      await transaction.deleteFrom('entities').execute();
    });
  }

  async readValue(name: string): Promise<string | undefined> {
    const row = await this.#database
      .selectFrom('named_values')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirst();
    return row?.value;
  }

  async writeValue(name: string, value: string): Promise<void> {
    await this.#database
      .insertInto('named_values')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
  }

  async close(): Promise<void> {
    this.#unlock();
    await this.#database.destroy();
  }

  async #put<K extends Kind>(transaction: Transaction<Tables>, kind: K, entity: Entities[K]): Promise<void> {
    const tenant_id = tenantOf(entity);
    const json = JSON.stringify(entity);
    const known = await this.#ordinal(transaction, kind, tenant_id, entity.id);
    if (known === undefined) {
      await transaction.insertInto('entities').values({ kind, tenant_id, id: entity.id, json }).execute();
    } else {
      await transaction.updateTable('entities').set({ json }).where('ordinal', '=', known).execute();
      await transaction.deleteFrom('lookups').where('ordinal', '=', known).execute();
    }
    const ordinal = known ?? (await this.#ordinal(transaction, kind, tenant_id, entity.id));
    if (ordinal === undefined) throw new Error('the row that was just written is not there');
    const rows = lookupsOf(kind, entity).map(({ field, value }) => ({ ordinal, kind, tenant_id, field, value }));
    if (rows.length > 0) await transaction.insertInto('lookups').values(rows).execute();
  }

  async #delete(transaction: Transaction<Tables>, kind: Kind, tenantId: string, id: string): Promise<void> {
    const ordinal = await this.#ordinal(transaction, kind, tenantId, id);
    if (ordinal === undefined) return;
    await transaction.deleteFrom('lookups').where('ordinal', '=', ordinal).execute();
    await transaction.deleteFrom('entities').where('ordinal', '=', ordinal).execute();
  }

  async #ordinal(database: Kysely<Tables>, kind: Kind, tenantId: string, id: string): Promise<number | undefined> {
    const row = await database
      .selectFrom('entities')
      .select('ordinal')
      .where('kind', '=', kind)
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.ordinal;
  }
}

/** Only this store writes the column, always from an entity of the kind that is asked for. */
function parse<K extends Kind>(json: string): Entities[K] {
  return JSON.parse(json) as Entities[K];
}

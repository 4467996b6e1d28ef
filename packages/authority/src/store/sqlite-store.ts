import { chmod, mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CertgrantError, isCertgrantError } from '@certgrant/core';
import { type Insertable, Kysely, Migrator, type SelectQueryBuilder, SqliteDialect, type Transaction } from 'kysely';
import type { Entities, Kind } from '../directory/entities.ts';
import { migrations, type Tables } from './migrations.ts';
import {
  type Change,
  comparable,
  lookupsOf,
  type Placed,
  type Put,
  type Query,
  type Store,
  tenantOf,
  type Where,
} from './store.ts';

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
    // A commit is one append to the log. What a killed process has written the system still holds, so that the next one
    // finds each commit whole or not at all (https://www.sqlite.org/wal.html, "How WAL Works"; /atomiccommit.html).
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('BEGIN IMMEDIATE; COMMIT');
    // In WAL mode only FULL syncs the log with every commit; NORMAL would be enough for a killed process, and would lose
    // the last commits when the power fails (https://www.sqlite.org/pragma.html#pragma_synchronous).
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA foreign_keys = ON');
    const unlock = (): void => {
      // The driver closes the file only once its statements are collected, and lets go of the lock no earlier.
      database.exec('PRAGMA journal_mode = DELETE');
      database.exec('PRAGMA locking_mode = NORMAL');
      database.exec('BEGIN; SELECT count(*) FROM named_values; COMMIT');
    };
    const kysely = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
    const store = new SqliteStore(kysely, unlock, path);
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
  const action = `open data folder ${folder}`;
  const text = textOf(cause);
  if (/SQLITE_BUSY|SQLITE_LOCKED|locked/.test(text)) {
    const fix = 'Stop the other authority, or choose another folder';
    return new CertgrantError('DATA_IN_USE', `${action}: another authority has it open`, { fix, cause });
  }
  if (/SQLITE_NOTADB|SQLITE_CORRUPT|not a database|malformed|corrupted migrations/.test(text)) {
    const fix = 'Choose another folder, or remove the file if nothing in it is needed';
    const message = `${action}: ${path} is not a database of this version of certgrant`;
    return new CertgrantError('FORMAT_MALFORMED', message, { fix, cause });
  }
  return notWritable(`${action}: ${path} cannot be opened`, cause);
}

/** What SQLite says when a change cannot be kept; https://www.sqlite.org/rescode.html has the codes. */
function writeError(cause: unknown, what: string): unknown {
  if (!/SQLITE_(FULL|IOERR|READONLY|CANTOPEN)|disk is full|disk I\/O|readonly database/.test(textOf(cause)))
    return cause;
  return notWritable(what, cause);
}

function notWritable(what: string, cause: unknown): CertgrantError {
  const text = textOf(cause);
  const isFull = /SQLITE_FULL|disk is full/.test(text);
  const isReadOnly = /SQLITE_READONLY|readonly database/.test(text);
  const state = isFull ? ', the disk is full' : isReadOnly ? ', it can only be read' : '';
  const fix = isFull
    ? 'Make room on the disk, or choose a folder on another one'
    : 'Check that the folder can be written and that the disk is not full';
  return new CertgrantError('FILE_NOT_WRITABLE', `${what}${state}`, { fix, cause });
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? `${'code' in cause ? cause.code : ''} ${cause.message}` : '';
}

/** As many rows as one statement may insert: SQLite takes 32,766 parameters (https://www.sqlite.org/limits.html). */
const rowsOfStatement = 1000;

/** A store in an SQLite file, for one process. */
class SqliteStore implements Store {
  readonly #database: Kysely<Tables>;
  readonly #unlock: () => void;
  readonly #path: string;

  constructor(database: Kysely<Tables>, unlock: () => void, path: string) {
    this.#database = database;
    this.#unlock = unlock;
    this.#path = path;
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

  async find<K extends Kind>(kind: K, tenantId: string, query: Query<K>): Promise<readonly Placed<K>[]> {
    const { where, limit, after } = query;
    let select = this.#database
      .selectFrom('entities')
      .select(['ordinal', 'json'])
      .where('kind', '=', kind)
      .where('tenant_id', '=', tenantId);
    if (where !== undefined) select = select.where('ordinal', 'in', this.#lookups(kind, tenantId, where));
    if (after !== undefined) select = select.where('ordinal', '>', after);
    const rows = await select.orderBy('ordinal').limit(limit).execute();
    return rows.map(({ ordinal, json }) => ({ position: ordinal, entity: parse<K>(json) }));
  }

  async count<K extends Kind>(kind: K, tenantId: string, where?: Where<K>): Promise<number> {
    const entities = this.#database.selectFrom('entities').where('kind', '=', kind).where('tenant_id', '=', tenantId);
    const counted =
      where === undefined ? entities : entities.where('ordinal', 'in', this.#lookups(kind, tenantId, where));
    const row = await counted.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
    return row.count;
  }

  async write(changes: readonly Change[]): Promise<void> {
    await this.#transaction(async (transaction) => {
      for (const change of changes) {
        if ('put' in change) await put(transaction, change);
        else await remove(transaction, change.delete, change.tenantId, change.id);
      }
    });
  }

  async replaceAll(puts: readonly Put[]): Promise<void> {
    await this.#transaction(async (transaction) => {
      const last = await transaction
        .selectFrom('entities')
        .select(({ fn }) => fn.max('ordinal').as('ordinal'))
        .executeTakeFirst();
      await transaction.deleteFrom('lookups').execute();
      await transaction.deleteFrom('entities').execute();
      // Positions are never used again: a page that was begun before must not go on among other entities.
      const first = (last?.ordinal ?? 0) + 1;
      for (const entities of slices(puts.map((each, index) => ({ ...entityRow(each), ordinal: first + index })))) {
        await transaction.insertInto('entities').values(entities).execute();
      }
      for (const lookups of slices(puts.flatMap((each, index) => lookupRows(each, first + index)))) {
        await transaction.insertInto('lookups').values(lookups).execute();
      }
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
    await this.#transaction(async (transaction) => {
      await transaction
        .insertInto('named_values')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute();
    });
  }

  async close(): Promise<void> {
    try {
      this.#unlock();
    } catch (thrown) {
      // The log then stays beside the file, with all that was written, and is read when the folder is next opened.
      throw writeError(thrown, `close ${this.#path}: its log stays beside it, with all that was written`);
    } finally {
      await this.#database.destroy();
    }
  }

  /** The ordinals of the entities that a lookup finds. */
  #lookups(kind: Kind, tenantId: string, { field, value, match }: Where<Kind>): Ordinals {
    const wanted = comparable(value);
    const select = this.#database
      .selectFrom('lookups')
      .select('ordinal')
      .where('kind', '=', kind)
      .where('tenant_id', '=', tenantId)
      .where('field', '=', field);
    if (match !== 'prefix') return select.where('value', '=', wanted);
    // A range instead of LIKE, which would not use the key: the last character of Unicode ends it.
    return select.where('value', '>=', wanted).where('value', '<', `${wanted}\u{10FFFF}`);
  }

  async #transaction(work: (transaction: Transaction<Tables>) => Promise<void>): Promise<void> {
    let failure: unknown;
    try {
      await this.#database.transaction().execute(async (transaction) => {
        try {
          await work(transaction);
        } catch (thrown) {
          failure = thrown;
          throw thrown;
        }
      });
    } catch (thrown) {
      // A full disk makes SQLite roll back by itself, so that rolling back fails too and hides why
      // (https://www.sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction").
      throw writeError(failure ?? thrown, `write to ${this.#path}: nothing of the change is kept`);
    }
  }
}

type Ordinals = SelectQueryBuilder<Tables, 'lookups', { ordinal: number }>;

type EntityRow = Insertable<Tables['entities']>;
type LookupRow = Insertable<Tables['lookups']>;

function entityRow({ put: kind, entity }: Put): Omit<EntityRow, 'ordinal'> {
  return { kind, tenant_id: tenantOf(entity), id: entity.id, json: JSON.stringify(entity) };
}

function lookupRows({ put: kind, entity }: Put, ordinal: number): readonly LookupRow[] {
  const tenant_id = tenantOf(entity);
  return lookupsOf(kind, entity).map(({ field, value }) => ({ ordinal, kind, tenant_id, field, value }));
}

async function put(transaction: Transaction<Tables>, change: Put): Promise<void> {
  const values = entityRow(change);
  const { ordinal } = await transaction
    .insertInto('entities')
    .values(values)
    .onConflict((conflict) => conflict.columns(['kind', 'tenant_id', 'id']).doUpdateSet({ json: values.json }))
    .returning('ordinal')
    .executeTakeFirstOrThrow();
  await transaction.deleteFrom('lookups').where('ordinal', '=', ordinal).execute();
  const lookups = lookupRows(change, ordinal);
  if (lookups.length > 0) await transaction.insertInto('lookups').values(lookups).execute();
}

async function remove(transaction: Transaction<Tables>, kind: Kind, tenantId: string, id: string): Promise<void> {
  const known = await transaction
    .selectFrom('entities')
    .select('ordinal')
    .where('kind', '=', kind)
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (known === undefined) return;
  await transaction.deleteFrom('lookups').where('ordinal', '=', known.ordinal).execute();
  await transaction.deleteFrom('entities').where('ordinal', '=', known.ordinal).execute();
}

function* slices<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += rowsOfStatement) yield rows.slice(start, start + rowsOfStatement);
}

/** Only this store writes the column, always from an entity of the kind that is asked for. */
function parse<K extends Kind>(json: string): Entities[K] {
  return JSON.parse(json) as Entities[K];
}

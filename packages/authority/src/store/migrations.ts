import { type Generated, type Kysely, type Migration, sql } from 'kysely';

/** The tables as Kysely knows them. */
export interface Tables {
  /** Every entity as JSON, in the order in which they were first put. */
  readonly entities: { ordinal: Generated<number>; kind: string; tenant_id: string; id: string; json: string };
  /** The fields by which entities are found. */
  readonly lookups: { ordinal: number; kind: string; tenant_id: string; field: string; value: string };
  readonly named_values: { name: string; value: string };
}

/** How the tables came to be what they are; one that was released is never changed again. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-directory': { up: createDirectory },
  '0002-password-credentials': { up: addPasswordCredentials },
  '0003-order': { up: indexOrder },
  '0004-service-principal-credentials': { up: addServicePrincipalCredentials },
};

/** Applications that were kept before there were client secrets have none. */
async function addPasswordCredentials(database: Kysely<unknown>): Promise<void> {
  await sql`
    update entities set json = json_set(json, '$.passwordCredentials', json('[]'))
    where kind = 'applications' and json_type(json, '$.passwordCredentials') is null
  `.execute(database);
}

// Kysely hands a migration the database as it is at that point, so nothing is known of its tables.
async function createDirectory(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('entities')
    .addColumn('ordinal', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('json', 'text', (column) => column.notNull())
    .addUniqueConstraint('entities_by_id', ['kind', 'tenant_id', 'id'])
    .execute();
  await database.schema
    .createTable('lookups')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('field', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('ordinal', 'integer', (column) => column.notNull().references('entities.ordinal'))
    .addPrimaryKeyConstraint('lookups_key', ['kind', 'tenant_id', 'field', 'value', 'ordinal'])
    .modifyEnd(sql`without rowid`)
    .execute();
  await database.schema.createIndex('lookups_of_entity').on('lookups').column('ordinal').execute();
  await database.schema
    .createTable('named_values')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
}

/** A page of one kind is read from an index, however much of other kinds stands between. */
async function indexOrder(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createIndex('entities_in_order')
    .on('entities')
    .columns(['kind', 'tenant_id', 'ordinal'])
    .execute();
}

/** Service principals that were kept before they had credentials have none. */
async function addServicePrincipalCredentials(database: Kysely<unknown>): Promise<void> {
  await sql`
    update entities set json = json_set(json, '$.keyCredentials', json('[]'), '$.passwordCredentials', json('[]'))
    where kind = 'servicePrincipals' and json_type(json, '$.keyCredentials') is null
  `.execute(database);
}

/** Versioned changes to the tables, applied once each, in order, by whichever process starts first. */
import { randomUUID } from 'node:crypto';
import { type CreateTableBuilder, type Kysely, sql } from 'kysely';
import { ConfigurationError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Database } from './schema.ts';
import type { Engine } from './sql.ts';

/** One step; its version is its 1-based place in the list. Steps are never edited once released, only added. */
export interface Migration {
  readonly name: string;
  up(db: Kysely<Database>, engine: Engine['name']): Promise<void>;
}

/** Every version of the tables that this handoff knows. */
export const MIGRATIONS: readonly Migration[] = [{ name: 'tables', up: createTables }];

/**
 * Brings the store to the newest version in one transaction; several processes may start at once. Throws
 * ConfigurationError, and changes nothing, when the store was left by a newer handoff.
 */
export async function migrate(
  engine: Engine,
  clock: Clock,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await engine.write(async (db) => {
    await engine.lockForMigration(db);
    await createMigrationTable(db);
    const newest = await db
      .selectFrom('migration')
      .select((eb) => eb.fn.max('version').as('version'))
      .executeTakeFirst();
    const found = newest?.version ?? 0;
    if (found > migrations.length) throw newerStore(engine.place, found, migrations.length);
    for (const [index, migration] of migrations.entries()) {
      const version = index + 1;
      if (version <= found) continue;
      await migration.up(db, engine.name);
      const row = { version, name: migration.name, applied_at: clock.now() };
      await db.insertInto('migration').values(row).execute();
    }
  });
}

function newerStore(place: string, found: number, known: number): ConfigurationError {
  return new ConfigurationError(
    `The store in ${place} has version ${found}, and this handoff knows versions up to ${known}: ` +
      'upgrade handoff. Nothing was changed.',
  );
}

async function createMigrationTable(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('migration')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
}

type Columns = Readonly<Record<string, string>>;

/** `text!` is text that may not be null. `clustered` tables have short rows and live in their key. */
interface TableShape {
  readonly columns: Columns;
  readonly key: readonly string[];
  readonly clustered?: boolean;
}

const CONTACT_KEY = { portal: 'text!', id: 'bigint!' };

const TABLES: Readonly<Record<string, TableShape>> = {
  portal: {
    columns: {
      name: 'text!',
      portal_id: 'text',
      cursor: 'bigint',
      last_full_at: 'bigint',
      fingerprint: 'text',
    },
    key: ['name'],
  },
  contact: {
    columns: {
      ...CONTACT_KEY,
      updated_at: 'bigint!',
      seen_modified_at: 'bigint',
      archived: 'smallint!',
      status: 'text',
      direct_sql_at: 'bigint',
      first_sql_at: 'bigint',
      flags: 'text!',
      fit: 'smallint',
      changes_at: 'bigint',
      truncated: 'smallint!',
      merged_ids: 'text!',
      properties: 'text!',
      carried: 'text!',
      history: 'text!',
    },
    key: ['portal', 'id'],
  },
  pass: {
    columns: {
      portal: 'text!',
      contact_id: 'bigint!',
      number: 'integer!',
      opened_at: 'bigint!',
      accepted_at: 'bigint',
      decided_at: 'bigint',
      outcome: 'text!',
      implied_sql: 'smallint!',
      instant: 'smallint!',
      cleared: 'smallint!',
      imported: 'smallint!',
      business_ms: 'bigint',
      sla_rule: 'text',
      sla_version: 'text',
      sla_promise: 'text',
      sla_due_at: 'bigint',
      sla_due_soon_at: 'bigint',
      sla_stopped_at: 'bigint',
      sla_status: 'text',
    },
    key: ['portal', 'contact_id', 'number'],
    clustered: true,
  },
  seen: { columns: { ...CONTACT_KEY, run: 'text!' }, key: ['portal', 'id', 'run'], clustered: true },
  failure: {
    columns: {
      ...CONTACT_KEY,
      code: 'text!',
      reason: 'text!',
      failed_at: 'bigint!',
      attempts: 'integer!',
    },
    key: ['portal', 'id'],
  },
  run: {
    columns: {
      id: 'text!',
      portal: 'text!',
      mode: 'text!',
      state: 'text!',
      searched: 'smallint!',
      started_at: 'bigint!',
      finished_at: 'bigint',
      touched_at: 'bigint!',
      window_from: 'bigint',
      window_to: 'bigint!',
      after: 'text',
      fingerprint: 'text!',
      counts: 'text!',
      next_seq: 'integer!',
      batches_done: 'integer!',
      batches_pending: 'integer!',
      stopped_code: 'text',
      stopped_message: 'text',
    },
    key: ['id'],
  },
  batch: { columns: { run: 'text!', seq: 'integer!', ids: 'text!' }, key: ['run', 'seq'] },
  state: {
    columns: { portal: 'text!', key: 'text!', value: 'text!' },
    key: ['portal', 'key'],
    clustered: true,
  },
};

/** Where the name of this store stands, by which its queue is told from those of other stores on the same Redis. */
export const INSTALLATION = { portal: '', key: 'installation' } as const;

async function createTables(db: Kysely<Database>, engine: Engine['name']): Promise<void> {
  for (const [name, shape] of Object.entries(TABLES)) await createTable(db, engine, name, shape);
  await db
    .insertInto('state')
    .values({ ...INSTALLATION, value: randomUUID() })
    .execute();
  await db.schema
    .createIndex('contact_due')
    .on('contact')
    .columns(['portal', 'changes_at', 'id'])
    .where(sql.ref('changes_at'), 'is not', null)
    .where(sql.ref('archived'), '=', sql.lit(0))
    .execute();
  // Holds all that counting and looking for unseen contacts need, so that neither reads histories.
  await db.schema
    .createIndex('contact_live')
    .on('contact')
    .columns(['portal', 'id', 'status', 'flags'])
    .where(sql.ref('archived'), '=', sql.lit(0))
    .execute();
  // Promises whose clock runs, by due time: what is overdue at a given moment.
  await db.schema
    .createIndex('pass_running')
    .on('pass')
    .columns(['portal', 'sla_due_at'])
    .where(sql.ref('sla_stopped_at'), 'is', null)
    .where(sql.ref('sla_due_at'), 'is not', null)
    .execute();
  await db.schema
    .createIndex('run_unfinished')
    .unique()
    .on('run')
    .column('portal')
    .where(sql.ref('state'), '<>', sql.lit('done'))
    .execute();
  await db.schema.createIndex('run_finished').on('run').columns(['portal', 'finished_at']).execute();
}

async function createTable(
  db: Kysely<Database>,
  engine: Engine['name'],
  name: string,
  { columns, key, clustered }: TableShape,
): Promise<void> {
  let table: CreateTableBuilder<string, string> = db.schema.createTable(name);
  for (const [column, type] of Object.entries(columns)) {
    const required = type.endsWith('!');
    table = table.addColumn(column, sql.raw(required ? type.slice(0, -1) : type), (definition) =>
      required ? definition.notNull() : definition,
    );
  }
  table = table.addPrimaryKeyConstraint(`${name}_key`, [...key]);
  if (clustered && engine === 'sqlite') table = table.modifyEnd(sql`without rowid`);
  await table.execute();
}

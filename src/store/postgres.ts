/** Opens the PostgreSQL store named by a URL. */
import { Kysely, sql } from 'kysely';
import { Pool, types } from 'pg';
import { ConfigurationError, UnavailableError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { isSqlState, postgresDialect } from './postgres-driver.ts';
import type { Database } from './schema.ts';
import { type Engine, transactions } from './sql.ts';

const DEFAULT_SCHEMA = 'handoff';
const CONNECT_MS = 5_000;
const POOL_SIZE = 10;
/** A frozen worker keeps its locks no longer than this, ms. */
const IDLE_IN_TRANSACTION_MS = 60_000;

/** A connection string, taken apart. `place` is for messages and holds no secret. */
interface Target {
  readonly connectionString: string;
  readonly schema: string;
  readonly place: string;
}

/** A pool of connections; nothing is contacted before the first query. Throws ConfigurationError for a malformed URL. */
export function openPostgres(databaseUrl: string, log: Logger): Engine {
  const target = readUrl(databaseUrl);
  const pool = new Pool({
    connectionString: target.connectionString,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    application_name: 'handoff',
    types: { getTypeParser },
  });
  const translate = (error: unknown) => explain(error, target.place);
  pool.on('error', (error) => log.warn({ err: translate(error) }, 'idle database connection lost'));
  const root = new Kysely<Database>({ dialect: postgresDialect(pool, translate) });
  const db = root.withSchema(target.schema);
  return {
    name: 'postgres',
    place: target.place,
    db,
    ...transactions(db),
    lockForMigration: (db) => lockForMigration(db, target.schema),
    close: () => root.destroy(),
  };
}

/** Eight-byte integers are instants and counts here; contact ids are selected as text. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
  return oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format as 'text');
}

function readUrl(databaseUrl: string): Target {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : null;
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw new ConfigurationError(
      'DATABASE_URL is not a PostgreSQL address: postgresql://user:password@host:5432/database is expected.',
    );
  }
  const schema = url.searchParams.get('schema') ?? DEFAULT_SCHEMA;
  url.searchParams.delete('schema');
  const host = url.searchParams.get('host') ?? url.hostname;
  const place = `PostgreSQL at ${host || 'localhost'}:${url.port || '5432'}, database ${url.pathname.slice(1) || url.username}`;
  return { connectionString: url.href, schema, place };
}

/** `create schema` asks for rights even where there is nothing to create. */
async function lockForMigration(db: Kysely<Database>, schema: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext(${`handoff ${schema}`}))`.execute(db);
  const { rows } = await sql`select 1 from pg_namespace where nspname = ${schema}`.execute(db);
  if (rows.length === 0) await db.schema.createSchema(schema).execute();
}

/** PostgreSQL's errors in a user's words (postgresql.org/docs/current/errcodes-appendix.html); anything else as it is. */
function explain(error: unknown, place: string): unknown {
  const { code, message } = error as { code?: unknown; message?: string };
  const details = { cause: error };
  if (!isSqlState(code)) {
    return new UnavailableError(`${place} cannot be reached (${message ?? 'no answer'}).`, details);
  }
  switch (code) {
    case '28P01':
    case '28000':
      return new ConfigurationError(`${place} refuses the user or password: check DATABASE_URL.`, details);
    case '3D000':
      return new ConfigurationError(`${place} does not exist: create it, or check DATABASE_URL.`, details);
    case '42501':
      return new ConfigurationError(
        `${place} does not let this user create or use the tables: grant it CREATE on the database.`,
        details,
      );
    case '53100':
      return new UnavailableError(
        `${place} has no space left: free some and start again; nothing was lost.`,
        details,
      );
    default:
      // 08: connection, 53: resources, 57: shutdown or starting up.
      if (!/^(08|53|57)/.test(code)) return error;
      return new UnavailableError(`${place} does not take queries now (${message}).`, details);
  }
}

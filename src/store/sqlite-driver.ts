/** Kysely over `node:sqlite`: one connection, taken in turns, so that transactions of one process never mix. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from 'kysely';

const STATEMENTS_KEPT = 200;

/** How long a statement waits for another connection's transaction, and the longest pause in between, ms. */
export const BUSY_MS = 10_000;
const LONGEST_PAUSE_MS = 25;

/** SQLITE_BUSY (sqlite.org/rescode.html). */
export const BUSY = 5;

/** The primary result code of SQLite behind an error; null when it is none of SQLite's. */
export function resultCode(error: unknown): number | null {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? code & 0xff : null;
}

/**
 * Tries again while another connection holds the lock. SQLite's own waiting would stop this whole process, and for ever
 * when the other connection is its own. Throws SQLite's error after `busyMs`.
 */
export async function whenFree<T>(attempt: () => T, busyMs: number = BUSY_MS): Promise<T> {
  let pauseMs = 1;
  for (let waited = 0; ; waited += pauseMs) {
    try {
      return attempt();
    } catch (error) {
      if (resultCode(error) !== BUSY || waited >= busyMs) throw error;
      await pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }
}

/** A dialect for this open database. `translate` turns engine errors into those of `errors.ts`. */
export function sqliteDialect(database: DatabaseSync, translate: (error: unknown) => unknown): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(database, translate),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class SqliteDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #connection: SqliteConnection;
  #lastTurn: Promise<void> = Promise.resolve();
  #endTurn: () => void = () => {};

  constructor(database: DatabaseSync, translate: (error: unknown) => unknown) {
    this.#database = database;
    this.#connection = new SqliteConnection(database, translate);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#lastTurn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastTurn = promise;
    await before;
    this.#endTurn = resolve;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#endTurn();
  }

  /** A writer takes its lock at once: two that had both begun reading could not both go on to write. */
  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const begin = settings.accessMode === 'read only' ? 'begin' : 'begin immediate';
    await connection.executeQuery(CompiledQuery.raw(begin));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  /** SQLite rolls back by itself on a full disk and some other errors. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.isTransaction) await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async destroy(): Promise<void> {
    await this.#lastTurn;
    this.#database.close();
  }
}

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #translate: (error: unknown) => unknown;
  readonly #statements = new Map<string, Prepared>();

  constructor(database: DatabaseSync, translate: (error: unknown) => unknown) {
    this.#database = database;
    this.#translate = translate;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      return await whenFree(() => this.#execute<Row>(sql, parameters as readonly SQLInputValue[]));
    } catch (error) {
      throw this.#translate(error);
    }
  }

  #execute<Row>(sql: string, parameters: readonly SQLInputValue[]): QueryResult<Row> {
    const { statement, returnsRows } = this.#prepare(sql);
    if (returnsRows) return { rows: statement.all(...parameters) as Row[] };
    const { changes } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }

  // biome-ignore lint/correctness/useYield: Kysely asks for the method; the store reads in pages instead.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('This driver does not stream.');
  }

  /** Statements are kept by their text, the longest unused one goes first. */
  #prepare(sql: string): Prepared {
    const kept = this.#statements.get(sql);
    this.#statements.delete(sql);
    const prepared = kept ?? this.#prepareAnew(sql);
    this.#statements.set(sql, prepared);
    if (this.#statements.size > STATEMENTS_KEPT) {
      for (const oldest of this.#statements.keys()) {
        this.#statements.delete(oldest);
        break;
      }
    }
    return prepared;
  }

  #prepareAnew(sql: string): Prepared {
    const statement = this.#database.prepare(sql);
    return { statement, returnsRows: statement.columns().length > 0 };
  }
}

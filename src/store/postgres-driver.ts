/** Kysely over a `pg` pool. Kysely's own driver keeps broken connections and has no place to translate errors. */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import type { Pool, PoolClient } from 'pg';

/** A dialect for this pool. `translate` turns engine errors into those of `errors.ts`. */
export function postgresDialect(pool: Pool, translate: (error: unknown) => unknown): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PostgresDriver(pool, translate),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

class PostgresDriver implements Driver {
  readonly #pool: Pool;
  readonly #translate: (error: unknown) => unknown;

  constructor(pool: Pool, translate: (error: unknown) => unknown) {
    this.#pool = pool;
    this.#translate = translate;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PostgresConnection> {
    try {
      return new PostgresConnection(await this.#pool.connect(), this.#translate);
    } catch (error) {
      throw this.#translate(error);
    }
  }

  async releaseConnection(connection: PostgresConnection): Promise<void> {
    connection.release();
  }

  async beginTransaction(connection: PostgresConnection, settings: TransactionSettings): Promise<void> {
    const level = settings.isolationLevel ? ` isolation level ${settings.isolationLevel}` : '';
    const access = settings.accessMode ? ` ${settings.accessMode}` : '';
    await connection.executeQuery(CompiledQuery.raw(`begin${level}${access}`));
  }

  async commitTransaction(connection: PostgresConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  /** A connection that broke has nothing left to roll back. */
  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    if (!connection.broken) await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

class PostgresConnection implements DatabaseConnection {
  readonly #client: PoolClient;
  readonly #translate: (error: unknown) => unknown;
  readonly #onError = () => {
    this.broken = true;
  };
  broken = false;

  constructor(client: PoolClient, translate: (error: unknown) => unknown) {
    this.#client = client;
    this.#translate = translate;
    client.on('error', this.#onError);
  }

  /** A broken connection leaves the pool. */
  release(): void {
    this.#client.off('error', this.#onError);
    this.#client.release(this.broken);
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const { rows, rowCount } = await this.#client.query(sql, [...parameters]);
      return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
    } catch (error) {
      // Without a SQLSTATE the server said nothing; after a FATAL one it hung up.
      const { code, severity } = error as { code?: unknown; severity?: unknown };
      if (!isSqlState(code) || severity === 'FATAL') this.broken = true;
      throw this.#translate(error);
    }
  }

  // biome-ignore lint/correctness/useYield: Kysely asks for the method; the store reads in pages instead.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('This driver does not stream.');
  }
}

/** PostgreSQL's own error codes are five letters or digits; those of the network begin with an E. */
export function isSqlState(code: unknown): code is string {
  return typeof code === 'string' && /^[0-9A-DF-Z][0-9A-Z]{4}$/.test(code);
}

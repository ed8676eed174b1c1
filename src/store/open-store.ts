/** The fact store: SQLite in the data folder, or PostgreSQL, behind one port. */
import type { Logger } from '../log.ts';
import type { Clock, FactStore } from '../ports.ts';
import { contactMethods } from './contacts.ts';
import { migrate } from './migrations.ts';
import { streamMethods } from './passes.ts';
import { portalMethods } from './portals.ts';
import { openPostgres } from './postgres.ts';
import { runMethods } from './runs.ts';
import type { Engine } from './sql.ts';
import { openSqlite } from './sqlite.ts';

/** Where the store is, and what it works with. */
export interface StoreOptions {
  /** A PostgreSQL URL; `?schema=name` chooses the schema (default `handoff`). Absent: SQLite in `dataDir`. */
  readonly databaseUrl?: string | undefined;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Opens the store and brings its tables up to date. Throws ConfigurationError (folder, URL, rights, damaged file, store
 * of a newer handoff) or UnavailableError (disk full, server not reachable), within a few seconds.
 */
export async function openStore({ databaseUrl, dataDir, clock, log }: StoreOptions): Promise<FactStore> {
  const engine = databaseUrl === undefined ? await openSqlite(dataDir) : openPostgres(databaseUrl, log);
  try {
    await migrate(engine, clock);
  } catch (error) {
    await engine.close();
    throw error;
  }
  log.debug({ engine: engine.name, place: engine.place }, 'store opened');
  return storeOn(engine);
}

/** The port over an engine whose tables are up to date. */
export function storeOn(engine: Engine): FactStore {
  return {
    ...portalMethods(engine),
    ...contactMethods(engine),
    ...runMethods(engine),
    ...streamMethods(engine),
    close: () => engine.close(),
  };
}

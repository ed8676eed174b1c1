/** Opens the SQLite file of a data folder. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { ConfigurationError, UnavailableError } from '../errors.ts';
import { prepareFolder } from './data-folder.ts';
import type { Database } from './schema.ts';
import { type Engine, transactions } from './sql.ts';
import { BUSY, BUSY_MS, resultCode, sqliteDialect, whenFree } from './sqlite-driver.ts';

/** SQLite's primary result codes (sqlite.org/rescode.html). */
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** The name of the store's file in the data folder. */
export const SQLITE_FILE = 'handoff.sqlite';

/**
 * Opens the store's file, creating folder and file where needed. Throws ConfigurationError when they cannot be created,
 * written or read, UnavailableError when the disk is full or another process keeps the file locked.
 */
export async function openSqlite(dataDir: string): Promise<Engine> {
  await prepareFolder(dataDir);
  const file = join(dataDir, SQLITE_FILE);
  const translate = (error: unknown) => explain(error, file, dataDir);
  try {
    const database = new DatabaseSync(file, { timeout: 0 });
    try {
      await prepare(database);
    } catch (error) {
      database.close();
      throw error;
    }
    return sqliteEngine(database, file, translate);
  } catch (error) {
    throw translate(error);
  }
}

function sqliteEngine(database: DatabaseSync, file: string, translate: (error: unknown) => unknown): Engine {
  const db = new Kysely<Database>({ dialect: sqliteDialect(database, translate) });
  return {
    name: 'sqlite',
    place: file,
    db,
    ...transactions(db),
    // The transaction itself holds the file's only write lock.
    lockForMigration: async () => {},
    close: () => db.destroy(),
  };
}

async function prepare(database: DatabaseSync): Promise<void> {
  await whenFree(() => database.exec('PRAGMA journal_mode = WAL'));
  database.exec('PRAGMA synchronous = NORMAL');
  // Forgotten contacts leave no readable bytes behind.
  database.exec('PRAGMA secure_delete = ON');
  database.exec('PRAGMA journal_size_limit = 67108864');
  database.exec('PRAGMA cache_size = -32000');
}

/** SQLite's errors in a user's words; anything else as it is. */
function explain(error: unknown, file: string, dataDir: string): unknown {
  const said = error instanceof Error ? error.message : '';
  switch (resultCode(error)) {
    case FULL:
      return new UnavailableError(
        `No space left in ${dataDir}: free some and start again; nothing was lost.`,
        { cause: error },
      );
    case IOERR:
      return new UnavailableError(`The disk refused to read or write ${file} (${said}).`, { cause: error });
    case BUSY:
      return new UnavailableError(
        `Another process has kept ${file} locked for more than ${BUSY_MS / 1000} seconds.`,
        { cause: error },
      );
    case CORRUPT:
    case NOTADB:
      return new ConfigurationError(
        `${file} is damaged or is no SQLite database (${said}): restore it from a backup, or move it away ` +
          'and run a full sync, which builds it anew from what HubSpot still has.',
        { cause: error },
      );
    case READONLY:
    case CANTOPEN:
      return new ConfigurationError(
        `${file} cannot be opened for writing (${said}): check its owner and rights, or set HANDOFF_DATA_DIR ` +
          'to a folder that can be written.',
        { cause: error },
      );
    default:
      return error;
  }
}

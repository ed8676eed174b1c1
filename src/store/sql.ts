/** What the queries need of an engine, and the small helpers they share. */
import type { Kysely } from 'kysely';
import { ConfigurationError, UnavailableError } from '../errors.ts';
import type { Database } from './schema.ts';

const ROWS_AT_A_TIME = 500;
const TRIES = 5;
/** PostgreSQL's deadlock_detected and serialization_failure: the same transaction succeeds when tried again. */
const TRY_AGAIN = ['40P01', '40001'];
const LARGEST_ID = 2n ** 63n - 1n;

/** SQLite or PostgreSQL, opened. */
export interface Engine {
  readonly name: 'sqlite' | 'postgres';
  /** The file, or host and database; never a password. */
  readonly place: string;
  readonly db: Kysely<Database>;
  /** One transaction that writes: all or nothing. May be run again after a deadlock. */
  write<T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T>;
  /** Several queries that see one state of the store. */
  read<T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T>;
  /** Inside a writing transaction: makes other starting processes wait, and creates what the tables live in. */
  lockForMigration(db: Kysely<Database>): Promise<void>;
  close(): Promise<void>;
}

/** The transactions of an engine over its Kysely instance. */
export function transactions(db: Kysely<Database>): Pick<Engine, 'write' | 'read'> {
  return {
    async write(work) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await db.transaction().execute(work);
        } catch (error) {
          if (!TRY_AGAIN.includes((error as { code?: string }).code ?? '')) throw error;
          if (attempt < TRIES) continue;
          throw new UnavailableError('The database kept cancelling a transaction in favour of others.', {
            cause: error,
          });
        }
      }
    },
    read: (work) =>
      db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work),
  };
}

/** The number a contact id is kept under. Throws ConfigurationError for anything but a positive whole number below 2^63. */
export function keyOf(id: string): bigint {
  const key = readKey(id);
  if (key !== null) return key;
  throw new ConfigurationError(`"${id}" is not a contact id: HubSpot's are whole numbers.`);
}

/** The same for ids to look for: what cannot be an id cannot be remembered either, and is left out. */
export function keysOf(ids: readonly string[]): bigint[] {
  const keys: bigint[] = [];
  for (const id of new Set(ids)) {
    const key = readKey(id);
    if (key !== null) keys.push(key);
  }
  return keys;
}

function readKey(id: string): bigint | null {
  if (!/^(0|[1-9]\d{0,18})$/.test(id)) return null;
  const key = BigInt(id);
  return key <= LARGEST_ID ? key : null;
}

/** Parts small enough for one statement. */
export function inParts<T>(items: readonly T[], size: number = ROWS_AT_A_TIME): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}

/** Text as both engines take it: PostgreSQL refuses NUL characters. */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '');
}

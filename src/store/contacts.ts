/** Remembered contacts: saving, finding and forgetting them. */
import { type Kysely, sql } from 'kysely';
import type { FactStore, Failure, SavedContact } from '../ports.ts';
import { passesOf } from './passes.ts';
import { fail } from './portals.ts';
import { CONTACT_COLUMNS, contactRow, passRow, storedContact } from './rows.ts';
import type { ContactTable, Database } from './schema.ts';
import { type Engine, inParts, keyOf, keysOf } from './sql.ts';

type Db = Kysely<Database>;

const SAVED_AT_A_TIME = 100;

type ContactMethods = Pick<FactStore, 'contacts' | 'seen' | 'save' | 'archive' | 'forget' | 'due' | 'ids'>;

/** The store's methods about single contacts. */
export function contactMethods(engine: Engine): ContactMethods {
  const { db } = engine;
  return {
    contacts: (portal, ids) => engine.read((db) => readContacts(db, portal, keysOf(ids))),
    seen: (portal, ids) => readSeen(db, portal, keysOf(ids)),
    save: (portal, saved, failed = []) => engine.write((db) => save(db, portal, saved, failed)),
    archive: (portal, ids, archived) => engine.write((db) => archive(db, portal, keysOf(ids), archived)),
    forget: (portal, ids) => engine.write((db) => forget(db, portal, keysOf(ids))),
    due: (portal, now, limit) =>
      db
        .selectFrom('contact')
        .select((eb) => [
          eb.cast<string>('id', 'text').as('id'),
          eb.ref('changes_at').$notNull().as('changesAt'),
        ])
        .where('portal', '=', portal)
        .where('archived', '=', sql.lit(0))
        .where('changes_at', '<=', now)
        .orderBy('changes_at')
        .orderBy('contact.id')
        .limit(limit)
        .execute(),
    async ids(portal, after, limit) {
      const rows = await db
        .selectFrom('contact')
        .select((eb) => eb.cast<string>('id', 'text').as('contactId'))
        .where('portal', '=', portal)
        .where('id', '>', after === null ? -1n : keyOf(after))
        .orderBy('contact.id')
        .limit(limit)
        .execute();
      return rows.map((row) => row.contactId);
    },
  };
}

async function readContacts(db: Db, portal: string, keys: readonly bigint[]) {
  const contacts = new Map<string, ReturnType<typeof storedContact>>();
  for (const part of inParts(keys)) {
    const rows = await db
      .selectFrom('contact')
      .select(CONTACT_COLUMNS)
      .select((eb) => eb.cast<string>('id', 'text').as('contactId'))
      .where('portal', '=', portal)
      .where('id', 'in', part)
      .execute();
    const passes = await passesOf(db, portal, (query) => query.where('contact_id', 'in', part));
    for (const row of rows) {
      contacts.set(row.contactId, storedContact(row, passes.get(row.contactId) ?? []));
    }
  }
  return contacts;
}

/** An archived contact that HubSpot shows again is always news. */
async function readSeen(db: Db, portal: string, keys: readonly bigint[]) {
  const seen = new Map<string, number>();
  for (const part of inParts(keys)) {
    const rows = await db
      .selectFrom('contact')
      .select((eb) => [eb.cast<string>('id', 'text').as('contactId'), 'seen_modified_at'])
      .where('portal', '=', portal)
      .where('id', 'in', part)
      .where('archived', '=', 0)
      .execute();
    for (const row of rows) {
      if (row.seen_modified_at !== null) seen.set(row.contactId, row.seen_modified_at);
    }
  }
  return seen;
}

async function save(
  db: Db,
  portal: string,
  saved: readonly SavedContact[],
  failed: readonly Omit<Failure, 'attempts'>[],
): Promise<void> {
  const stillFailing = new Set(keysOf(failed.map(({ id }) => id)));
  const absorbed = keysOf(
    saved.flatMap(({ contact }) => contact.mergedIds.filter((id) => id !== contact.id)),
  );
  for (const part of inParts(lastOfEach(saved), SAVED_AT_A_TIME)) {
    const keys = part.map(({ contact }) => keyOf(contact.id));
    await upsertContacts(
      db,
      part.map((one) => contactRow(portal, one)),
    );
    await deleteFrom(db, 'pass', portal, keys);
    const passes = part.flatMap(({ contact, facts }) =>
      facts.passes.map((pass) => passRow(portal, contact.id, pass)),
    );
    for (const rows of inParts(passes)) await db.insertInto('pass').values(rows).execute();
    await deleteFrom(
      db,
      'failure',
      portal,
      keys.filter((key) => !stillFailing.has(key)),
    );
  }
  if (failed.length > 0) await fail(db, portal, failed);
  for (const table of ['contact', 'pass', 'failure'] as const) await deleteFrom(db, table, portal, absorbed);
}

/** In ascending order, so that two processes saving the same contacts wait for each other instead of deadlocking. */
function lastOfEach(saved: readonly SavedContact[]): SavedContact[] {
  const byKey = new Map(saved.map((one) => [keyOf(one.contact.id), one]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

const REPLACED = [
  ...CONTACT_COLUMNS,
  'seen_modified_at',
  'direct_sql_at',
  'first_sql_at',
  'flags',
  'fit',
  'changes_at',
] as const satisfies readonly Exclude<keyof ContactTable, 'portal' | 'id'>[];

async function upsertContacts(db: Db, rows: readonly ContactTable[]): Promise<void> {
  await db
    .insertInto('contact')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['portal', 'id'])
        .doUpdateSet((eb) =>
          Object.fromEntries(REPLACED.map((column) => [column, eb.ref(`excluded.${column}`)])),
        ),
    )
    .execute();
}

async function archive(db: Db, portal: string, keys: readonly bigint[], archived: boolean): Promise<void> {
  for (const part of inParts(keys)) {
    await db
      .updateTable('contact')
      .set({ archived: archived ? 1 : 0 })
      .where('portal', '=', portal)
      .where('id', 'in', part)
      .execute();
  }
  if (archived) await deleteFrom(db, 'failure', portal, keys);
}

async function forget(db: Db, portal: string, keys: readonly bigint[]): Promise<void> {
  for (const table of ['contact', 'pass', 'failure', 'seen'] as const)
    await deleteFrom(db, table, portal, keys);
}

async function deleteFrom(
  db: Db,
  table: 'contact' | 'pass' | 'failure' | 'seen',
  portal: string,
  keys: readonly bigint[],
): Promise<void> {
  for (const part of inParts(keys)) {
    if (table === 'pass') {
      await db.deleteFrom(table).where('portal', '=', portal).where('contact_id', 'in', part).execute();
    } else {
      await db.deleteFrom(table).where('portal', '=', portal).where('id', 'in', part).execute();
    }
  }
}

/** Passes and whole contacts, streamed in pages: memory stays flat however many there are. */
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { Pass } from '../domain/types.ts';
import type { FactStore, OverduePass, PassRow, StoredContact } from '../ports.ts';
import { CONTACT_COLUMNS, PASS_COLUMNS, readFlags, readPass, readProperties, storedContact } from './rows.ts';
import type { Database } from './schema.ts';
import { type Engine, keyOf } from './sql.ts';

type Db = Kysely<Database>;

const CONTACTS_A_PAGE = 1_000;
const NO_PROPERTIES: Readonly<Record<string, string>> = {};

/** The store's methods that read everything of a portal. */
export function streamMethods(
  engine: Engine,
): Pick<FactStore, 'passRows' | 'overdue' | 'storedContacts' | 'contactCounts'> {
  return {
    passRows: (portal, options) => passRows(engine, portal, options?.properties ?? true),
    overdue: (portal, now) => engine.read((db) => overdue(db, portal, now)),
    storedContacts: (portal) => storedContacts(engine, portal),
    contactCounts: (portal) => contactCounts(engine.db, portal),
  };
}

/** Passes by contact id, each contact's in their order. `only` narrows down whose. */
export async function passesOf(
  db: Db,
  portal: string,
  only: <O>(query: SelectQueryBuilder<Database, 'pass', O>) => SelectQueryBuilder<Database, 'pass', O>,
): Promise<ReadonlyMap<string, Pass[]>> {
  const query = db
    .selectFrom('pass')
    .select(PASS_COLUMNS)
    .select((eb) => eb.cast<string>('contact_id', 'text').as('contactId'))
    .where('portal', '=', portal)
    .orderBy('pass.contact_id')
    .orderBy('number');
  const passes = new Map<string, Pass[]>();
  for (const row of await only(query).execute()) {
    const ofContact = passes.get(row.contactId);
    if (ofContact) ofContact.push(readPass(row));
    else passes.set(row.contactId, [readPass(row)]);
  }
  return passes;
}

async function* passRows(engine: Engine, portal: string, properties: boolean): AsyncGenerator<PassRow> {
  const columns = properties
    ? (['status', 'fit', 'flags', 'properties'] as const)
    : (['status', 'fit', 'flags'] as const);
  const pages = pagesOf((after) =>
    engine.read(async (db) => {
      const contacts = await livePage(db, portal, after).select(columns).execute();
      return { contacts, passes: await passesWithin(db, portal, contacts) };
    }),
  );
  for await (const { contacts, passes } of pages) {
    for (const contact of contacts) {
      const ofContact = passes.get(contact.contactId);
      if (ofContact === undefined) continue;
      const shared = {
        contactId: contact.contactId,
        status: contact.status,
        fit: contact.fit === null ? null : contact.fit === 1,
        flags: readFlags(contact.flags),
        properties: contact.properties === undefined ? NO_PROPERTIES : readProperties(contact.properties),
      };
      for (const pass of ofContact) yield { ...shared, pass, latest: pass === ofContact.at(-1) };
    }
  }
}

async function overdue(db: Db, portal: string, now: number): Promise<OverduePass[]> {
  const rows = await db
    .selectFrom('pass')
    .innerJoin('contact', (join) =>
      join.onRef('contact.portal', '=', 'pass.portal').onRef('contact.id', '=', 'pass.contact_id'),
    )
    .select((eb) => [
      eb.cast<string>('contact_id', 'text').as('contactId'),
      'number',
      'sla_rule',
      'sla_due_at',
    ])
    .where('pass.portal', '=', portal)
    .where('sla_stopped_at', 'is', null)
    .where('sla_due_at', '<', now)
    .where('contact.archived', '=', sql.lit(0))
    .orderBy('sla_due_at')
    .orderBy('pass.contact_id')
    .execute();
  return rows.map((row) => ({
    contactId: row.contactId,
    pass: row.number,
    rule: row.sla_rule ?? '',
    dueAt: row.sla_due_at ?? now,
  }));
}

async function* storedContacts(engine: Engine, portal: string): AsyncGenerator<StoredContact> {
  const pages = pagesOf((after) =>
    engine.read(async (db) => {
      const contacts = await livePage(db, portal, after).select(CONTACT_COLUMNS).execute();
      return { contacts, passes: await passesWithin(db, portal, contacts) };
    }),
  );
  for await (const { contacts, passes } of pages) {
    for (const row of contacts) yield storedContact(row, passes.get(row.contactId) ?? []);
  }
}

/** Page after page, each read in a snapshot of its own: a writer never waits for a report. */
async function* pagesOf<Page extends { readonly contacts: readonly { readonly contactId: string }[] }>(
  read: (after: bigint) => Promise<Page>,
): AsyncGenerator<Page> {
  let after = -1n;
  for (;;) {
    const page = await read(after);
    yield page;
    const last = page.contacts.at(-1);
    if (last === undefined || page.contacts.length < CONTACTS_A_PAGE) return;
    after = keyOf(last.contactId);
  }
}

function livePage(db: Db, portal: string, after: bigint) {
  return db
    .selectFrom('contact')
    .select((eb) => eb.cast<string>('id', 'text').as('contactId'))
    .where('portal', '=', portal)
    .where('archived', '=', sql.lit(0))
    .where('id', '>', after)
    .orderBy('contact.id')
    .limit(CONTACTS_A_PAGE);
}

async function passesWithin(
  db: Db,
  portal: string,
  contacts: readonly { readonly contactId: string }[],
): Promise<ReadonlyMap<string, Pass[]>> {
  const [first, last] = [contacts[0], contacts.at(-1)];
  if (first === undefined || last === undefined) return new Map();
  return passesOf(db, portal, (query) =>
    query.where('contact_id', '>=', keyOf(first.contactId)).where('contact_id', '<=', keyOf(last.contactId)),
  );
}

async function contactCounts(db: Db, portal: string) {
  const groups = await db
    .selectFrom('contact')
    .select((eb) => ['status', 'flags', eb.cast<number>(eb.fn.countAll(), 'integer').as('contacts')])
    .where('portal', '=', portal)
    .where('archived', '=', sql.lit(0))
    .where('status', 'is not', null)
    .groupBy(['status', 'flags'])
    .execute();
  const flags: Record<string, number> = {};
  let contacts = 0;
  let directSql = 0;
  for (const group of groups) {
    contacts += group.contacts;
    if (group.status === 'direct_sql') directSql += group.contacts;
    for (const flag of readFlags(group.flags)) flags[flag] = (flags[flag] ?? 0) + group.contacts;
  }
  return { contacts, directSql, flags };
}

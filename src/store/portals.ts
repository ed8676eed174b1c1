/** What is known of a portal as a whole, its refused contacts, and small named values. */
import type { Kysely } from 'kysely';
import type { FactStore, PortalState } from '../ports.ts';
import { INSTALLATION } from './migrations.ts';
import type { Database, PortalTable } from './schema.ts';
import { type Engine, inParts, keyOf, storable } from './sql.ts';

type Db = Kysely<Database>;

type PortalMethods = Pick<
  FactStore,
  'portal' | 'savePortal' | 'fail' | 'failures' | 'installation' | 'getState' | 'setState' | 'updateState'
>;

/** The store's methods about portals. */
export function portalMethods(engine: Engine): PortalMethods {
  const { db } = engine;
  return {
    portal: (name) => readPortal(db, name),
    savePortal: (name, change) => engine.write((db) => changePortal(db, name, change)),
    fail: (portal, failures) => engine.write((db) => fail(db, portal, failures)),
    failures: (portal) =>
      db
        .selectFrom('failure')
        .select((eb) => [
          eb.cast<string>('id', 'text').as('id'),
          'code',
          'reason',
          'failed_at as failedAt',
          'attempts',
        ])
        .where('portal', '=', portal)
        .orderBy('failure.id')
        .execute(),
    async installation() {
      const { portal, key } = INSTALLATION;
      const query = db
        .selectFrom('state')
        .select('value')
        .where('portal', '=', portal)
        .where('key', '=', key);
      return (await query.executeTakeFirstOrThrow()).value;
    },
    getState: (portal, key) => getState(db, portal, key),
    setState: (portal, key, value) => setState(db, portal, key, value),
    updateState: (portal, key, change) =>
      engine.write(async (db) => {
        // SQLite's transactions that write hold the only lock there is.
        const before = await (engine.name === 'sqlite' ? getState : lockState)(db, portal, key);
        const after = change(before);
        if (after === null || after !== before) await setState(db, portal, key, after);
        return after;
      }),
  };
}

async function readPortal(db: Db, name: string): Promise<PortalState> {
  const row = await db.selectFrom('portal').selectAll().where('name', '=', name).executeTakeFirst();
  return {
    portalId: row?.portal_id ?? null,
    cursor: row?.cursor ?? null,
    lastFullAt: row?.last_full_at ?? null,
    fingerprint: row?.fingerprint ?? null,
  };
}

/** Changes what is named and leaves the rest; inside a transaction of the caller. */
export async function changePortal(db: Db, name: string, change: Partial<PortalState>): Promise<void> {
  const columns: Partial<PortalTable> = {
    ...(change.portalId !== undefined && { portal_id: change.portalId }),
    ...(change.cursor !== undefined && { cursor: change.cursor }),
    ...(change.lastFullAt !== undefined && { last_full_at: change.lastFullAt }),
    ...(change.fingerprint !== undefined && { fingerprint: change.fingerprint }),
  };
  if (Object.keys(columns).length === 0) return;
  await db
    .insertInto('portal')
    .values({
      portal_id: null,
      cursor: null,
      last_full_at: null,
      fingerprint: null,
      ...columns,
      name,
    })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(columns))
    .execute();
}

/**
 * Keeps failures, counting attempts on; inside a transaction of the caller. In ascending order, so that two processes
 * never wait for each other crosswise.
 */
export async function fail(
  db: Db,
  portal: string,
  failures: Parameters<FactStore['fail']>[1],
): Promise<void> {
  const rows = new Map(failures.map((failure) => [keyOf(failure.id), failure]));
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const part of inParts(sorted)) {
    await db
      .insertInto('failure')
      .values(
        part.map(([id, { code, reason, failedAt }]) => ({
          portal,
          id,
          code,
          reason: storable(reason),
          failed_at: failedAt,
          attempts: 1,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['portal', 'id']).doUpdateSet((eb) => ({
          code: eb.ref('excluded.code'),
          reason: eb.ref('excluded.reason'),
          failed_at: eb.ref('excluded.failed_at'),
          attempts: eb('failure.attempts', '+', 1),
        })),
      )
      .execute();
  }
}

async function getState(db: Db, portal: string, key: string): Promise<string | null> {
  const row = await db
    .selectFrom('state')
    .select('value')
    .where('portal', '=', portal)
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.value ?? null;
}

/** The value, whose row is this transaction's until it ends; a row is put there first, for only a row can be locked. */
async function lockState(db: Db, portal: string, key: string): Promise<string | null> {
  for (;;) {
    const placed = await db
      .insertInto('state')
      .values({ portal, key, value: '' })
      .onConflict((conflict) => conflict.columns(['portal', 'key']).doNothing())
      .executeTakeFirstOrThrow();
    if (placed.numInsertedOrUpdatedRows === 1n) return null;
    const row = await db
      .selectFrom('state')
      .select('value')
      .where('portal', '=', portal)
      .where('key', '=', key)
      .forUpdate()
      .executeTakeFirst();
    // Gone again: another transaction removed it in between.
    if (row !== undefined) return row.value;
  }
}

async function setState(db: Db, portal: string, key: string, value: string | null): Promise<void> {
  if (value === null) {
    await db.deleteFrom('state').where('portal', '=', portal).where('key', '=', key).execute();
    return;
  }
  const kept = storable(value);
  await db
    .insertInto('state')
    .values({ portal, key, value: kept })
    .onConflict((conflict) => conflict.columns(['portal', 'key']).doUpdateSet({ value: kept }))
    .execute();
}

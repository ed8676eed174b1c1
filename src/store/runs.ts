/** The ledger of runs: what was found, what is left to do, and who finished. */
import { type Kysely, sql } from 'kysely';
import { ConfigurationError } from '../errors.ts';
import type { Batch, FactStore, Run } from '../ports.ts';
import { changePortal } from './portals.ts';
import { addCounts, newRunRow, readRun } from './run-rows.ts';
import type { BatchTable, Database } from './schema.ts';
import { type Engine, inParts, keysOf, storable } from './sql.ts';

type Db = Kysely<Database>;

/** Finished runs are kept this long, ms: 90 days. */
const KEPT_MS = 90 * 24 * 3_600_000;

type RunMethods = Pick<
  FactStore,
  | 'startRun'
  | 'run'
  | 'unfinishedRun'
  | 'lastRun'
  | 'addBatches'
  | 'pendingBatches'
  | 'batch'
  | 'finishBatch'
  | 'tryFinishRun'
  | 'interruptRun'
  | 'resumeRun'
  | 'addCalls'
  | 'markSeen'
  | 'unseenBy'
>;

/** The store's methods about runs. */
export function runMethods(engine: Engine): RunMethods {
  const { db } = engine;
  return {
    startRun: (run) => engine.write((db) => startRun(db, run)),
    run: (id) => findRun(db, id),
    unfinishedRun: (portal) => unfinishedRun(db, portal),
    lastRun: (portal) => lastRun(db, portal),
    addBatches: (run, batches, progress) => engine.write((db) => addBatches(db, run, batches, progress)),
    async pendingBatches(run, limit, afterSeq) {
      const rows = await batchesOf(db, run).where('seq', '>', afterSeq).orderBy('seq').limit(limit).execute();
      return rows.map(readBatch);
    },
    async batch(run, seq) {
      const row = await batchesOf(db, run).where('seq', '=', seq).executeTakeFirst();
      return row === undefined ? null : readBatch(row);
    },
    finishBatch: (run, seq, counts, touchedAt) =>
      engine.write((db) => finishBatch(db, run, seq, counts, touchedAt)),
    tryFinishRun: (run, now, change) => engine.write((db) => tryFinishRun(db, run, now, change)),
    interruptRun: (run, by, now) => engine.write((db) => interruptRun(db, run, by, now)),
    resumeRun: (run, now) => engine.write((db) => resumeRun(db, run, now)),
    addCalls: (run, calls) => engine.write((db) => addCalls(db, run, calls)),
    markSeen: (portal, run, ids) => engine.write((db) => markSeen(db, portal, run, ids)),
    unseenBy: (portal, run, limit, archived = false) => unseenBy(db, portal, run, limit, archived),
  };
}

/** The unique index on unfinished runs lets one insert through; everybody else gets the run that stands in the way. */
async function startRun(db: Db, run: Parameters<FactStore['startRun']>[0]): Promise<Run> {
  await db
    .deleteFrom('run')
    .where('portal', '=', run.portal)
    .where('finished_at', '<', run.startedAt - KEPT_MS)
    .execute();
  for (;;) {
    await db
      .insertInto('run')
      .values(newRunRow(run))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    // The run in the way may finish between the two statements; then the next insert succeeds.
    const there = (await unfinishedRun(db, run.portal)) ?? (await findRun(db, run.id));
    if (there !== null) return there;
  }
}

async function findRun(db: Db, id: string): Promise<Run | null> {
  const row = await db.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : readRun(row);
}

async function unfinishedRun(db: Db, portal: string): Promise<Run | null> {
  const row = await db
    .selectFrom('run')
    .selectAll()
    .where('portal', '=', portal)
    .where('state', '<>', sql.lit('done'))
    .executeTakeFirst();
  return row === undefined ? null : readRun(row);
}

async function lastRun(db: Db, portal: string): Promise<Run | null> {
  const row = await db
    .selectFrom('run')
    .selectAll()
    .where('portal', '=', portal)
    .where('finished_at', 'is not', null)
    .orderBy('finished_at', 'desc')
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : readRun(row);
}

/** A run whose search is through takes no more: a second finder that lags behind has nothing new to tell. */
async function addBatches(
  db: Db,
  run: string,
  batches: Parameters<FactStore['addBatches']>[1],
  progress: Parameters<FactStore['addBatches']>[2],
): Promise<readonly Batch[]> {
  const row = await db
    .updateTable('run')
    .set((eb) => ({
      after: progress.after,
      touched_at: progress.touchedAt,
      searched: progress.finished ? 1 : 0,
      next_seq: eb('next_seq', '+', batches.length),
      batches_pending: eb('batches_pending', '+', batches.length),
    }))
    .where('id', '=', run)
    .where('searched', '=', 0)
    .where('state', '<>', 'done')
    .returning(['counts', 'next_seq', 'state'])
    .executeTakeFirst();
  if (row === undefined) {
    if ((await findRun(db, run)) === null) throw unknownRun(run);
    return [];
  }
  const state = progress.finished && row.state === 'finding' ? 'working' : row.state;
  const counts = addCounts(row.counts, progress.counts);
  await db.updateTable('run').set({ counts, state }).where('id', '=', run).execute();
  const first = row.next_seq - batches.length;
  const added = batches.map((ids, index) => ({ run, seq: first + index, ids }));
  for (const part of inParts(added)) {
    const rows = part.map((batch) => ({ ...batch, ids: JSON.stringify(batch.ids) }));
    await db.insertInto('batch').values(rows).execute();
  }
  return added;
}

function unknownRun(run: string): ConfigurationError {
  return new ConfigurationError(
    `Run ${run} is not in this store: the queue still holds work of another data folder or DATABASE_URL. ` +
      'Point both back to what they were, or start a new sync.',
  );
}

function batchesOf(db: Db, run: string) {
  return db.selectFrom('batch').selectAll().where('run', '=', run);
}

function readBatch(row: BatchTable): Batch {
  return { run: row.run, seq: row.seq, ids: JSON.parse(row.ids) as string[] };
}

/** A batch that is done leaves no row, and so cannot be done twice. */
async function finishBatch(
  db: Db,
  run: string,
  seq: number,
  counts: Parameters<FactStore['finishBatch']>[2],
  touchedAt: number,
): Promise<void> {
  const done = await db.deleteFrom('batch').where('run', '=', run).where('seq', '=', seq).executeTakeFirst();
  if (done.numDeletedRows === 0n) return;
  const row = await db
    .updateTable('run')
    .set((eb) => ({
      touched_at: touchedAt,
      batches_done: eb('batches_done', '+', 1),
      batches_pending: eb('batches_pending', '-', 1),
    }))
    .where('id', '=', run)
    .returning('counts')
    .executeTakeFirstOrThrow();
  await db
    .updateTable('run')
    .set({ counts: addCounts(row.counts, counts) })
    .where('id', '=', run)
    .execute();
}

async function tryFinishRun(
  db: Db,
  run: string,
  now: number,
  portalChange: Parameters<FactStore['tryFinishRun']>[2],
): Promise<boolean> {
  const finished = await db
    .updateTable('run')
    .set({
      state: 'done',
      finished_at: now,
      touched_at: now,
      after: null,
      stopped_code: null,
      stopped_message: null,
    })
    .where('id', '=', run)
    .where('state', '<>', 'done')
    .where('searched', '=', 1)
    .where('batches_pending', '=', 0)
    .returning('portal')
    .executeTakeFirst();
  if (finished === undefined) return false;
  await db.deleteFrom('seen').where('portal', '=', finished.portal).execute();
  await changePortal(db, finished.portal, portalChange);
  return true;
}

async function interruptRun(
  db: Db,
  run: string,
  by: { readonly code: string; readonly message: string },
  now: number,
): Promise<void> {
  await db
    .updateTable('run')
    .set({
      state: 'interrupted',
      touched_at: now,
      stopped_code: by.code,
      stopped_message: storable(by.message),
    })
    .where('id', '=', run)
    .where('state', '<>', 'done')
    .execute();
}

async function resumeRun(db: Db, run: string, now: number): Promise<void> {
  await db
    .updateTable('run')
    .set((eb) => ({
      state: eb
        .case()
        .when('searched', '=', 1)
        .then('working' as const)
        .else('finding' as const)
        .end(),
      touched_at: now,
      stopped_code: null,
      stopped_message: null,
    }))
    .where('id', '=', run)
    .where('state', '<>', 'done')
    .execute();
}

/** The first update takes the row's lock, so that no count is lost between reading and writing. */
async function addCalls(db: Db, run: string, calls: Parameters<FactStore['addCalls']>[1]): Promise<void> {
  const row = await db
    .updateTable('run')
    .set((eb) => ({ counts: eb.ref('counts') }))
    .where('id', '=', run)
    .returning('counts')
    .executeTakeFirst();
  if (row === undefined) return;
  await db
    .updateTable('run')
    .set({ counts: addCounts(row.counts, { calls }) })
    .where('id', '=', run)
    .execute();
}

/** Marks are kept apart from contacts: a first full run comes upon contacts long before it remembers them. */
async function markSeen(db: Db, portal: string, run: string, ids: readonly string[]): Promise<void> {
  for (const part of inParts(keysOf(ids))) {
    await db
      .insertInto('seen')
      .values(part.map((id) => ({ portal, id, run })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

async function unseenBy(
  db: Db,
  portal: string,
  run: string,
  limit: number,
  archived: boolean,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('contact')
    .select((eb) => eb.cast<string>('contact.id', 'text').as('contactId'))
    .where('contact.portal', '=', portal)
    .where('contact.archived', '=', sql.lit(archived ? 1 : 0))
    // A scalar subquery stays one probe of the index per contact; PostgreSQL makes `not exists` a join, and without
    // fresh statistics a join of every row with every other.
    .where((eb) =>
      eb(
        eb
          .selectFrom('seen')
          .select('seen.run')
          .where('seen.portal', '=', portal)
          .whereRef('seen.id', '=', 'contact.id')
          .where('seen.run', '=', run),
        'is',
        null,
      ),
    )
    .orderBy('contact.id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.contactId);
}

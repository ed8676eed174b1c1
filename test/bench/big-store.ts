/** A store as it is after years: one pass on each of a million contacts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Outcome, Pass, SlaStatus } from '../../src/domain/types.ts';
import { createLogger } from '../../src/log.ts';
import type { FactStore, SavedContact } from '../../src/ports.ts';
import { DEFAULT_STAGES } from '../../src/simulator/stages.ts';
import { openStore } from '../../src/store/open-store.ts';
import { SQLITE_FILE } from '../../src/store/sqlite.ts';
import { aSaved } from '../store/samples.ts';

/** The portal's name in the store. */
export const PORTAL = 'main';

const HOUR = 3_600_000;
const WEEK = 168 * HOUR;
/** Passes are spread over so many weeks before now. */
const WEEKS = 52;
const SAVED_AT_A_TIME = 10_000;

/** A filled store that is open, and where it is. */
export interface BigStore {
  readonly store: FactStore;
  readonly dataDir: string;
  readonly file: string;
  readonly now: number;
}

/** Lends a store with so many passes in it, made ready for a report. */
export async function withBigStore<T>(passes: number, use: (big: BigStore) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'handoff-bench-'));
  const now = Date.now();
  const store = await openStore({ dataDir, clock: { now: () => now }, log: createLogger('warn') });
  try {
    await describePortal(store, now);
    for (let from = 1; from <= passes; from += SAVED_AT_A_TIME) {
      const size = Math.min(SAVED_AT_A_TIME, passes - from + 1);
      await store.save(
        PORTAL,
        Array.from({ length: size }, (_, index) => savedContact(from + index, now)),
      );
    }
    return await use({ store, dataDir, file: join(dataDir, SQLITE_FILE), now });
  } finally {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Opens every pass again and lets the clock run out for `turning` of them before `now`, for the others later. */
export function openEveryPass({ file, now }: BigStore, turning: number): void {
  const database = new DatabaseSync(file);
  database.exec(`
    UPDATE pass SET outcome = 'open', decided_at = NULL, business_ms = NULL,
      sla_stopped_at = NULL, sla_status = 'on_track', sla_due_at = ${now} + contact_id * 1000;
    UPDATE contact SET status = 'open', changes_at = ${now} + (id - ${turning}) * 1000;
  `);
  database.close();
}

/** What a sync would have left: where HubSpot stands, and up to when it was read. */
async function describePortal(store: FactStore, now: number): Promise<void> {
  const stages = DEFAULT_STAGES.map(({ value, label }, displayOrder) => ({ value, label, displayOrder }));
  const account = { portalId: '4711000', timeZone: 'Europe/London' };
  await store.setState(PORTAL, 'view', JSON.stringify({ account, stages }));
  await store.savePortal(PORTAL, { cursor: now, lastFullAt: now, portalId: account.portalId });
}

const OUTCOMES: readonly Outcome[] = ['qualified', 'qualified', 'recycled', 'disqualified', 'open'];

function savedContact(number: number, now: number): SavedContact {
  const openedAt = now - ((number * 7_919) % (WEEKS * 1_008)) * (WEEK / 1_008) - (number % 60_000);
  const outcome = OUTCOMES[number % OUTCOMES.length]!;
  const decidedAt = outcome === 'open' ? null : openedAt + (1 + ((number * 31) % 900)) * HOUR;
  const dueAt = openedAt + 100 * HOUR;
  const late = (decidedAt ?? now) > dueAt;
  const judged: Record<'running' | 'stopped', SlaStatus> = late
    ? { running: 'overdue', stopped: 'met_late' }
    : { running: 'on_track', stopped: 'met' };
  const status = decidedAt === null ? judged.running : judged.stopped;
  const pass: Pass = {
    number: 1,
    openedAt,
    acceptedAt: null,
    decidedAt,
    outcome,
    impliedSql: false,
    instant: false,
    cleared: false,
    imported: false,
    businessMs: outcome === 'qualified' ? ((number * 31) % 200) * HOUR : null,
    sla: {
      ...{ rule: 'by-wednesday', version: 'v1', promise: 'p1', status },
      ...{ dueAt, dueSoonAt: dueAt - 4 * HOUR, stoppedAt: decidedAt },
    },
  };
  return aSaved(String(number), { facts: { status: outcome, passes: [pass] } });
}

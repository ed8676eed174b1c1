/** Between runs and the rows they are kept in. */
import type { Selectable } from 'kysely';
import type { Run, RunCounts } from '../ports.ts';
import type { RunTable } from './schema.ts';

/** Counts of a run that has done nothing yet. */
const NO_COUNTS: RunCounts = {
  found: 0,
  read: 0,
  passes: 0,
  written: 0,
  unchanged: 0,
  cleared: 0,
  failed: 0,
  skipped: {},
  calls: { search: 0, read: 0, write: 0, other: 0, rejected: 0 },
};

/** A run from its row. */
export function readRun(row: Selectable<RunTable>): Run {
  return {
    id: row.id,
    portal: row.portal,
    mode: row.mode,
    state: row.state,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    touchedAt: row.touched_at,
    window: { from: row.window_from, to: row.window_to },
    after: row.after,
    fingerprint: row.fingerprint,
    counts: JSON.parse(row.counts) as RunCounts,
    batches: { done: row.batches_done, pending: row.batches_pending },
    stoppedBy:
      row.stopped_code === null ? null : { code: row.stopped_code, message: row.stopped_message ?? '' },
  };
}

/** The row of a run that has just begun. */
export function newRunRow(
  run: Pick<Run, 'id' | 'portal' | 'mode' | 'startedAt' | 'window' | 'fingerprint'>,
): RunTable {
  return {
    id: run.id,
    portal: run.portal,
    mode: run.mode,
    state: 'finding',
    searched: 0,
    started_at: run.startedAt,
    finished_at: null,
    touched_at: run.startedAt,
    window_from: run.window.from,
    window_to: run.window.to,
    after: null,
    fingerprint: run.fingerprint,
    counts: JSON.stringify(NO_COUNTS),
    next_seq: 0,
    batches_done: 0,
    batches_pending: 0,
    stopped_code: null,
    stopped_message: null,
  };
}

/** The sum of a run's counts (JSON) and what came on top, as JSON. */
export function addCounts(json: string, more: Partial<RunCounts>): string {
  return JSON.stringify(sum(JSON.parse(json) as Counts, more as Counts));
}

interface Counts {
  readonly [name: string]: number | Counts;
}

function sum(a: Counts, b: Counts): Counts {
  const total: Record<string, number | Counts> = { ...a };
  for (const [name, more] of Object.entries(b)) {
    const before = total[name];
    if (typeof more === 'number') total[name] = (typeof before === 'number' ? before : 0) + more;
    else if (more !== undefined) total[name] = sum(typeof before === 'object' ? before : {}, more);
  }
  return total;
}

import type { Calls, RunCounts } from '../src/ports.ts';

/** Contacts a qualify job works on at once: two history reads, at most one batch update. */
const BATCH_SIZE = 100;

/** A fresh counter of calls to HubSpot. */
export function noCalls(): Calls {
  return { search: 0, read: 0, write: 0, other: 0, rejected: 0 };
}

/** A fresh set of counts. */
export function noCounts(): RunCounts {
  return {
    found: 0,
    read: 0,
    passes: 0,
    written: 0,
    unchanged: 0,
    cleared: 0,
    failed: 0,
    skipped: {},
    calls: noCalls(),
  };
}

/** The sum of two sets of counts. */
export function addCounts(a: RunCounts, b: RunCounts): RunCounts {
  const skipped = { ...a.skipped };
  for (const [reason, count] of Object.entries(b.skipped) as [keyof RunCounts['skipped'], number][]) {
    skipped[reason] = (skipped[reason] ?? 0) + count;
  }
  return {
    found: a.found + b.found,
    read: a.read + b.read,
    passes: a.passes + b.passes,
    written: a.written + b.written,
    unchanged: a.unchanged + b.unchanged,
    cleared: a.cleared + b.cleared,
    failed: a.failed + b.failed,
    skipped,
    calls: addCalls(a.calls, b.calls),
  };
}

/** The sum of two counters of calls. */
export function addCalls(a: Calls, b: Calls): Calls {
  return {
    search: a.search + b.search,
    read: a.read + b.read,
    write: a.write + b.write,
    other: a.other + b.other,
    rejected: a.rejected + b.rejected,
  };
}

/** Cuts a list into parts of `BATCH_SIZE`. */
export function inBatches<T>(items: readonly T[]): T[][] {
  const batches: T[][] = [];
  for (let at = 0; at < items.length; at += BATCH_SIZE) batches.push(items.slice(at, at + BATCH_SIZE));
  return batches;
}

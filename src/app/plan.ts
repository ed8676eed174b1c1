import { addCounts, inBatches, noCalls, noCounts } from '../../jobs/counts.ts';
import { lookAtContacts, type WorkContext } from '../../jobs/work-on-contacts.ts';
import type { App } from '../app.ts';
import type { PropertyName } from '../domain/types.ts';
import type { Calls } from '../ports.ts';
import { toWork } from './portals.ts';
import { InterruptedError } from './sync.ts';

/** Batches computed side by side. */
const SIDE_BY_SIDE = 6;

/** A contact that would change: only the properties that differ, by their names in HubSpot; blank is `""`. */
export interface PlannedChange {
  readonly id: string;
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
}

/** What a full sync would come to. */
export interface PlanResult {
  readonly portal: string;
  readonly changes: readonly PlannedChange[];
  readonly found: number;
  readonly read: number;
  readonly passes: number;
  readonly changed: number;
  readonly unchanged: number;
  /** The part of `changed` that would only lose values. */
  readonly cleared: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly calls: Calls;
  readonly seconds: number;
}

/** The whole computation of a full sync, with nothing written anywhere. Calls HubSpot as a backfill, behind live work. */
export async function planOnce(
  app: App,
  portal: string,
  signal: AbortSignal,
  onProgress: (done: number, found: number, searching: boolean) => void,
): Promise<PlanResult> {
  const startedAt = app.clock.now();
  const calls = noCalls();
  const view = await app.view(portal);
  const hubspot = await app.hubspot(portal);
  const { source, writer } = toWork(view, hubspot).contacts(calls);
  const store = await app.store();
  const { rules } = view;
  const context: WorkContext = {
    portal,
    rules,
    source,
    writer,
    store,
    lane: 'backfill',
    now: startedAt,
    rejudge: false,
    signal,
  };
  const { prefix } = view.config.write;
  const changes: PlannedChange[] = [];
  let counts = noCounts();
  let cleared = 0;

  const working = new Set<Promise<void>>();
  async function work(ids: readonly string[]): Promise<void> {
    const looked = await lookAtContacts(ids, context);
    for (const one of looked.worked) {
      const names = Object.keys(one.difference) as PropertyName[];
      if (names.length === 0) continue;
      if (one.facts.status === null) cleared += 1;
      changes.push({
        id: one.contact.id,
        before: Object.fromEntries(names.map((name) => [prefix + name, one.current[name] ?? ''])),
        after: Object.fromEntries(names.map((name) => [prefix + name, one.difference[name] ?? ''])),
      });
    }
    const passes = looked.worked.reduce((sum, one) => sum + one.facts.passes.length, 0);
    counts = addCounts(counts, {
      ...noCounts(),
      read: looked.worked.length,
      passes,
      skipped: looked.skipped,
    });
    onProgress(counts.read, counts.found, false);
  }

  let after: string | null = null;
  do {
    const page = await source.find({ from: null, to: startedAt }, after, 'backfill', signal);
    counts = addCounts(counts, { ...noCounts(), found: page.found.length });
    for (const batch of inBatches(page.found.map((one) => one.id))) {
      if (working.size >= SIDE_BY_SIDE) await Promise.race(working);
      const job = work(batch).finally(() => working.delete(job));
      working.add(job);
      job.catch(() => {});
    }
    after = page.after;
    onProgress(counts.read, counts.found, after !== null);
    if (signal.aborted) throw new InterruptedError();
  } while (after !== null);
  await Promise.all(working);
  changes.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  return {
    portal,
    changes,
    found: counts.found,
    read: counts.read,
    passes: counts.passes,
    changed: changes.length,
    unchanged: counts.read - changes.length,
    cleared,
    skipped: counts.skipped,
    calls: addPortalCalls(calls, hubspot.calls),
    seconds: Math.round((app.clock.now() - startedAt) / 100) / 10,
  };
}

function addPortalCalls(calls: Calls, portal: Calls): Calls {
  return addCounts({ ...noCounts(), calls }, { ...noCounts(), calls: portal }).calls;
}

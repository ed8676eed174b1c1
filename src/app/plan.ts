import { addCalls, addCounts, inBatches, noCalls, noCounts } from '../../jobs/counts.ts';
import { type Looked, lookAtContacts, type WorkContext, type Worked } from '../../jobs/work-on-contacts.ts';
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

/** What every contact would come to: found = changed + unchanged + skipped + the number of `failed`. */
export interface PlannedContacts {
  /** In ascending order of ids. */
  readonly changes: readonly PlannedChange[];
  readonly found: number;
  readonly read: number;
  readonly passes: number;
  readonly changed: number;
  readonly unchanged: number;
  /** The part of `changed` that would only lose values. */
  readonly cleared: number;
  readonly skipped: Readonly<Record<string, number>>;
  /** Contacts that a sync could not work on either, in ascending order of ids. */
  readonly failed: readonly { readonly id: string; readonly reason: string }[];
}

/** What a full sync would come to. */
export interface PlanResult extends PlannedContacts {
  readonly portal: string;
  readonly calls: Calls;
  readonly seconds: number;
}

/** Contacts looked at, contacts found so far, and whether more are searched for. */
type OnProgress = (done: number, found: number, searching: boolean) => void;

/** The whole computation of a full sync, with nothing written to HubSpot and no contact remembered. Calls HubSpot as a backfill, behind live work. */
export async function planOnce(
  app: App,
  portal: string,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<PlanResult> {
  const startedAt = app.clock.now();
  const calls = noCalls();
  const view = await app.view(portal);
  const hubspot = await app.hubspot(portal);
  const context: WorkContext = {
    portal,
    rules: view.rules,
    ...toWork(view, hubspot).contacts(calls),
    store: await app.store(),
    lane: 'backfill',
    now: startedAt,
    rejudge: false,
    signal,
  };
  const planned = await planContacts(context, view.config.write.prefix, onProgress);
  return {
    portal,
    ...planned,
    calls: addCalls(calls, hubspot.calls),
    seconds: Math.round((app.clock.now() - startedAt) / 100) / 10,
  };
}

/** Looks at all contacts modified up to `context.now`. Throws InterruptedError when its signal aborts. */
export async function planContacts(
  context: WorkContext,
  prefix: string,
  onProgress: OnProgress,
): Promise<PlannedContacts> {
  const changes: PlannedChange[] = [];
  const failed: { id: string; reason: string }[] = [];
  let counts = noCounts();
  let [done, cleared] = [0, 0];
  await lookAtAll(context, {
    found(count, searching) {
      counts = addCounts(counts, { ...noCounts(), found: count });
      onProgress(done, counts.found, searching);
    },
    looked(ids, { worked, skipped, failed: unreadable }) {
      done += ids.length;
      const changing = worked.filter((one) => Object.keys(one.difference).length > 0);
      changes.push(...changing.map((one) => toChange(one, prefix)));
      cleared += changing.filter((one) => one.facts.status === null).length;
      failed.push(...unreadable.map(({ id, reason }) => ({ id, reason })));
      const passes = worked.reduce((sum, one) => sum + one.facts.passes.length, 0);
      counts = addCounts(counts, { ...noCounts(), read: worked.length, passes, skipped });
      onProgress(done, counts.found, false);
    },
  });
  const { found, read, passes, skipped } = counts;
  const changed = changes.length;
  return {
    ...{ changes: changes.sort(byId), found, read, passes, changed, unchanged: read - changed, cleared },
    ...{ skipped, failed: failed.sort(byId) },
  };
}

interface Listener {
  found(count: number, searching: boolean): void;
  looked(ids: readonly string[], looked: Looked): void;
}

/** Page after page of contacts, some batches at once. */
async function lookAtAll(context: WorkContext, listener: Listener): Promise<void> {
  const { source, now, lane, signal } = context;
  const working = new Set<Promise<void>>();
  async function look(ids: readonly string[]): Promise<void> {
    listener.looked(ids, await lookAtContacts(ids, context));
  }
  let after: string | null = null;
  do {
    const page = await source.find({ from: null, to: now }, after, lane, signal);
    after = page.after;
    listener.found(page.found.length, after !== null);
    for (const batch of inBatches(page.found.map((one) => one.id))) {
      if (working.size >= SIDE_BY_SIDE) await Promise.race(working);
      const job = look(batch).finally(() => working.delete(job));
      working.add(job);
      job.catch(() => {});
    }
    if (signal?.aborted) throw new InterruptedError();
  } while (after !== null);
  await Promise.all(working);
}

function toChange({ contact, current, difference }: Worked, prefix: string): PlannedChange {
  const names = Object.keys(difference) as PropertyName[];
  return {
    id: contact.id,
    before: Object.fromEntries(names.map((name) => [prefix + name, current[name] ?? ''])),
    after: Object.fromEntries(names.map((name) => [prefix + name, difference[name] ?? ''])),
  };
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return BigInt(a.id) < BigInt(b.id) ? -1 : 1;
}

import { z } from 'zod';
import { isHandoffError } from '../src/errors.ts';
import type { Calls, ContactSource, Found, Lane, Run, RunCounts } from '../src/ports.ts';
import type { JobContext, JobDefinition } from '../src/queue/contract.ts';
import { inBatches, noCalls } from './counts.ts';
import type { JobDeps } from './deps.ts';
import { enqueueBatch, enqueuePending, finishRunIfComplete, unlessPutOff } from './run-ledger.ts';

const Payload = z.strictObject({
  portal: z.string(),
  run: z.string(),
  /** Nobody watches deadlines: take contacts along that time has changed. */
  withDue: z.boolean(),
});
type Payload = z.infer<typeof Payload>;

/** More than any portal has of due contacts. */
const EVERY_ONE = 10_000_000;

/** A run's window and position → ids to look at, in batches, page by page; the position is kept after each. */
export const findContacts: JobDefinition<Payload, JobDeps> = {
  name: 'find-contacts',
  payload: Payload,
  retry: { attempts: 6, backoffMs: 1_000 },
  handle: find,
  giveUp: interrupt,
};

async function find({ run: id, withDue }: Payload, deps: JobDeps, { signal }: JobContext): Promise<void> {
  const run = await deps.store.run(id);
  if (run === null || run.state !== 'finding') return;
  await unlessPutOff(run.id, deps, async () => {
    await enqueuePending(run, deps);
    const search = new Search(run, deps);
    if (run.mode === 'recompute' || run.mode === 'rejudge') await search.remembered(signal);
    else await search.portal(withDue, signal);
    if (!signal.aborted) await finishRunIfComplete(run, deps);
  });
}

/** One run's walk over the contacts that may concern it. */
class Search {
  readonly #run: Run;
  readonly #deps: JobDeps;
  /** Where the search stands: the largest id dealt with. */
  #after: string | null;
  /** Ids taken along before the search, so that it does not count them a second time. */
  readonly #leftovers = new Set<string>();

  constructor(run: Run, deps: JobDeps) {
    this.#run = run;
    this.#deps = deps;
    this.#after = run.after;
  }

  /** Every remembered contact. */
  async remembered(signal: AbortSignal): Promise<void> {
    for (;;) {
      const ids = await this.#deps.store.ids(this.#run.portal, this.#after, 1_000);
      if (ids.length === 0) break;
      this.#after = ids.at(-1)!;
      await this.#add(ids);
      if (signal.aborted) return;
    }
    await this.#end();
  }

  /** What failed before or is due, then what HubSpot says was modified, then (full) what the search did not show. */
  async portal(withDue: boolean, signal: AbortSignal): Promise<void> {
    const { store } = this.#deps;
    const calls = noCalls();
    const { source } = (await this.#deps.portal(this.#run.portal)).contacts(calls);
    if (!this.#hasBegun()) await this.#addLeftovers(withDue);
    try {
      await this.#walk(source, calls, signal);
    } catch (error) {
      await store.addCalls(this.#run.id, calls);
      throw error;
    }
    if (signal.aborted) return;
    if (this.#run.mode === 'full') {
      await this.#addUnseen(false);
      await this.#addUnseen(true);
    }
    await this.#end();
  }

  /** An attempt before this one has written down what it took along, at least. */
  #hasBegun(): boolean {
    const { after, batches } = this.#run;
    return after !== null || batches.done + batches.pending > 0;
  }

  async #walk(source: ContactSource, calls: Calls, signal: AbortSignal): Promise<void> {
    const lane: Lane = this.#run.mode === 'changes' ? 'live' : 'backfill';
    for (;;) {
      const page = await source.find(this.#run.window, this.#after, lane, signal);
      const { ids, echoes } = await this.#withoutEchoes(page.found);
      this.#after = page.after ?? page.found.at(-1)?.id ?? this.#after;
      await this.#add(ids, {
        calls: { ...calls },
        found: echoes,
        skipped: echoes > 0 ? { echo: echoes } : {},
      });
      Object.assign(calls, noCalls());
      if (page.after === null || signal.aborted) return;
    }
  }

  /** Contacts whose modification is our own write, or one that was read already, need no reading. A full run reads all. */
  async #withoutEchoes(found: readonly Found[]): Promise<{ ids: string[]; echoes: number }> {
    const fresh = found.filter((one) => !this.#leftovers.has(one.id));
    const ids = fresh.map((one) => one.id);
    if (this.#run.mode === 'full') {
      await this.#markSeen(ids);
      return { ids, echoes: 0 };
    }
    const seen = await this.#deps.store.seen(this.#run.portal, ids);
    const news = fresh.filter((one) => seen.get(one.id) !== one.modifiedAt);
    return { ids: news.map((one) => one.id), echoes: fresh.length - news.length };
  }

  /** Failed contacts are tried again by every run. A full run reads what is due anyway. */
  async #addLeftovers(withDue: boolean): Promise<void> {
    const { store, clock } = this.#deps;
    const failed = await store.failures(this.#run.portal);
    for (const { id } of failed) this.#leftovers.add(id);
    if (withDue && this.#run.mode === 'changes') {
      const due = await store.due(this.#run.portal, clock.now(), EVERY_ONE);
      for (const { id } of due) this.#leftovers.add(id);
    }
    if (this.#leftovers.size === 0) return;
    if (this.#run.mode === 'full') await this.#markSeen([...this.#leftovers]);
    await this.#add([...this.#leftovers]);
  }

  /**
   * Remembered contacts that a full search did not show may have been merged, archived or deleted, and archived ones
   * deleted for good since: looked at one by one.
   */
  async #addUnseen(archived: boolean): Promise<void> {
    for (;;) {
      const ids = await this.#deps.store.unseenBy(this.#run.portal, this.#run.id, 1_000, archived);
      if (ids.length === 0) return;
      await this.#add(ids);
      await this.#markSeen(ids);
    }
  }

  #markSeen(ids: readonly string[]): Promise<void> {
    return this.#deps.store.markSeen(this.#run.portal, this.#run.id, ids);
  }

  /** Writes down and queues what was found. `counts.found` are those found beside `ids`. */
  async #add(ids: readonly string[], counts: Partial<RunCounts> = {}): Promise<void> {
    const { store, clock } = this.#deps;
    const batches = await store.addBatches(this.#run.id, inBatches(ids), {
      after: this.#after,
      counts: { ...counts, found: ids.length + (counts.found ?? 0) },
      touchedAt: clock.now(),
      finished: false,
    });
    for (const { seq } of batches) await enqueueBatch(this.#run, seq, this.#deps);
  }

  async #end(): Promise<void> {
    const { store, clock } = this.#deps;
    const progress = { after: this.#after, counts: {}, touchedAt: clock.now(), finished: true };
    await store.addBatches(this.#run.id, [], progress);
  }
}

async function interrupt({ portal, run }: Payload, deps: JobDeps, error: Error): Promise<void> {
  const code = isHandoffError(error) ? error.code : 'internal';
  await deps.store.interruptRun(run, { code, message: error.message }, deps.clock.now());
  await deps.tellFailure(portal, error);
}

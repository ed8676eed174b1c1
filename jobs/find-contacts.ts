import { z } from 'zod';
import { isHandoffError } from '../src/errors.ts';
import type { ContactSource, Found, Lane, Run, RunCounts } from '../src/ports.ts';
import type { JobContext, JobDefinition } from '../src/queue/contract.ts';
import { inBatches, noCalls, noCounts } from './counts.ts';
import type { JobDeps } from './deps.ts';
import { enqueueBatch, enqueuePending, finishRunIfComplete } from './run-ledger.ts';

const Payload = z.strictObject({ portal: z.string(), run: z.string() });
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

async function find({ run: id }: Payload, deps: JobDeps, { signal }: JobContext): Promise<void> {
  const run = await deps.store.run(id);
  if (run === null || run.state !== 'finding') return;
  await enqueuePending(run, deps);
  const search = new Search(run, deps);
  if (run.mode === 'recompute' || run.mode === 'rejudge') await search.remembered(signal);
  else await search.portal(signal);
  if (signal.aborted) return;
  await finishRunIfComplete(run, deps);
}

/** One run's walk over the contacts that may concern it. */
class Search {
  readonly #run: Run;
  readonly #deps: JobDeps;
  /** Ids taken along before the search, so that it does not count them a second time. */
  readonly #leftovers = new Set<string>();

  constructor(run: Run, deps: JobDeps) {
    this.#run = run;
    this.#deps = deps;
  }

  /** Every remembered contact. */
  async remembered(signal: AbortSignal): Promise<void> {
    const { store } = this.#deps;
    let after = this.#run.after;
    for (;;) {
      const ids = await store.ids(this.#run.portal, after, 1_000);
      after = ids.at(-1) ?? null;
      await this.#add(ids, after, {}, after === null);
      if (after === null || signal.aborted) return;
    }
  }

  /** What HubSpot says was modified, then what failed before or is due, then (full) what the search did not show. */
  async portal(signal: AbortSignal): Promise<void> {
    const calls = noCalls();
    const { source } = (await this.#deps.portal(this.#run.portal)).contacts(calls);
    if (this.#run.after === null) await this.#addLeftovers();
    await this.#walk(source, calls, signal);
    if (signal.aborted) return;
    if (this.#run.mode === 'full') await this.#addUnseen();
    await this.#add([], null, {}, true);
  }

  async #walk(source: ContactSource, calls: ReturnType<typeof noCalls>, signal: AbortSignal): Promise<void> {
    const lane: Lane = this.#run.mode === 'changes' ? 'live' : 'backfill';
    let after = this.#run.after;
    for (;;) {
      const page = await source.find(this.#run.window, after, lane, signal);
      const { ids, echoes } = await this.#withoutEchoes(page.found);
      const counts = { calls: { ...calls }, found: echoes, skipped: echoes > 0 ? { echo: echoes } : {} };
      Object.assign(calls, noCalls());
      await this.#add(ids, page.after ?? after, counts, false);
      if (page.after === null || signal.aborted) return;
      after = page.after;
    }
  }

  /** Contacts whose modification is our own write, or one that was read already, need no reading. A full run reads all. */
  async #withoutEchoes(found: readonly Found[]): Promise<{ ids: string[]; echoes: number }> {
    const { store } = this.#deps;
    const fresh = found.filter((one) => !this.#leftovers.has(one.id));
    const ids = fresh.map((one) => one.id);
    if (this.#run.mode === 'full') {
      await store.markSeen(
        this.#run.portal,
        this.#run.id,
        found.map((one) => one.id),
      );
      return { ids, echoes: 0 };
    }
    const seen = await store.seen(this.#run.portal, ids);
    const news = fresh.filter((one) => seen.get(one.id) !== one.modifiedAt);
    return { ids: news.map((one) => one.id), echoes: fresh.length - news.length };
  }

  /** Failed contacts are tried again by every run; those that time has changed come along. */
  async #addLeftovers(): Promise<void> {
    const { store, clock } = this.#deps;
    const failed = await store.failures(this.#run.portal);
    for (const { id } of failed) this.#leftovers.add(id);
    if (this.#run.mode === 'changes') {
      const due = await store.due(this.#run.portal, clock.now(), EVERY_ONE);
      for (const { id } of due) this.#leftovers.add(id);
    }
    if (this.#leftovers.size > 0) await this.#add([...this.#leftovers], null, {}, false);
  }

  /** Remembered contacts that a full search did not show may have been merged, archived or deleted: looked at one by one. */
  async #addUnseen(): Promise<void> {
    const { store } = this.#deps;
    for (;;) {
      const ids = await store.unseenBy(this.#run.portal, this.#run.id, 1_000);
      if (ids.length === 0) return;
      await this.#add(ids, this.#run.after, {}, false);
      await store.markSeen(this.#run.portal, this.#run.id, ids);
    }
  }

  async #add(
    ids: readonly string[],
    after: string | null,
    counts: Partial<RunCounts>,
    finished: boolean,
  ): Promise<void> {
    const { store, clock } = this.#deps;
    const batches = await store.addBatches(this.#run.id, inBatches(ids), {
      after,
      counts: { ...noCounts(), ...counts, found: ids.length + (counts.found ?? 0) },
      touchedAt: clock.now(),
      finished,
    });
    for (const { seq } of batches) await enqueueBatch(this.#run, seq, this.#deps);
  }
}

async function interrupt({ portal, run }: Payload, deps: JobDeps, error: Error): Promise<void> {
  const code = isHandoffError(error) ? error.code : 'internal';
  await deps.store.interruptRun(run, { code, message: error.message }, deps.clock.now());
  await deps.tellFailure(portal, error);
}

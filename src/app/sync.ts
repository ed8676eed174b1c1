import { setTimeout as pause } from 'node:timers/promises';
import { addCalls, addCounts, noCounts } from '../../jobs/counts.ts';
import type { JobDeps } from '../../jobs/deps.ts';
import { beginRun, isSilent, recomputeIfChanged, takeUp } from '../../jobs/run-ledger.ts';
import { ConfigurationError, CredentialsError, type HandoffError, UnavailableError } from '../errors.ts';
import type { Run, RunCounts, RunMode, SkipReason } from '../ports.ts';

/** How often a run's state is looked at, ms. */
const LOOK_MS = 100;

/**
 * What is asked of a sync. `rejudge`: judge decided passes anew afterwards. Aborting `signal` leaves a run that goes
 * on later.
 */
export interface SyncRequest {
  readonly portal: string;
  readonly mode: 'changes' | 'full';
  readonly rejudge: boolean;
  readonly signal: AbortSignal;
  /** Called often with the run at work. */
  onProgress(run: Run): void;
  /** Remarks for people: a run taken up again, a recomputation. */
  onRemark(sentence: string): void;
}

/** What a complete sync came to. */
export interface SyncResult {
  /** What the request came to: a first sync is a full one. */
  readonly mode: RunMode;
  /** Each contact once, see `countsOf`. */
  readonly counts: RunCounts;
  readonly resumed: boolean;
  /** Contacts recomputed from the store after a change of configuration, or judged anew; null: nothing asked for it. */
  readonly recomputed: number | null;
}

/** The request was stopped; the run goes on where it was with the next sync. */
export class InterruptedError extends Error {}

/**
 * One complete sync: the unfinished run first, then what was asked, then the recomputation that a change of configuration
 * calls for. Throws InterruptedError when stopped, or the error that interrupted the run.
 */
export async function syncOnce(request: SyncRequest, deps: JobDeps): Promise<SyncResult> {
  const completed: Run[] = [];
  async function work(run: Run): Promise<Run> {
    completed.push(await complete(run, request, deps));
    return completed.at(-1)!;
  }
  /** Begins a run of its own after completing whatever stands in the way, which another process may be at as well. */
  async function reach(mode: RunMode): Promise<Run> {
    for (let asked = mode; ; ) {
      const begun = await beginRun(request.portal, asked, deps, { withDue: true, join: true });
      if (begun.busy === null && !begun.resumed) return work(begun.run);
      const unfinished = begun.busy === null ? begun.run : begun.busy;
      request.onRemark(
        `Going on with the ${unfinished.mode} run of ${new Date(unfinished.startedAt).toISOString()}`,
      );
      const { mode: done } = await work(unfinished);
      if (done === 'full' && asked === 'full') asked = 'changes';
    }
  }
  const main = await reach(request.mode);
  const resumed = completed.length > 1;
  const following = (await recomputeIfChanged(request.portal, deps)) ?? (await recomputedAfter(main, deps));
  if (following !== null) {
    request.onRemark('The configuration changed: recomputing what is remembered');
    await work(following);
  }
  if (request.rejudge) await reach('rejudge');
  return summarise(completed, main, resumed);
}

function summarise(completed: readonly Run[], main: Run, resumed: boolean): SyncResult {
  const again = completed.filter(({ mode }) => mode === 'recompute' || mode === 'rejudge');
  return {
    mode: completed.some(({ mode }) => mode === 'full') ? 'full' : main.mode,
    counts: countsOf(completed),
    resumed,
    recomputed: again.length === 0 ? null : Math.max(...again.map(({ counts }) => counts.read)),
  };
}

/**
 * What the runs of one sync, oldest first, came to in all, with found = written + unchanged + skipped + failed. A contact
 * that several of them met counts once: an echo in a later run is a contact that an earlier one dealt with. After a
 * recomputation `found` is all that is remembered, and whatever a search found besides; `read` is what HubSpot was asked
 * for, `passes` those of the contacts recomputed, `written` what either wrote.
 */
export function countsOf(runs: readonly Pick<Run, 'mode' | 'counts'>[]): RunCounts {
  let sum = noCounts();
  for (const [at, { mode, counts }] of runs.entries()) {
    if (mode === 'recompute' || mode === 'rejudge') sum = withRecomputation(sum, counts);
    else sum = addCounts(sum, at === 0 ? counts : withoutSkipped(counts, ['echo']));
  }
  return sum;
}

/** A recomputation meets again all that the runs before it read, wrote or knew, and has the last word on it. */
function withRecomputation(before: RunCounts, again: RunCounts): RunCounts {
  const elsewhere = withoutSkipped(before, ['echo', 'archived']).skipped;
  const aside = addCounts({ ...noCounts(), skipped: elsewhere }, { ...noCounts(), skipped: again.skipped });
  // What was written before and needed nothing more is written, not unchanged.
  const stands = Math.min(before.written, again.unchanged);
  const written = again.written + stands;
  const unread = Math.max(0, before.failed - again.failed);
  return {
    found: again.found + countOf(elsewhere) + unread,
    read: before.read,
    passes: again.passes,
    written,
    unchanged: again.unchanged - stands,
    cleared: Math.min(written, before.cleared + again.cleared),
    failed: again.failed + unread,
    skipped: aside.skipped,
    calls: addCalls(before.calls, again.calls),
  };
}

function withoutSkipped(counts: RunCounts, reasons: readonly SkipReason[]): RunCounts {
  const kept = Object.entries(counts.skipped).filter(([reason]) => !reasons.includes(reason as SkipReason));
  const skipped: RunCounts['skipped'] = Object.fromEntries(kept);
  return { ...counts, skipped, found: counts.found - countOf(counts.skipped) + countOf(skipped) };
}

function countOf(skipped: RunCounts['skipped']): number {
  return Object.values(skipped).reduce((sum, count) => sum + count, 0);
}

/** A worker that finished the run may have recomputed already. */
async function recomputedAfter(run: Run, deps: JobDeps): Promise<Run | null> {
  const last = await deps.store.lastRun(run.portal);
  return last !== null && last.mode === 'recompute' && last.startedAt >= run.startedAt ? last : null;
}

async function complete(begun: Run, request: SyncRequest, deps: JobDeps): Promise<Run> {
  for (;;) {
    const run = await deps.store.run(begun.id);
    if (run === null) throw new UnavailableError(`run ${begun.id} is gone from the store`);
    request.onProgress(run);
    if (run.state === 'done') return run;
    if (run.state === 'interrupted') throw interruption(run);
    // Its queue may have been lost: whatever of it is queued still is not queued twice.
    if (isSilent(run, deps)) await takeUp(run, { withDue: true, join: true }, deps);
    await wait(request.signal);
  }
}

async function wait(signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw new InterruptedError();
  await pause(LOOK_MS, undefined, { signal }).catch(() => {
    throw new InterruptedError();
  });
}

/** An interruption as the error that it was, as far as the store remembers it. */
function interruption(run: Run): HandoffError {
  const { code, message } = run.stoppedBy ?? { code: 'unavailable', message: 'stopped' };
  if (code === 'configuration') return new ConfigurationError(message);
  if (code === 'credentials') return new CredentialsError(message);
  return new UnavailableError(`${message}\nNothing is lost: the next sync goes on where this one stopped.`);
}

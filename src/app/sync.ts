import { setTimeout as pause } from 'node:timers/promises';
import { addCounts, noCounts } from '../../jobs/counts.ts';
import type { JobDeps } from '../../jobs/deps.ts';
import { beginRun, recomputeIfChanged } from '../../jobs/run-ledger.ts';
import { ConfigurationError, type HandoffError, UnavailableError } from '../errors.ts';
import type { Run, RunCounts, RunMode } from '../ports.ts';

/** How often a run's state is looked at, ms. */
const LOOK_MS = 100;

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

export interface SyncResult {
  /** What the request came to: a first sync is a full one. */
  readonly mode: RunMode;
  readonly counts: RunCounts;
  readonly resumed: boolean;
  /** Contacts recomputed from the store after a change of configuration, or judged anew; null: none asked for it. */
  readonly recomputed: number | null;
}

/** The request was stopped; the run goes on where it was with the next sync. */
export class InterruptedError extends Error {}

/**
 * One complete sync: the unfinished run first, then what was asked, then the recomputation that a change of configuration
 * calls for. Throws InterruptedError when stopped, or the error that interrupted the run.
 */
export async function syncOnce(request: SyncRequest, deps: JobDeps): Promise<SyncResult> {
  const { portal } = request;
  let total = noCounts();
  let recomputed: number | null = null;
  async function work(run: Run): Promise<Run> {
    const done = await complete(run, request, deps);
    total = addCounts(total, done.counts);
    if (done.mode === 'recompute' || done.mode === 'rejudge')
      recomputed = (recomputed ?? 0) + done.counts.read;
    return done;
  }
  const resumed = await takeUpUnfinished(request, deps);
  if (resumed !== null) await work(resumed);
  const main = await work(await begin(resumed?.mode === 'full' ? 'changes' : request.mode, request, deps));
  const following = (await recomputeIfChanged(portal, deps)) ?? (await recomputedAfter(main, deps));
  if (following !== null) {
    request.onRemark('The configuration changed: recomputing what is remembered');
    await work(following);
  }
  if (request.rejudge) await work(await begin('rejudge', request, deps));
  const mode = resumed?.mode === 'full' ? 'full' : main.mode;
  return { mode, counts: total, resumed: resumed !== null, recomputed };
}

/** A worker that finished the run may have recomputed already. */
async function recomputedAfter(run: Run, deps: JobDeps): Promise<Run | null> {
  const last = await deps.store.lastRun(run.portal);
  return last !== null && last.mode === 'recompute' && last.startedAt >= run.startedAt ? last : null;
}

/** Goes on with what an earlier start left, or helps another process with what it is at; null when there is nothing. */
async function takeUpUnfinished(request: SyncRequest, deps: JobDeps): Promise<Run | null> {
  const unfinished = await deps.store.unfinishedRun(request.portal);
  if (unfinished === null) return null;
  request.onRemark(
    `Going on with the ${unfinished.mode} run of ${new Date(unfinished.startedAt).toISOString()}`,
  );
  return begin(unfinished.mode, request, deps);
}

async function begin(mode: RunMode, request: SyncRequest, deps: JobDeps): Promise<Run> {
  const begun = await beginRun(request.portal, mode, deps, { withDue: true, join: true });
  return begun.busy === null ? begun.run : begun.busy;
}

async function complete(begun: Run, request: SyncRequest, deps: JobDeps): Promise<Run> {
  for (;;) {
    const run = await deps.store.run(begun.id);
    if (run === null) throw new UnavailableError(`run ${begun.id} is gone from the store`);
    request.onProgress(run);
    if (run.state === 'done') return run;
    if (run.state === 'interrupted') throw interruption(run);
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
  if (code === 'configuration' || code === 'credentials') return new ConfigurationError(message);
  return new UnavailableError(`${message}\nNothing is lost: the next sync goes on where this one stopped.`);
}

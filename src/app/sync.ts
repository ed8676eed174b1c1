import { setTimeout as pause } from 'node:timers/promises';
import { addCounts, noCounts } from '../../jobs/counts.ts';
import type { JobDeps } from '../../jobs/deps.ts';
import { beginRun } from '../../jobs/run-ledger.ts';
import { ConfigurationError, type HandoffError, UnavailableError } from '../errors.ts';
import type { Run, RunCounts, RunMode } from '../ports.ts';

/** How often a run's state is looked at, ms. */
const LOOK_MS = 100;
/** How long another process's run of the same portal is waited for, ms. */
const PATIENCE_MS = 30 * 60_000;

export interface SyncRequest {
  readonly portal: string;
  readonly mode: 'changes' | 'full';
  readonly rejudge: boolean;
  readonly signal: AbortSignal;
  /** Called often with the run at work. */
  onProgress(run: Run): void;
  /** Remarks for people: a run taken up again, another one waited for, a recomputation. */
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
 * One complete sync: the unfinished run first, then what was asked, then the recomputations that follow from it.
 * Throws InterruptedError when stopped, or the error that interrupted the run.
 */
export async function syncOnce(request: SyncRequest, deps: JobDeps): Promise<SyncResult> {
  let total = noCounts();
  let recomputed: number | null = null;
  const resumed = await takeUpUnfinished(request, deps);
  if (resumed !== null) total = addCounts(total, resumed.counts);
  const asked = resumed?.mode === 'full' ? 'changes' : request.mode;
  const main = await complete(await begin(asked, request, deps), request, deps);
  total = addCounts(total, main.counts);
  const steps: RunMode[] = request.rejudge ? ['rejudge'] : [];
  for (;;) {
    const following = await deps.store.unfinishedRun(request.portal);
    const next = following ?? (steps.length > 0 ? await begin(steps.pop()!, request, deps) : null);
    if (next === null) break;
    if (next.mode === 'recompute')
      request.onRemark('The configuration changed: recomputing what is remembered');
    const done = await complete(next, request, deps);
    total = addCounts(total, done.counts);
    recomputed = (recomputed ?? 0) + done.counts.read;
  }
  return {
    mode: resumed?.mode === 'full' ? 'full' : main.mode,
    counts: total,
    resumed: resumed !== null,
    recomputed,
  };
}

/** Goes on with what an earlier start left; null when there is nothing, or another process has finished it meanwhile. */
async function takeUpUnfinished(request: SyncRequest, deps: JobDeps): Promise<Run | null> {
  const unfinished = await deps.store.unfinishedRun(request.portal);
  if (unfinished === null) return null;
  const run = await begin(unfinished.mode, request, deps, unfinished.id);
  if (run === null) return null;
  request.onRemark(`Going on with the ${run.mode} run of ${new Date(run.startedAt).toISOString()}`);
  return complete(run, request, deps);
}

async function begin(mode: RunMode, request: SyncRequest, deps: JobDeps): Promise<Run>;
async function begin(mode: RunMode, request: SyncRequest, deps: JobDeps, only: string): Promise<Run | null>;
/** Begins a run, waiting for another process that is at work on one. `only`: take up that run or none. */
async function begin(mode: RunMode, request: SyncRequest, deps: JobDeps, only?: string): Promise<Run | null> {
  const until = deps.clock.now() + PATIENCE_MS;
  let told = false;
  for (;;) {
    if (only !== undefined && (await deps.store.unfinishedRun(request.portal))?.id !== only) return null;
    const begun = await beginRun(request.portal, mode, deps);
    if (begun.busy === null) return begun.run;
    if (!told) request.onRemark(`Another process is at work on portal ${request.portal}: waiting for it`);
    told = true;
    if (deps.clock.now() > until) {
      throw new UnavailableError(
        `portal ${request.portal}: another run has been at work for over 30 minutes; try again later`,
      );
    }
    await wait(request.signal);
  }
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

/**
 * A run's way through the store: batches are written down before they are queued, so that an emptied queue is rebuilt
 * from here, and the portal's cursor moves only when every one of them is done.
 */
import { RateLimitedError } from '../src/errors.ts';
import type { Batch, PortalState, PortalWork, Run, RunMode } from '../src/ports.ts';
import type { Priority } from '../src/queue/contract.ts';
import type { JobDeps } from './deps.ts';

/** A run without a sign of life for this long (ms) is taken up again by whoever comes next. */
export const RUN_SILENT_MS = 60_000;

const PENDING_PAGE = 500;

/** Changes are searched from a little before the last run's end: HubSpot's search index lags behind by seconds to minutes. Ms. */
const INDEX_LAG_MS = 10 * 60_000;

/**
 * Starts a run, or takes up the unfinished one of the portal. A first run, and one after a change that needs it, is a
 * full one whatever was asked. `withDue`: nobody watches deadlines, so it takes contacts along that time has changed.
 * `busy`: somebody is at work on a run at this moment; nothing was started. With `join` such a run is taken up all the
 * same: its batches keep their ids in the queue, so two processes at work on it share it.
 */
export async function beginRun(
  portal: string,
  asked: RunMode,
  deps: JobDeps,
  { withDue = false, join = false } = {},
): Promise<{ readonly run: Run; readonly resumed: boolean; readonly busy: null } | { readonly busy: Run }> {
  const unfinished = await deps.store.unfinishedRun(portal);
  if (unfinished !== null) return takeUp(unfinished, { withDue, join }, deps);
  const work = await deps.portal(portal);
  const startedAt = deps.clock.now();
  const { cursor, fingerprint } = await deps.store.portal(portal);
  const mode = modeFor(asked, cursor, fingerprint, work);
  const id = `${portal}.${mode}.${startedAt}`;
  const window = {
    from: mode === 'changes' && cursor !== null ? cursor - INDEX_LAG_MS : null,
    to: startedAt,
  };
  const run = await deps.store.startRun({
    id,
    portal,
    mode,
    startedAt,
    window,
    fingerprint: work.fingerprint,
  });
  if (run.id !== id) return takeUp(run, { withDue, join }, deps);
  await enqueueSearch(run, withDue, deps);
  return { run, resumed: false, busy: null };
}

function modeFor(
  asked: RunMode,
  cursor: number | null,
  fingerprint: string | null,
  work: PortalWork,
): RunMode {
  if (cursor === null || work.changeSince(fingerprint).needs === 'full') return 'full';
  return asked;
}

/** Goes on with an unfinished run, unless somebody is at work on it whom we do not `join`. */
export async function takeUp(
  run: Run,
  { withDue, join }: { readonly withDue: boolean; readonly join: boolean },
  deps: JobDeps,
): ReturnType<typeof beginRun> {
  if (run.state !== 'interrupted' && !isSilent(run, deps) && !join) return { busy: run };
  await deps.store.resumeRun(run.id, deps.clock.now());
  const resumed = (await deps.store.run(run.id)) ?? run;
  await enqueuePending(resumed, deps);
  if (resumed.state === 'finding') await enqueueSearch(resumed, withDue, deps);
  await finishRunIfComplete(resumed, deps);
  return { run: resumed, resumed: true, busy: null };
}

/** Has nobody worked on this run for so long that its queue may be lost? */
export function isSilent(run: Run, { clock }: JobDeps): boolean {
  return clock.now() - run.touchedAt >= RUN_SILENT_MS;
}

async function enqueueSearch(run: Run, withDue: boolean, deps: JobDeps): Promise<void> {
  const payload = { portal: run.portal, run: run.id, withDue };
  await deps.enqueue('find-contacts', payload, { id: `${run.id}.find`, priority: priorityOf(run) });
}

/** A wait longer than this (ms) is for the day's limit or a moving portal: nothing is gained by holding on. */
const LONG_WAIT_MS = 60_000;

/**
 * Does the work, unless HubSpot or our budget asks for a long wait: then the run is interrupted, and whoever starts the
 * next one goes on with it. A job put off for hours would keep its id, and keep that start from queueing it again.
 */
export async function unlessPutOff(run: string, deps: JobDeps, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RateLimitedError) || error.waitMs <= LONG_WAIT_MS) throw error;
    await deps.store.interruptRun(run, { code: error.code, message: error.message }, deps.clock.now());
  }
}

/** Queues one batch of a run. Queueing it again while it waits does nothing. */
export async function enqueueBatch(run: Run, seq: number, deps: JobDeps): Promise<void> {
  const payload = { portal: run.portal, work: { run: run.id, seq } };
  await deps.enqueue('qualify-contacts', payload, { id: `${run.id}.${seq}`, priority: priorityOf(run) });
}

/** Queues everything of a run that is written down and not done; for a run taken up again. */
export async function enqueuePending(run: Run, deps: JobDeps): Promise<void> {
  let batches: readonly Batch[];
  let after = -1;
  do {
    batches = await deps.store.pendingBatches(run.id, PENDING_PAGE, after);
    for (const { seq } of batches) {
      await enqueueBatch(run, seq, deps);
      after = seq;
    }
  } while (batches.length === PENDING_PAGE);
}

/** Ends the run when its search is through and no batch is left; moves the portal's cursor with it. */
export async function finishRunIfComplete(run: Run, deps: JobDeps): Promise<void> {
  const finished = await deps.store.tryFinishRun(run.id, deps.clock.now(), portalChange(run));
  if (!finished) return;
  deps.log.info({ portal: run.portal, run: run.id, mode: run.mode }, 'run finished');
  if (run.mode === 'changes') await recomputeIfChanged(run.portal, deps);
}

/**
 * A change of calendar, rules or roles reaches the contacts that HubSpot has no news of from what is remembered. The
 * run that does it; null: nothing has changed since the last one.
 */
export async function recomputeIfChanged(portal: string, deps: JobDeps): Promise<Run | null> {
  const [work, state] = await Promise.all([deps.portal(portal), deps.store.portal(portal)]);
  if (work.changeSince(state.fingerprint).needs !== 'recompute') return null;
  const begun = await beginRun(portal, 'recompute', deps, { join: true });
  return begun.busy === null ? begun.run : begun.busy;
}

/** Polls go first; everything else can wait. */
function priorityOf(run: Run): Priority {
  return run.mode === 'changes' ? 'live' : 'backfill';
}

function portalChange(run: Run): Partial<PortalState> {
  switch (run.mode) {
    case 'changes':
      return { cursor: run.window.to };
    case 'full':
      return { cursor: run.window.to, lastFullAt: run.startedAt, fingerprint: run.fingerprint };
    case 'recompute':
    case 'rejudge':
      return { fingerprint: run.fingerprint };
    default:
      return run.mode satisfies never;
  }
}

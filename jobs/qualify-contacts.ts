import { z } from 'zod';
import { type HandoffError, isHandoffError } from '../src/errors.ts';
import type { PortalWork, Run, RunCounts } from '../src/ports.ts';
import type { JobContext, JobDefinition } from '../src/queue/contract.ts';
import { noCalls, noCounts } from './counts.ts';
import type { JobDeps } from './deps.ts';
import { finishRunIfComplete, unlessPutOff } from './run-ledger.ts';
import { carryOut, lookAtContacts, recallContacts, type WorkContext } from './work-on-contacts.ts';

const Payload = z.strictObject({
  portal: z.string(),
  work: z.union([
    z.strictObject({ run: z.string(), seq: z.int() }),
    z.strictObject({ ids: z.array(z.string()).max(100) }),
  ]),
});
type Payload = z.infer<typeof Payload>;

/** A batch of ids → histories → facts → store → differences → HubSpot. Of a run's batch only the number travels; the ids stay in the store. */
export const qualifyContacts: JobDefinition<Payload, JobDeps> = {
  name: 'qualify-contacts',
  payload: Payload,
  retry: { attempts: 6, backoffMs: 1_000 },
  handle: qualifyBatch,
  giveUp: keepForLater,
};

async function qualifyBatch({ portal, work }: Payload, deps: JobDeps, { signal }: JobContext): Promise<void> {
  if ('ids' in work) {
    await workOn(work.ids, await deps.portal(portal), null, deps, signal);
    return;
  }
  const [run, batch] = await Promise.all([deps.store.run(work.run), deps.store.batch(work.run, work.seq)]);
  if (run === null || run.state === 'interrupted' || run.state === 'done') return;
  await unlessPutOff(run.id, deps, async () => {
    // A batch that is gone was done by an attempt that may have died before it could end the run.
    if (batch !== null) {
      const counts = await workOn(batch.ids, await deps.portal(portal), run, deps, signal);
      await deps.store.finishBatch(run.id, batch.seq, counts, deps.clock.now());
    }
    await finishRunIfComplete(run, deps);
  });
}

async function workOn(
  ids: readonly string[],
  portal: PortalWork,
  run: Run | null,
  deps: JobDeps,
  signal: AbortSignal,
): Promise<RunCounts> {
  const calls = noCalls();
  const context: WorkContext = {
    portal: portal.name,
    rules: portal.rules,
    ...portal.contacts(calls),
    store: deps.store,
    lane: run?.mode === 'changes' ? 'live' : 'backfill',
    now: deps.clock.now(),
    rejudge: run?.mode === 'rejudge',
    signal,
  };
  try {
    return { ...(await workThrough(ids, run, context, deps)), calls };
  } catch (error) {
    // What the attempt cost would be forgotten with it; the next one counts its own.
    if (run !== null) await deps.store.addCalls(run.id, calls);
    throw error;
  }
}

async function workThrough(
  ids: readonly string[],
  run: Run | null,
  context: WorkContext,
  { log }: JobDeps,
): Promise<RunCounts> {
  const remembered = run?.mode === 'recompute' || run?.mode === 'rejudge';
  const looked = remembered ? await recallContacts(ids, context) : await lookAtContacts(ids, context);
  const { counts, failed } = await carryOut(looked, context);
  for (const { id, code } of failed)
    log.warn({ portal: context.portal, contact: id, code }, 'contact refused');
  return counts;
}

/** Nothing is lost: an outage interrupts the run, whose next start goes on here; anything else is kept per contact. */
async function keepForLater({ portal, work }: Payload, deps: JobDeps, error: Error): Promise<void> {
  const known: HandoffError | null = isHandoffError(error) ? error : null;
  if ('ids' in work) {
    deps.log.warn({ portal, contacts: work.ids.length, err: error }, 'contacts left for the next round');
    return;
  }
  if (known !== null && known.code !== 'rejected') {
    const by = { code: known.code, message: known.message };
    await deps.store.interruptRun(work.run, by, deps.clock.now());
    await deps.tellFailure(portal, error);
    return;
  }
  const [run, batch] = await Promise.all([deps.store.run(work.run), deps.store.batch(work.run, work.seq)]);
  if (run === null || batch === null) return;
  const code = known?.code ?? 'internal';
  // Who knows what the message of a foreign error says of a contact; the log has it once, the store must not.
  const reason = known?.message ?? `an error in handoff itself (${error.name}), see the log`;
  const now = deps.clock.now();
  await deps.store.fail(
    portal,
    batch.ids.map((id) => ({ id, code, reason, failedAt: now })),
  );
  await deps.store.finishBatch(run.id, batch.seq, { ...noCounts(), failed: batch.ids.length }, now);
  await finishRunIfComplete(run, deps);
}

import { z } from 'zod';
import type { JobDefinition } from '../src/queue/contract.ts';
import type { JobDeps } from './deps.ts';
import { beginRun } from './run-ledger.ts';

const Payload = z.strictObject({
  portal: z.string(),
  mode: z.enum(['changes', 'full']),
  /** Go on with an unfinished run even if it shows signs of life: its process may have been killed a moment ago. */
  join: z.boolean().default(false),
});
type Payload = z.infer<typeof Payload>;

/** How long a full run waits for the run before it, ms. */
const WAIT_MS = 30_000;

/** A schedule's tick → a run and its search. One portal has one run at a time: a poll that meets or takes up another is dropped, a full run waits. */
export const startRun: JobDefinition<Payload, JobDeps> = {
  name: 'start-run',
  payload: Payload,
  retry: { attempts: 3, backoffMs: 5_000 },
  async handle({ portal, mode, join }, deps) {
    const begun = await beginRun(portal, mode, deps, { join });
    const atWork = begun.busy === null ? begun.run : begun.busy;
    if (mode === 'changes' || atWork.mode === 'full') return;
    const options = {
      id: `${portal}.${mode}.${deps.clock.now()}`,
      priority: 'backfill',
      delayMs: WAIT_MS,
    } as const;
    await deps.enqueue('start-run', { portal, mode }, options);
  },
  async giveUp({ portal }, deps, error) {
    deps.log.warn({ portal, err: error }, 'run not started');
    await deps.tellFailure(portal, error);
  },
};

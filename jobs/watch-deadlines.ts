import { z } from 'zod';
import type { JobDefinition } from '../src/queue/contract.ts';
import { inBatches } from './counts.ts';
import type { JobDeps } from './deps.ts';

const Payload = z.strictObject({ portal: z.string() });
type Payload = z.infer<typeof Payload>;

/** Due contacts taken up in one round; what is left comes in the next minute. */
const ROUND = 100_000;

/**
 * Every minute: contacts whose facts change by the passing of time (a deadline, a clear that now holds) → ids for
 * `qualify-contacts`, which reads them first: a contact decided a minute ago is not marked overdue. A batch's id names
 * its first contact, so a round that meets the rest of the last one queues nothing twice.
 */
export const watchDeadlines: JobDefinition<Payload, JobDeps> = {
  name: 'watch-deadlines',
  payload: Payload,
  retry: { attempts: 2, backoffMs: 5_000 },
  async handle({ portal }, deps) {
    const due = await deps.store.due(portal, deps.clock.now(), ROUND);
    for (const batch of inBatches(due)) {
      const first = batch[0]!;
      const work = { ids: batch.map((one) => one.id) };
      const options = { id: `${portal}.due.${first.changesAt}.${first.id}`, priority: 'deadline' } as const;
      await deps.enqueue('qualify-contacts', { portal, work }, options);
    }
    if (due.length === 0) await deps.tellChanges(portal);
  },
};

import { z } from 'zod';
import type { JobDefinition } from '../src/queue/contract.ts';
import type { JobDeps } from './deps.ts';

const Payload = z.strictObject({ portal: z.string() });
type Payload = z.infer<typeof Payload>;

/** On its schedule: the week's scorecard, from the store, to the portal's notice targets. */
export const scorecard: JobDefinition<Payload, JobDeps> = {
  name: 'scorecard',
  payload: Payload,
  retry: { attempts: 3, backoffMs: 10_000 },
  handle: ({ portal }, deps) => deps.sendScorecard(portal),
};

/** The side that puts jobs into the queue. */
import { type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { ConfigurationError } from '../errors.ts';
import { explainFailure } from './connection.ts';
import type { Enqueue, EnqueueOptions, Priority } from './contract.ts';
import { parseJob, type Registry } from './registry.ts';

/** The queue that work waits in. */
export const WORK_QUEUE = 'handoff';

/** BullMQ runs lower numbers first, and those without one before all others. */
const PRIORITIES: Readonly<Record<Priority, number>> = { live: 1, deadline: 2, backfill: 3 };

/** A job for `enqueueMany`. */
export interface NewJob {
  readonly job: string;
  readonly payload: unknown;
  readonly options: EnqueueOptions;
}

/**
 * Puts jobs into the queue. Both throw ConfigurationError for an unknown job, a payload its schema refuses or an id
 * with a colon, and UnavailableError within seconds when the engine is away.
 */
export interface Producer {
  readonly enqueue: Enqueue;
  /** In one round trip; one that waits or runs already is left as it is. */
  enqueueMany(jobs: readonly NewJob[]): Promise<void>;
  close(): Promise<void>;
}

/** A producer on this connection. */
export function createProducer<Deps>(
  redis: Redis,
  registry: Registry<Deps>,
  prefix: string,
  onError: (error: Error) => void,
): Producer {
  const queue = new Queue(WORK_QUEUE, { connection: redis, prefix });
  queue.on('error', onError);

  async function enqueueMany(jobs: readonly NewJob[]): Promise<void> {
    const bulk = jobs.map((one) => toBullJob(registry, one));
    try {
      await queue.addBulk(bulk);
    } catch (error) {
      throw explainFailure(redis, error);
    }
  }

  return {
    enqueue: (job, payload, options) => enqueueMany([{ job, payload, options }]),
    enqueueMany,
    close: () => queue.close(),
  };
}

function toBullJob<Deps>(registry: Registry<Deps>, { job: name, payload, options }: NewJob) {
  const { id, priority, delayMs } = options;
  const parsed = parseJob(registry, name, payload);
  if (id === '' || id.includes(':') || /^\d+$/.test(id)) {
    throw new ConfigurationError(
      `Job ${name}: the id ${id} cannot be used; ids have no colons and are not whole numbers.`,
    );
  }
  const opts: JobsOptions = {
    jobId: id,
    priority: PRIORITIES[priority],
    attempts: parsed.job.retry.attempts,
    backoff: { type: 'handoff' },
    stackTraceLimit: 0,
    // What is finished, well or badly, leaves at once: its id is free again, and the store remembers failures.
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
    ...(delayMs === undefined ? {} : { delay: delayMs }),
  };
  return { name, data: parsed.payload, opts };
}

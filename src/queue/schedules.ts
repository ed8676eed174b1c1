/**
 * Schedules, kept in a queue of their own: BullMQ plans the next run when one starts, so that a schedule in the work
 * queue would wait behind the work. All a tick does is enqueue its job, under one id per schedule: a job that still
 * waits or runs when the next tick comes is not queued twice.
 */
import { type Job, type JobSchedulerJson, Queue, type RepeatOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { ConfigurationError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { explainFailure } from './connection.ts';
import type { Enqueue, Schedule } from './contract.ts';
import { parseJob, type Registry } from './registry.ts';

/** The queue that schedules tick in. */
export const SCHEDULE_QUEUE = 'handoff-schedules';

/** How often is looked whether the engine still has our schedules, ms. */
const LOOK_MS = 60_000;

const TICK_OPTIONS = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
} as const;

/** The schedules of this engine. */
export interface Schedules {
  /**
   * Makes the engine's schedules those given: new and changed ones are set, an unchanged one keeps its rhythm, and those
   * not given any more are removed, of the ones that are `ours` (by id; default: all). Throws ConfigurationError for a
   * job or payload that does not exist. An engine that is emptied later on, by a restart say, gets them anew.
   */
  sync(schedules: readonly Schedule[], ours?: (id: string) => boolean): Promise<void>;
  close(): Promise<void>;
}

/** Schedules on this connection. */
export function createSchedules<Deps>(
  redis: Redis,
  registry: Registry<Deps>,
  prefix: string,
  onError: (error: Error) => void,
  lookMs = LOOK_MS,
): Schedules {
  const queue = new Queue(SCHEDULE_QUEUE, { connection: redis, prefix });
  queue.on('error', onError);
  let wanted: readonly Schedule[] = [];
  const timer = setInterval(() => void restore().catch(onError), lookMs);

  /** Only when none is left: several processes may want different ones for a while, during an update. */
  async function restore(): Promise<void> {
    if (wanted.length > 0 && (await queue.getJobSchedulersCount()) === 0)
      await replace(queue, wanted, () => false);
  }

  return {
    async sync(schedules, ours = () => true) {
      for (const schedule of schedules) check(registry, schedule);
      try {
        await replace(queue, schedules, ours);
        wanted = schedules;
      } catch (error) {
        throw explainFailure(redis, error);
      }
    },
    close() {
      clearInterval(timer);
      return queue.close();
    },
  };
}

/** What the schedules' worker does. */
export function tick<Deps>(
  registry: Registry<Deps>,
  enqueue: Enqueue,
  log: Logger,
): (job: Job) => Promise<void> {
  return async (job) => {
    const schedule = job.repeatJobKey ?? job.name;
    if (!registry.has(job.name)) {
      log.warn({ job: job.name, schedule }, 'schedule of an unknown job passed over');
      return;
    }
    await enqueue(job.name, job.data, { id: `schedule.${schedule}`, priority: 'live' });
  };
}

async function replace(
  queue: Queue,
  schedules: readonly Schedule[],
  ours: (id: string) => boolean,
): Promise<void> {
  const present = await queue.getJobSchedulers();
  const wanted = new Set(schedules.map(({ id }) => id));
  for (const { key } of present) {
    if (!wanted.has(key) && ours(key)) await queue.removeJobScheduler(key);
  }
  for (const schedule of schedules) {
    const known = present.find(({ key }) => key === schedule.id);
    if (known !== undefined && isSame(known, schedule) && (await hasNextTick(queue, known))) continue;
    await queue.upsertJobScheduler(schedule.id, rhythm(schedule), {
      name: schedule.job,
      data: schedule.payload,
      opts: TICK_OPTIONS,
    });
  }
}

function isSame(known: JobSchedulerJson, schedule: Schedule): boolean {
  const { pattern, every, tz } = rhythm(schedule);
  const data = JSON.stringify(known.template?.data);
  return (
    known.name === schedule.job &&
    known.pattern === pattern &&
    known.every === every &&
    known.tz === tz &&
    data === JSON.stringify(schedule.payload)
  );
}

/** A schedule lives by its next tick; one that has lost it would never run again. */
async function hasNextTick(queue: Queue, { key, next }: JobSchedulerJson): Promise<boolean> {
  return (await queue.getJob(`repeat:${key}:${next}`)) !== undefined;
}

function rhythm({ at }: Schedule): Pick<RepeatOptions, 'pattern' | 'every' | 'tz'> {
  return 'cron' in at ? { pattern: at.cron, tz: at.timeZone } : { every: at.everyMs };
}

function check<Deps>(registry: Registry<Deps>, schedule: Schedule): void {
  parseJob(registry, schedule.job, schedule.payload);
  if (!schedule.id.includes(':')) return;
  throw new ConfigurationError(`The schedule id ${schedule.id} cannot be used: ids have no colons.`);
}

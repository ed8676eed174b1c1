/** Runs job definitions on BullMQ: workers, producer and schedules of one process, started and stopped together. */
import { type Job, Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from '../log.ts';
import type { Enqueue, JobDefinition, Schedule } from './contract.ts';
import type { Engine } from './engine.ts';
import { createProcessor } from './processor.ts';
import { createProducer, type Producer, WORK_QUEUE } from './producer.ts';
import { type AnyJob, createRegistry } from './registry.ts';
import { createSchedules, SCHEDULE_QUEUE, tick } from './schedules.ts';

/** How long running jobs may take to leave when we stop, ms. */
const GRACE_MS = 10_000;
/** How long closing may take after that before it is left to itself, ms. */
const CLOSE_MS = 5_000;
/** So many deaths of its worker are forgiven a job. */
const DEATHS = 5;

/** What the workers of one process run, on which engine and how. */
export interface RuntimeOptions<Deps> {
  readonly engine: Engine;
  // biome-ignore lint/suspicious/noExplicitAny: each job has its own payload type, checked with its schema
  readonly jobs: readonly JobDefinition<any, Deps>[];
  readonly deps: Deps;
  /** Jobs at once in this process. */
  readonly concurrency: number;
  readonly log: Logger;
  /** Begins every key; `bull` is where queue dashboards look. */
  readonly prefix?: string;
  /** How soon the jobs of a worker that died are taken over: its lock runs out, and others look for that. Ms. */
  readonly takeOver?: { readonly lockMs: number; readonly lookMs: number };
  /** How often is looked whether the engine still has our schedules, ms. */
  readonly scheduleLookMs?: number;
}

/** Workers at work. */
export interface Runtime {
  /** See `Producer`. */
  readonly enqueue: Enqueue;
  readonly enqueueMany: Producer['enqueueMany'];
  /** See `Schedules.sync`. */
  schedule(schedules: readonly Schedule[], ours?: (id: string) => boolean): Promise<void>;
  /** Rejects with UnavailableError when the engine has gone for good. Need not be awaited. */
  readonly lost: Promise<never>;
  /**
   * Takes no new jobs, aborts the signal of running ones and waits for them, puts them back to the queue, closes. Always
   * finishes: a job that does not leave in time is taken over by another worker once its lock has run out.
   */
  stop(graceMs?: number): Promise<void>;
}

/** Starts working. Throws ConfigurationError when two jobs have one name. */
export async function startRuntime<Deps>(options: RuntimeOptions<Deps>): Promise<Runtime> {
  const { engine, deps, log, prefix = 'bull' } = options;
  const registry = createRegistry(options.jobs as readonly AnyJob<Deps>[]);
  const stopping = new AbortController();
  const running = new Running();
  const onError = (err: Error) => tellError(log, err);

  const producerRedis = engine.connect('producer');
  const producer = createProducer(producerRedis, registry, prefix, onError);
  const schedules = createSchedules(producerRedis, registry, prefix, onError, options.scheduleLookMs);
  const processor = createProcessor({ registry, deps, log, stopping: stopping.signal });

  const workerRedis = engine.connect('worker');
  const shared = workerOptions(workerRedis, prefix, options.takeOver);
  const work = (job: Job, token?: string) => running.track(processor.process(job, token));
  const workers = [
    new Worker(WORK_QUEUE, work, {
      ...shared,
      concurrency: options.concurrency,
      settings: { backoffStrategy: (made, _type, _error, job) => processor.backoff(made, job) },
    }),
    new Worker(SCHEDULE_QUEUE, tick(registry, producer.enqueue, log), { ...shared, concurrency: 1 }),
  ];
  for (const worker of workers) worker.on('error', onError);
  workers[0]?.on('failed', (job, error) => {
    if (job !== undefined) void running.track(processor.failed(job, error));
  });

  let stopped: Promise<void> | null = null;
  const runtime: Runtime = {
    enqueue: producer.enqueue,
    enqueueMany: producer.enqueueMany,
    schedule: (wanted, ours) => schedules.sync(wanted, ours),
    lost: lossOf(engine),
    stop(graceMs = GRACE_MS) {
      const isAway = () => workerRedis.status !== 'ready';
      stopped ??= stop({ workers, queues: [producer, schedules], running, stopping, isAway, log }, graceMs);
      return stopped;
    },
  };
  try {
    await Promise.race([Promise.all(workers.map((worker) => worker.waitUntilReady())), runtime.lost]);
    return runtime;
  } catch (error) {
    await runtime.stop();
    throw error;
  }
}

function workerOptions(
  connection: Redis,
  prefix: string,
  takeOver: RuntimeOptions<unknown>['takeOver'],
): WorkerOptions {
  return {
    connection,
    prefix,
    lockDuration: takeOver?.lockMs ?? 20_000,
    stalledInterval: takeOver?.lookMs ?? 10_000,
    maxStalledCount: DEATHS,
  };
}

function lossOf(engine: Engine): Promise<never> {
  const lost = new Promise<never>((_resolve, reject) => engine.onLost(reject));
  lost.catch(() => {});
  return lost;
}

interface Parts {
  readonly workers: readonly Worker[];
  readonly queues: readonly { close(): Promise<void> }[];
  readonly running: Running;
  readonly stopping: AbortController;
  /** An engine that is away answers no goodbye. */
  isAway(): boolean;
  readonly log: Logger;
}

/** Stops in order: no new jobs, running ones leave, workers, then queues. Connections are the engine's to close. */
async function stop(
  { workers, queues, running, stopping, isAway, log }: Parts,
  graceMs: number,
): Promise<void> {
  await Promise.all(workers.map((worker) => worker.pause(true)));
  stopping.abort();
  await within(graceMs, running.idle());
  if (running.count > 0) log.warn({ jobs: running.count }, 'jobs left behind for another worker');
  const force = running.count > 0 || isAway();
  const closed = await within(CLOSE_MS, Promise.allSettled(workers.map((worker) => worker.close(force))));
  const queuesClosed = await within(CLOSE_MS, Promise.allSettled(queues.map((queue) => queue.close())));
  if (!closed || !queuesClosed) log.warn('queue not closed cleanly');
}

/** The jobs this process is at. */
class Running {
  readonly #jobs = new Set<Promise<void>>();

  get count(): number {
    return this.#jobs.size;
  }

  track(job: Promise<void>): Promise<void> {
    this.#jobs.add(job);
    const done = () => this.#jobs.delete(job);
    job.then(done, done);
    return job;
  }

  async idle(): Promise<void> {
    while (this.#jobs.size > 0) await Promise.allSettled(this.#jobs);
  }
}

/** Waits for a promise, but not for ever; tells whether it came. */
async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const came = await Promise.race([promise.then(() => true), timeout]);
  clearTimeout(timer);
  return came;
}

/** The connections tell of outages themselves; here they would be told once per worker and attempt. */
function tellError(log: Logger, err: Error): void {
  const code = String((err as NodeJS.ErrnoException).code ?? '');
  const connection = /^E[A-Z]+$/.test(code) || /connection is closed/i.test(err.message);
  if (connection) log.debug({ err }, 'queue connection error');
  else log.warn({ err }, 'queue error');
}

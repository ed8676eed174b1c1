import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { z } from 'zod';
import type { JobContext, JobDefinition } from '../../src/queue/contract.ts';
import type { Engine } from '../../src/queue/engine.ts';
import { type Runtime, type RuntimeOptions, startRuntime } from '../../src/queue/runtime.ts';
import { freshPrefix, open, silent, tempFolder, until } from './support.ts';

const Payload = z.strictObject({ n: z.number() });
export type Payload = z.infer<typeof Payload>;
export type Definition = JobDefinition<Payload, null>;

export const LIVE = { priority: 'live' } as const;

/** A job named `work` that does this; retries within milliseconds. */
export function job(
  handle: (n: number, context: JobContext) => Promise<void> | void,
  more: Partial<Definition> = {},
): Definition {
  return {
    name: 'work',
    payload: Payload,
    retry: { attempts: 3, backoffMs: 2 },
    handle: async ({ n }, _deps, context) => handle(n, context),
    ...more,
  };
}

/** What a test of the runtime works with. */
export interface Harness {
  readonly dir: string;
  engine(): Engine;
  /** The test's own key prefix. */
  prefix(): string;
  /** Starts a runtime that is stopped after the test. */
  start(jobs: readonly Definition[], more?: Partial<RuntimeOptions<null>>): Promise<Runtime>;
  /** Ids of the jobs that wait or run. */
  leftJobs(): Promise<string[]>;
  /** Enqueues these and waits until the queue is empty. */
  settle(runtime: Runtime, ids?: readonly string[]): Promise<void>;
  /** Puts a job into the queue as another version, or another process, might have. */
  addRaw(name: string, payload: object): Promise<void>;
}

/** Opens an engine for the tests of the surrounding block. */
export function useRuntime(url: string | undefined): Harness {
  const folder = tempFolder();
  const runtimes: Runtime[] = [];
  let engine: Engine;
  let redis: Redis;
  let prefix: string;

  beforeAll(async () => {
    engine = await open(folder.dir, url);
    redis = engine.connect('producer');
  });
  beforeEach(() => {
    prefix = freshPrefix();
  });
  afterEach(async () => {
    for (const runtime of runtimes.splice(0)) await runtime.stop(100);
  });
  afterAll(async () => {
    await engine.close();
    folder.remove();
  });

  const harness: Harness = {
    dir: folder.dir,
    engine: () => engine,
    prefix: () => prefix,
    async start(jobs, more = {}) {
      const options = { engine, jobs, deps: null, concurrency: 1, log: silent, prefix, ...more };
      const runtime = await startRuntime<null>(options);
      runtimes.push(runtime);
      return runtime;
    },
    async leftJobs() {
      const keys = await redis.keys(`${prefix}:handoff:job-*`);
      const ids = keys.map((key) => key.slice(`${prefix}:handoff:`.length));
      return ids.filter((id) => !id.includes(':')).toSorted();
    },
    async settle(runtime, ids = ['job-1']) {
      for (const [n, id] of ids.entries()) await runtime.enqueue('work', { n }, { id, ...LIVE });
      await until(async () => (await harness.leftJobs()).length === 0);
    },
    async addRaw(name, payload) {
      const queue = new Queue('handoff', { connection: redis, prefix });
      const gone = { count: 0 };
      await queue.add(name, payload, {
        jobId: 'job-raw',
        attempts: 3,
        removeOnFail: gone,
        removeOnComplete: gone,
      });
      await queue.close();
    },
  };
  return harness;
}

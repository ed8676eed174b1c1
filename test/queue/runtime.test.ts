import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import {
  ConfigurationError,
  CredentialsError,
  RateLimitedError,
  RejectedError,
  UnavailableError,
} from '../../src/errors.ts';
import type { JobContext, JobDefinition } from '../../src/queue/contract.ts';
import type { Engine } from '../../src/queue/engine.ts';
import { type Runtime, type RuntimeOptions, startRuntime } from '../../src/queue/runtime.ts';
import { startRedis } from '../support/services.ts';
import { recordingLog } from './recording-log.ts';
import { ENGINES, freshPrefix, open, silent, startChild, tempFolder, until } from './support.ts';

const Payload = z.strictObject({ n: z.number() });
type Payload = z.infer<typeof Payload>;
type Definition = JobDefinition<Payload, null>;

/** A job that does this; retries within milliseconds. */
function job(
  handle: (n: number, context: JobContext) => Promise<void> | void,
  more: Partial<Definition> = {},
) {
  const definition: Definition = {
    name: 'work',
    payload: Payload,
    retry: { attempts: 3, backoffMs: 2 },
    handle: async ({ n }, _deps, context) => handle(n, context),
    ...more,
  };
  return definition;
}

const LIVE = { priority: 'live' } as const;

describe.each(ENGINES)('the job runtime on $engine', ({ missing, url }) => {
  describe.skipIf(missing)('', () => {
    const folder = tempFolder();
    const runtimes: Runtime[] = [];
    let engine: Engine;
    let prefix: string;

    beforeAll(async () => {
      engine = await open(folder.dir, url);
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

    async function start(
      jobs: readonly Definition[],
      more: Partial<RuntimeOptions<null>> = {},
    ): Promise<Runtime> {
      const options = { engine, jobs, deps: null, concurrency: 1, log: silent, prefix, ...more };
      const runtime = await startRuntime<null>(options);
      runtimes.push(runtime);
      return runtime;
    }

    /** Keys of jobs that are left in the work queue. */
    async function leftJobs(): Promise<string[]> {
      const redis = engine.connect('producer');
      const keys = await redis.keys(`${prefix}:handoff:*`);
      const ids = keys.map((key) => key.slice(`${prefix}:handoff:`.length));
      return ids.filter((id) => /^job-[^:]*$/.test(id)).toSorted();
    }

    /** Enqueues and waits until the queue is empty. */
    async function settle(runtime: Runtime, ids: readonly string[] = ['job-1']): Promise<void> {
      for (const [n, id] of ids.entries()) await runtime.enqueue('work', { n }, { id, ...LIVE });
      await until(async () => (await leftJobs()).length === 0);
    }

    it('runs what is enqueued, with its payload, and keeps nothing of it', async () => {
      const seen: [number, JobContext][] = [];
      const runtime = await start([job((n, context) => void seen.push([n, context]))]);
      await settle(runtime, ['job-a', 'job-b']);
      expect(seen.map(([n]) => n)).toEqual([0, 1]);
      expect(seen[0]?.[1]).toMatchObject({ attempt: 1, lastAttempt: false });
      expect(seen[0]?.[1].signal.aborted).toBe(false);
    });

    it('does not queue a job twice while it waits or runs, and takes its id again afterwards', async () => {
      let runs = 0;
      const gate = Promise.withResolvers<void>();
      const runtime = await start([
        job(async () => {
          runs += 1;
          if (runs === 1) await gate.promise;
        }),
      ]);
      const enqueue = (id: string) => runtime.enqueue('work', { n: 1 }, { id, ...LIVE });
      await enqueue('job-1');
      await until(() => runs === 1);
      await enqueue('job-1');
      await enqueue('job-2');
      await enqueue('job-2');
      gate.resolve();
      await until(async () => (await leftJobs()).length === 0);
      expect(runs).toBe(2);
      await settle(runtime);
      expect(runs).toBe(3);
    });

    it('takes many at once', async () => {
      const seen = new Set<number>();
      const runtime = await start([job((n) => void seen.add(n))], { concurrency: 5 });
      const many = Array.from({ length: 100 }, (_, n) => ({
        job: 'work',
        payload: { n },
        options: { id: `job-${n}`, priority: 'backfill' as const },
      }));
      await runtime.enqueueMany([...many, ...many]);
      await until(() => seen.size === 100);
    });

    it('refuses what it does not know, a payload of another shape and ids that BullMQ cannot keep', async () => {
      const runtime = await start([job(() => {})]);
      const options = { id: 'job-1', ...LIVE };
      await expect(runtime.enqueue('wrok', { n: 1 }, options)).rejects.toThrow(/no job wrok.*work/);
      const error = await runtime
        .enqueue('work', { n: 'a secret' }, options)
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(String(error)).toMatch(/Job work.*\n.*→ at n/s);
      expect(String(error)).not.toContain('a secret');
      for (const id of ['a:b', '12', '']) {
        await expect(runtime.enqueue('work', { n: 1 }, { id, ...LIVE })).rejects.toThrow(/cannot be used/);
      }
      await expect(
        startRuntime({
          engine,
          jobs: [job(() => {}), job(() => {})],
          deps: null,
          concurrency: 1,
          log: silent,
        }),
      ).rejects.toThrow(/Two jobs are named work/);
    });

    it('runs live jobs first, then deadlines, then backfill', async () => {
      const order: number[] = [];
      const gate = Promise.withResolvers<void>();
      const runtime = await start([
        job(async (n) => {
          if (n === 0) await gate.promise;
          order.push(n);
        }),
      ]);
      await runtime.enqueue('work', { n: 0 }, { id: 'job-0', ...LIVE });
      await until(async () => (await leftJobs()).length === 1);
      const waiting = [
        [3, 'backfill'],
        [2, 'deadline'],
        [1, 'live'],
      ] as const;
      for (const [n, priority] of waiting) await runtime.enqueue('work', { n }, { id: `job-${n}`, priority });
      gate.resolve();
      await until(() => order.length === 4);
      expect(order).toEqual([0, 1, 2, 3]);
    });

    it('waits with a delayed job', async () => {
      const startedAt: number[] = [];
      const runtime = await start([job(() => void startedAt.push(performance.now()))]);
      const enqueuedAt = performance.now();
      await runtime.enqueue('work', { n: 1 }, { id: 'job-1', delayMs: 300, ...LIVE });
      await until(() => startedAt.length === 1);
      expect((startedAt[0] ?? 0) - enqueuedAt).toBeGreaterThanOrEqual(295);
    });

    describe('when a job fails', () => {
      const gaveUp: Error[] = [];
      const giveUp = async (_payload: Payload, _deps: null, error: Error) => void gaveUp.push(error);
      beforeEach(() => {
        gaveUp.length = 0;
      });

      it('tries again after an outage until it works', async () => {
        const contexts: JobContext[] = [];
        const handle = (_n: number, context: JobContext) => {
          contexts.push(context);
          if (context.attempt < 3) throw new UnavailableError('down');
        };
        await settle(await start([job(handle, { giveUp })]));
        expect(contexts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
        expect(contexts.map(({ lastAttempt }) => lastAttempt)).toEqual([false, false, true]);
        expect(gaveUp).toEqual([]);
      });

      it('gives up once after the last attempt, and takes the id again', async () => {
        let runs = 0;
        const error = new UnavailableError('down');
        const handle = () => {
          runs += 1;
          throw error;
        };
        const runtime = await start([job(handle, { giveUp })]);
        await settle(runtime);
        expect(runs).toBe(3);
        expect(gaveUp).toEqual([error]);
        await settle(runtime);
        expect(gaveUp).toHaveLength(2);
      });

      it.each([
        new ConfigurationError('wrong'),
        new CredentialsError('refused'),
        new RejectedError('invalid', { status: 400 }),
      ])('gives up at once on $name', async (error) => {
        let runs = 0;
        const handle = () => {
          runs += 1;
          throw error;
        };
        await settle(await start([job(handle, { giveUp })]));
        expect(runs).toBe(1);
        expect(gaveUp).toEqual([error]);
      });

      it('gives a fault of ours one more chance', async () => {
        let runs = 0;
        const handle = () => {
          runs += 1;
          throw new TypeError('of undefined');
        };
        await settle(await start([job(handle, { giveUp, retry: { attempts: 6, backoffMs: 1 } })]));
        expect(runs).toBe(2);
        expect(gaveUp).toEqual([expect.any(TypeError)]);
      });

      it('waits as long as HubSpot asks, without counting an attempt', async () => {
        const contexts: { readonly attempt: number; readonly at: number }[] = [];
        const handle = (_n: number, { attempt }: JobContext) => {
          contexts.push({ attempt, at: performance.now() });
          if (contexts.length <= 4) throw new RateLimitedError('slow down', 150);
          if (contexts.length === 5) throw new UnavailableError('down');
        };
        await settle(await start([job(handle, { giveUp, retry: { attempts: 2, backoffMs: 1 } })]));
        expect(contexts.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 1, 2]);
        for (let i = 1; i < 5; i += 1) {
          expect((contexts[i]?.at ?? 0) - (contexts[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(145);
        }
        expect(gaveUp).toEqual([]);
      });

      it('works on other jobs while one waits', async () => {
        const done: number[] = [];
        const handle = (n: number) => {
          if (n === 0 && done.length === 0) throw new RateLimitedError('slow down', 200);
          done.push(n);
        };
        await settle(await start([job(handle)]), ['job-0', 'job-1']);
        expect(done).toEqual([1, 0]);
      });

      it('goes on when giving up fails too', async () => {
        const { log, lines } = recordingLog();
        const broken = async () => {
          throw new UnavailableError('the store is away');
        };
        const handle = (n: number) => {
          if (n === 0) throw new ConfigurationError('wrong');
        };
        await settle(await start([job(handle, { giveUp: broken })], { log }), ['job-0', 'job-1']);
        expect(lines.map(({ msg }) => msg)).toContain('failure of a job not recorded');
      });

      it('is an error in the log only when it is the last time', async () => {
        const { log, lines } = recordingLog();
        const handle = () => {
          throw new UnavailableError('down');
        };
        await settle(await start([job(handle)], { log }));
        expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
          [40, 'job failed, trying again'],
          [40, 'job failed, trying again'],
          [50, 'job failed for good'],
        ]);
        expect(lines[0]).toMatchObject({ job: 'work', id: 'job-1', attempt: 1 });
      });

      it('leaves no message of a foreign error in the queue', async () => {
        const failed = Promise.withResolvers<void>();
        const handle = (_n: number, { attempt }: JobContext) => {
          if (attempt > 1) return;
          setImmediate(failed.resolve);
          throw new SyntaxError('Unexpected token in "jane@example.com"');
        };
        const runtime = await start([job(handle, { retry: { attempts: 2, backoffMs: 60_000 } })]);
        await runtime.enqueue('work', { n: 1 }, { id: 'job-1', ...LIVE });
        await failed.promise;
        const redis = engine.connect('producer');
        const key = `${prefix}:handoff:job-1`;
        await until(async () => (await redis.hget(key, 'failedReason')) !== null);
        expect(JSON.stringify(await redis.hgetall(key))).not.toContain('jane');
        expect(await redis.hget(key, 'failedReason')).toBe('SyntaxError');
      });
    });

    describe('when the queue holds what this version does not know', () => {
      it('drops a job without a definition', async () => {
        const { log, lines } = recordingLog();
        await addRaw(engine.connect('producer'), prefix, 'old', { n: 1 });
        await start([job(() => {})], { log });
        await until(() => lines.some(({ msg }) => msg === 'unknown job dropped'));
        await until(async () => (await leftJobs()).length === 0);
      });

      it('fails a job whose payload has another shape, without trying again', async () => {
        const { log, lines } = recordingLog();
        const runs: number[] = [];
        await addRaw(engine.connect('producer'), prefix, 'work', { n: 'seven' });
        await start([job((n) => void runs.push(n))], { log });
        await until(async () => lines.length > 0 && (await leftJobs()).length === 0);
        expect(lines.map(({ msg }) => msg)).toEqual(['job failed for good']);
        expect(runs).toEqual([]);
      });
    });

    describe('when it stops', () => {
      /** A handler that leaves when told to. */
      const leaving = (how: 'throws' | 'returns' | 'refuses') => async (_n: number, context: JobContext) => {
        if (runsOf.count++ > 0) return;
        runsOf.attempt = context.attempt;
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
        if (how === 'throws') throw new Error('aborted');
        if (how === 'refuses') throw new RateLimitedError('stopped while waiting', 0);
      };
      const runsOf = { count: 0, attempt: 0 };
      beforeEach(() => {
        runsOf.count = 0;
      });

      it.each(['throws', 'returns', 'refuses'] as const)(
        'a handler that %s is run again elsewhere, no attempt counted',
        async (how) => {
          const gaveUp: Error[] = [];
          const giveUp = async (_payload: Payload, _deps: null, error: Error) => void gaveUp.push(error);
          const first = await start([job(leaving(how), { giveUp, retry: { attempts: 1, backoffMs: 1 } })]);
          await first.enqueue('work', { n: 1 }, { id: 'job-1', ...LIVE });
          await first.enqueue('work', { n: 2 }, { id: 'job-2', ...LIVE });
          await until(() => runsOf.count === 1);
          await first.stop();
          expect(await leftJobs()).toEqual(['job-1', 'job-2']);
          const contexts: [number, number][] = [];
          await start([job((n, { attempt }) => void contexts.push([n, attempt]))]);
          await until(() => contexts.length === 2);
          expect(contexts.toSorted()).toEqual([
            [1, 1],
            [2, 1],
          ]);
          expect(gaveUp).toEqual([]);
        },
      );

      it('finishes although a handler does not leave, and another takes the job over', async () => {
        const takeOver = { lockMs: 500, lookMs: 100 };
        const never = job(() => new Promise<void>(() => {}));
        let taken = false;
        const handle = job((_n, context) => {
          taken = true;
          return never.handle({ n: 1 }, null, context);
        });
        const first = await start([handle], { takeOver });
        await first.enqueue('work', { n: 1 }, { id: 'job-1', ...LIVE });
        await until(() => taken);
        await first.stop(20);
        const contexts: JobContext[] = [];
        await start([job((_n, context) => void contexts.push(context))], { takeOver });
        await until(() => contexts.length === 1);
        expect(contexts[0]?.attempt).toBe(1);
      });

      it('stops once however often it is told to, idle too', async () => {
        const runtime = await start([job(() => {})]);
        await Promise.all([runtime.stop(), runtime.stop()]);
        await runtime.stop();
      });
    });

    it('takes over the job of a process that was killed', async () => {
      const child = startChild('take-and-hang.ts', { url, dir: folder.dir, prefix });
      expect(await child.next()).toEqual({ kind: url === undefined ? 'joined' : 'services' });
      await addRaw(engine.connect('producer'), prefix, 'work', { n: 7 });
      expect(await child.next()).toEqual({ taken: true });
      const seen: [number, number][] = [];
      await start([job((n, { attempt }) => void seen.push([n, attempt]))], {
        takeOver: { lockMs: 1_000, lookMs: 200 },
      });
      child.kill('SIGKILL');
      await child.ended;
      await until(() => seen.length === 1);
      expect(seen).toEqual([[7, 1]]);
      await until(async () => (await leftJobs()).length === 0);
    });

    it('gives up a job that kills every process that takes it', async () => {
      const gaveUp: Error[] = [];
      const giveUp = async (_payload: Payload, _deps: null, error: Error) => void gaveUp.push(error);
      const redis = engine.connect('producer');
      await addRaw(redis, prefix, 'work', { n: 1 });
      await redis.hset(`${prefix}:handoff:job-raw`, 'defa', 'job stalled more than allowable limit');
      const runs: number[] = [];
      await start([job((n) => void runs.push(n), { giveUp })]);
      await until(() => gaveUp.length === 1);
      expect(gaveUp[0]).toBeInstanceOf(UnavailableError);
      expect(runs).toEqual([]);
      await until(async () => (await leftJobs()).length === 0);
    });
  });
});

describe('a runtime whose engine goes away', () => {
  it('says so, and its process ends, when it had joined another process', async () => {
    const folder = tempFolder();
    const owner = await open(folder.dir, undefined);
    const child = startChild('take-and-hang.ts', { dir: folder.dir, prefix: freshPrefix() });
    expect(await child.next()).toEqual({ kind: 'joined' });
    await owner.close();
    expect(await child.next()).toEqual({ lost: expect.stringContaining('start this command again') });
    expect(await child.ended).toMatchObject({ code: 3, stderr: '' });
    folder.remove();
  });

  it.skipIf(inject('redisUrl') === null)(
    'waits for a Redis to come back, and can be stopped meanwhile',
    async () => {
      const server = await startRedis();
      const child = startChild('take-and-hang.ts', { url: server?.url, prefix: freshPrefix() });
      expect(await child.next()).toEqual({ kind: 'services' });
      await server?.stop();
      child.kill('SIGTERM');
      expect(await child.next()).toEqual({ stopped: true });
      expect(await child.ended).toMatchObject({ code: 0, stderr: '' });
    },
  );
});

/** Puts a job into the queue as another version might have. */
async function addRaw(redis: Redis, prefix: string, name: string, payload: object): Promise<void> {
  const queue = new Queue('handoff', { connection: redis, prefix, skipVersionCheck: true });
  const opts = { jobId: 'job-raw', attempts: 3, removeOnFail: { count: 0 }, removeOnComplete: { count: 0 } };
  await queue.add(name, payload, opts);
  await queue.close();
}

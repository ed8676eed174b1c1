import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors.ts';
import type { JobContext } from '../../src/queue/contract.ts';
import { startRuntime } from '../../src/queue/runtime.ts';
import { recordingLog } from './recording-log.ts';
import { job, LIVE, useRuntime } from './runtime-harness.ts';
import { ENGINES, silent, until } from './support.ts';

describe.each(ENGINES)('jobs on $engine', ({ missing, url }) => {
  describe.skipIf(missing)('', () => {
    const { engine, start, leftJobs, settle, addRaw } = useRuntime(url);

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
          engine: engine(),
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

    describe('when the queue holds what this version does not know', () => {
      it('drops a job without a definition', async () => {
        const { log, lines } = recordingLog();
        await addRaw('old', { n: 1 });
        await start([job(() => {})], { log });
        await until(() => lines.some(({ msg }) => msg === 'unknown job dropped'));
        await until(async () => (await leftJobs()).length === 0);
      });

      it('fails a job whose payload has another shape, without trying again', async () => {
        const { log, lines } = recordingLog();
        const runs: number[] = [];
        await addRaw('work', { n: 'seven' });
        await start([job((n) => void runs.push(n))], { log });
        await until(async () => lines.length > 0 && (await leftJobs()).length === 0);
        expect(lines.map(({ msg }) => msg)).toEqual(['job failed for good']);
        expect(runs).toEqual([]);
      });
    });
  });
});

import { beforeEach, describe, expect, inject, it } from 'vitest';
import { RateLimitedError, UnavailableError } from '../../src/errors.ts';
import type { JobContext } from '../../src/queue/contract.ts';
import { startRedis } from '../support/services.ts';
import { job, LIVE, type Payload, useRuntime } from './runtime-harness.ts';
import { ENGINES, freshPrefix, open, startChild, tempFolder, until } from './support.ts';

describe.each(ENGINES)('stopping and dying on $engine', ({ missing, url }) => {
  describe.skipIf(missing)('', () => {
    const { engine, prefix, dir, start, leftJobs, addRaw } = useRuntime(url);

    describe('when it stops', () => {
      let runs = 0;
      beforeEach(() => {
        runs = 0;
      });

      /** A handler that leaves when told to. */
      const leaving = (how: 'throws' | 'returns' | 'refuses') => async (_n: number, context: JobContext) => {
        runs += 1;
        if (runs > 1) return;
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
        if (how === 'throws') throw new Error('aborted');
        if (how === 'refuses') throw new RateLimitedError('stopped while waiting', 0);
      };

      it.each(['throws', 'returns', 'refuses'] as const)(
        'a handler that %s is run again elsewhere, no attempt counted',
        async (how) => {
          const gaveUp: Error[] = [];
          const giveUp = async (_payload: Payload, _deps: null, error: Error) => void gaveUp.push(error);
          const first = await start([job(leaving(how), { giveUp, retry: { attempts: 1, backoffMs: 1 } })]);
          await first.enqueue('work', { n: 1 }, { id: 'job-1', ...LIVE });
          await first.enqueue('work', { n: 2 }, { id: 'job-2', ...LIVE });
          await until(() => runs === 1);
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
        let taken = false;
        const hanging = job(async () => {
          taken = true;
          await new Promise(() => {});
        });
        const first = await start([hanging], { takeOver });
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
      const child = startChild('take-and-hang.ts', { url, dir, prefix: prefix() });
      expect(await child.next()).toEqual({ kind: url === undefined ? 'joined' : 'services' });
      await addRaw('work', { n: 7 });
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
      const redis = engine().connect('producer');
      await addRaw('work', { n: 1 });
      await redis.hset(`${prefix()}:handoff:job-raw`, 'defa', 'job stalled more than allowable limit');
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

import { beforeEach, describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  CredentialsError,
  RateLimitedError,
  RejectedError,
  UnavailableError,
} from '../../src/errors.ts';
import type { JobContext } from '../../src/queue/contract.ts';
import { recordingLog } from './recording-log.ts';
import { job, LIVE, type Payload, useRuntime } from './runtime-harness.ts';
import { ENGINES, until } from './support.ts';

describe.each(ENGINES)('a job that fails on $engine', ({ missing, url }) => {
  describe.skipIf(missing)('', () => {
    const { engine, prefix, start, settle } = useRuntime(url);
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
      const redis = engine().connect('producer');
      const key = `${prefix()}:handoff:job-1`;
      await until(async () => (await redis.hget(key, 'failedReason')) !== null);
      expect(JSON.stringify(await redis.hgetall(key))).not.toContain('jane');
      expect(await redis.hget(key, 'failedReason')).toBe('SyntaxError');
    });
  });
});

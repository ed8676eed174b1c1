import { type JobSchedulerJson, Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JobDefinition, Schedule } from '../../src/queue/contract.ts';
import type { Engine } from '../../src/queue/engine.ts';
import { type Runtime, type RuntimeOptions, startRuntime } from '../../src/queue/runtime.ts';
import { recordingLog } from './recording-log.ts';
import { ENGINES, freshPrefix, open, silent, tempFolder, until } from './support.ts';

const Payload = z.strictObject({ portal: z.string() });
type Definition = JobDefinition<z.infer<typeof Payload>, null>;

const HOUR_MS = 3_600_000;
const PAYLOAD = { portal: 'acme' };
const hourly: Schedule = { id: 'acme.poll', job: 'poll', payload: PAYLOAD, at: { everyMs: HOUR_MS } };
const daily: Schedule = {
  id: 'acme.full',
  job: 'poll',
  payload: PAYLOAD,
  at: { cron: '30 9 * * 1-5', timeZone: 'America/New_York' },
};

describe.each(ENGINES)('schedules on $engine', ({ missing, url }) => {
  describe.skipIf(missing)('', () => {
    const folder = tempFolder();
    const runtimes: Runtime[] = [];
    let engine: Engine;
    let prefix: string;
    let queue: Queue;

    beforeAll(async () => {
      engine = await open(folder.dir, url);
    });
    beforeEach(() => {
      prefix = freshPrefix();
      queue = new Queue('handoff-schedules', { connection: engine.connect('producer'), prefix });
    });
    afterEach(async () => {
      for (const runtime of runtimes.splice(0)) await runtime.stop(100);
      await queue.close();
    });
    afterAll(async () => {
      await engine.close();
      folder.remove();
    });

    async function start(
      handle: (portal: string) => Promise<void> | void = () => {},
      more: Partial<RuntimeOptions<null>> = {},
    ): Promise<Runtime> {
      const poll: Definition = {
        name: 'poll',
        payload: Payload,
        retry: { attempts: 1, backoffMs: 1 },
        handle: async ({ portal }) => handle(portal),
      };
      const runtime = await startRuntime<null>({
        engine,
        jobs: [poll],
        deps: null,
        concurrency: 1,
        log: silent,
        prefix,
        ...more,
      });
      runtimes.push(runtime);
      return runtime;
    }

    async function present(): Promise<JobSchedulerJson[]> {
      return (await queue.getJobSchedulers()).toSorted((a, b) => a.key.localeCompare(b.key));
    }

    const ids = async () => (await present()).map(({ key }) => key);

    it('run their job again and again, with its payload', async () => {
      const ran: string[] = [];
      const runtime = await start((portal) => void ran.push(portal));
      await runtime.schedule([{ ...hourly, at: { everyMs: 50 } }]);
      await until(() => ran.length >= 4);
      expect(new Set(ran)).toEqual(new Set(['acme']));
    });

    it('follow the wall clock of their zone', async () => {
      const runtime = await start();
      await runtime.schedule([daily]);
      const [{ next, tz } = {}] = await present();
      const { timeZone } = daily.at as { timeZone: string };
      const wall = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short', dateStyle: 'full' });
      expect(tz).toBe(timeZone);
      expect(wall.format(next)).toMatch(/^(Mon|Tues|Wednes|Thurs|Fri)day.*09:30$/);
    });

    it('keep their rhythm over a restart', async () => {
      const first = await start();
      await first.schedule([hourly, daily]);
      await until(async () => (await present()).every(({ next }) => (next ?? 0) > Date.now()));
      const before = await present();
      const ticks = await queue.getDelayed();
      await first.stop();
      const second = await start();
      await second.schedule([hourly, daily]);
      expect(await present()).toEqual(before);
      const timestamps = (
        jobs: readonly { readonly id?: string | undefined; readonly timestamp: number }[],
      ) => jobs.map(({ id, timestamp }) => [id, timestamp]).toSorted();
      expect(timestamps(await queue.getDelayed())).toEqual(timestamps(ticks));
    });

    it.each([
      ['its interval', { at: { everyMs: 2 * HOUR_MS } }],
      ['its kind', { at: { cron: '0 * * * *', timeZone: 'UTC' } }],
      ['its payload', { payload: { portal: 'other' } }],
    ])('are set anew when one has changed %s', async (_, change) => {
      const runtime = await start();
      await runtime.schedule([hourly]);
      await runtime.schedule([{ ...hourly, ...change }]);
      const [scheduler] = await present();
      const { payload, at } = { ...hourly, ...change } as Schedule;
      expect(scheduler?.template?.data).toEqual(payload);
      if ('everyMs' in at) expect(scheduler).toMatchObject({ every: at.everyMs });
      else expect(scheduler).toMatchObject({ pattern: at.cron, tz: at.timeZone });
      await until(async () => (await queue.getDelayedCount()) === 1);
    });

    it('go when they are not declared any more, but only the ones that are ours to remove', async () => {
      const runtime = await start();
      const other = { ...hourly, id: 'other.poll' };
      await runtime.schedule([hourly, daily, other]);
      await runtime.schedule([daily], (id) => id.startsWith('acme.'));
      expect(await ids()).toEqual(['acme.full', 'other.poll']);
      await runtime.schedule([]);
      expect(await ids()).toEqual([]);
      expect(await queue.getDelayedCount()).toBe(0);
    });

    it('are one however many processes set them at once', async () => {
      const all = await Promise.all([start(), start(), start()]);
      await Promise.all(all.map((runtime) => runtime.schedule([hourly, daily])));
      expect(await ids()).toEqual(['acme.full', 'acme.poll']);
      await until(async () => (await queue.getDelayedCount()) === 2);
    });

    it('do not queue a job again that still waits or runs', async () => {
      let runs = 0;
      const gate = Promise.withResolvers<void>();
      const runtime = await start(async () => {
        runs += 1;
        await gate.promise;
      });
      await runtime.schedule([{ ...hourly, at: { everyMs: 30 } }]);
      await until(async () => ((await present())[0]?.iterationCount ?? 0) >= 5);
      const work = new Queue('handoff', { connection: engine.connect('producer'), prefix });
      expect(await work.getJobCounts('active', 'waiting', 'prioritized', 'delayed')).toEqual({
        active: 1,
        waiting: 0,
        prioritized: 0,
        delayed: 0,
      });
      expect(runs).toBe(1);
      gate.resolve();
      await work.close();
    });

    it('are refused when their job, payload or id cannot be', async () => {
      const runtime = await start();
      await expect(runtime.schedule([{ ...hourly, job: 'wrok' }])).rejects.toThrow(/no job wrok/);
      await expect(runtime.schedule([{ ...hourly, payload: {} }])).rejects.toThrow(
        /cannot take this payload/,
      );
      await expect(runtime.schedule([{ ...hourly, id: 'a:b' }])).rejects.toThrow(/no colons/);
      expect(await ids()).toEqual([]);
    });

    it('live on when one has lost its next tick', async () => {
      const runtime = await start();
      await runtime.schedule([daily]);
      const [tick] = await queue.getDelayed();
      const redis = engine.connect('producer');
      await redis.zrem(`${prefix}:handoff-schedules:delayed`, tick?.id ?? '');
      await redis.del(`${prefix}:handoff-schedules:${tick?.id}`);
      expect(await queue.getDelayedCount()).toBe(0);
      await runtime.schedule([daily]);
      expect(await queue.getDelayedCount()).toBe(1);
    });

    it('come back by themselves when the engine was emptied', async () => {
      const runtime = await start(() => {}, { scheduleLookMs: 50 });
      await runtime.schedule([daily]);
      const redis = engine.connect('producer');
      await redis.del(await redis.keys(`${prefix}:handoff-schedules:*`));
      await until(async () => (await ids()).length === 1);
    });

    it('of a job that this version does not know are passed over', async () => {
      const { log, lines } = recordingLog();
      await queue.upsertJobScheduler('acme.old', { every: HOUR_MS }, { name: 'old', data: {} });
      await start(() => {}, { log });
      await until(() => lines.some(({ msg }) => msg === 'schedule of an unknown job passed over'));
    });
  });
});

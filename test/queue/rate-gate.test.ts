import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RateLimitedError, UnavailableError } from '../../src/errors.ts';
import type { CallKind, Lane, RateGate } from '../../src/ports.ts';
import type { Engine } from '../../src/queue/engine.ts';
import { createRateGate } from '../../src/queue/rate-gate.ts';
import { clock, ENGINES, freshPrefix, mostInAnyWindow, open, startChild, tempFolder } from './support.ts';

const PORTAL = 'acme';
/** By how much windows are longer than HubSpot's, ms; what comes exactly then is in the next one. */
const JITTER_MS = 250;

describe.each(ENGINES)('the rate gate on $engine', ({ missing, url }) => {
  describe.skipIf(missing)('', () => {
    const folder = tempFolder();
    let engine: Engine;
    let redis: Redis;
    let prefix: string;
    let gate: RateGate;

    beforeAll(async () => {
      engine = await open(folder.dir, url);
      redis = engine.connect('producer');
    });
    afterAll(async () => {
      await engine.close();
      folder.remove();
    });
    beforeEach(() => {
      prefix = freshPrefix();
      gate = gateWith({ ofBurst: 1, ofDay: 1 });
    });

    function gateWith(budget: { ofBurst: number; ofDay: number }, now = clock): RateGate {
      return createRateGate(redis, { budget: () => budget, clock: now, prefix });
    }

    function engineUrl(): string {
      if (url !== undefined) return url;
      const note = JSON.parse(readFileSync(join(folder.dir, 'engine.json'), 'utf8')) as Record<
        string,
        string
      >;
      return `redis://:${note.password}@127.0.0.1:${note.port}`;
    }

    /** Calls at once, and when each went out. */
    async function callAtOnce(
      count: number,
      kind: CallKind = 'read',
      lane: Lane = 'live',
    ): Promise<number[]> {
      const call = async () => {
        await gate.acquire(PORTAL, kind, lane);
        return clock.now();
      };
      return Promise.all(Array.from({ length: count }, call));
    }

    /** The instants, by the server's clock, at which the gate lets calls through while `during` runs. */
    async function letThrough(during: () => Promise<unknown>): Promise<number[]> {
      const instants: number[] = [];
      const watching = await redis.monitor();
      watching.on('monitor', (_time: string, [command, key, at]: string[]) => {
        if (/^zadd$/i.test(command ?? '') && key?.startsWith(`${prefix}:`)) instants.push(Number(at));
      });
      await during();
      const end = new Promise<void>((resolve) => {
        watching.on('monitor', (_time: string, [, word]: string[]) => word === prefix && resolve());
      });
      await redis.echo(prefix);
      await end;
      watching.disconnect();
      return instants;
    }

    async function refusal(
      kind: CallKind = 'read',
      lane: Lane = 'live',
      portal = PORTAL,
    ): Promise<RateLimitedError> {
      const error = await gate.acquire(portal, kind, lane).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(RateLimitedError);
      return error as RateLimitedError;
    }

    async function used(): Promise<{ burst: number; search: number }> {
      const { burst, search } = await gate.state(PORTAL);
      return { burst: burst.used, search: search.used };
    }

    it('knows the lowest tier until it learns more', async () => {
      expect(await gate.state(PORTAL)).toEqual({
        burst: { max: 100, used: 0, windowMs: 10_000 },
        search: { max: 5, used: 0, windowMs: 1_000 },
        day: { max: null, remaining: null },
        closedUntil: {},
      });
    });

    it('lets no more through than the window holds, and the rest as it frees', async () => {
      await gate.learn(PORTAL, { burst: { max: 20, windowMs: 500 } });
      const instants = await letThrough(() => callAtOnce(50));
      expect(instants).toHaveLength(50);
      expect(mostInAnyWindow(instants, 500 + JITTER_MS)).toBe(20);
    });

    it('holds the limit across processes', async () => {
      await gate.learn(PORTAL, { burst: { max: 15, windowMs: 500 } });
      const settings = { url: engineUrl(), prefix, portal: PORTAL, calls: 15, kind: 'read' };
      const instants = await letThrough(async () => {
        const children = (['live', 'backfill', 'backfill'] as const).map((lane) =>
          startChild('acquire.ts', { ...settings, lane }),
        );
        await callAtOnce(15);
        for (const child of children) expect(await child.ended).toEqual({ code: 0, stderr: '' });
      });
      expect(instants).toHaveLength(60);
      expect(mostInAnyWindow(instants, 500 + JITTER_MS)).toBe(15);
    });

    it('counts reads, writes and other calls together, searches apart', async () => {
      for (const kind of ['read', 'write', 'other', 'search'] as const)
        await gate.acquire(PORTAL, kind, 'live');
      expect(await used()).toEqual({ burst: 3, search: 1 });
    });

    it('lets searches through while the burst window is full', async () => {
      await gate.learn(PORTAL, { burst: { max: 2, windowMs: 60_000 } });
      await callAtOnce(2);
      expect((await refusal('read')).waitMs).toBeGreaterThan(15_000);
      await gate.acquire(PORTAL, 'search', 'live');
    });

    it('lets no more than five searches through in a second', async () => {
      const instants = await letThrough(() => callAtOnce(8, 'search', 'backfill'));
      expect(instants).toHaveLength(8);
      expect(mostInAnyWindow(instants, 1_000 + JITTER_MS)).toBe(5);
    });

    it('uses the share of the limits that the budget allows, and at least one call', async () => {
      await gate.learn(PORTAL, { burst: { max: 10, windowMs: 60_000 } });
      gate = gateWith({ ofBurst: 0.55, ofDay: 1 });
      await callAtOnce(5);
      await refusal();
      gate = gateWith({ ofBurst: 0.01, ofDay: 1 });
      await gate.acquire('other', 'search', 'live');
      await gate.learn('other', { burst: { max: 10, windowMs: 60_000 } });
      await gate.acquire('other', 'read', 'live');
      await refusal('read', 'live', 'other');
    });

    it('keeps portals apart', async () => {
      await gate.learn(PORTAL, { burst: { max: 1, windowMs: 60_000 } });
      await callAtOnce(1);
      await refusal();
      await gate.acquire('other', 'read', 'live');
    });

    it('follows the limit up and down, counting what went out before', async () => {
      await gate.learn(PORTAL, { burst: { max: 2, windowMs: 60_000 } });
      await callAtOnce(2);
      await refusal();
      await gate.learn(PORTAL, { burst: { max: 6, windowMs: 60_000 } });
      await callAtOnce(4);
      await refusal();
      await gate.learn(PORTAL, { burst: { max: 3, windowMs: 60_000 } });
      expect((await refusal()).waitMs).toBeGreaterThan(15_000);
      expect((await gate.state(PORTAL)).burst).toEqual({ max: 3, used: 6, windowMs: 60_000 });
    });

    it('passes over limits that make no sense', async () => {
      await gate.learn(PORTAL, { burst: { max: 0, windowMs: 10_000 }, day: { max: 0, remaining: 0 } });
      expect(await gate.state(PORTAL)).toMatchObject({ burst: { max: 100 }, day: { max: null } });
    });

    it.each(['burst', 'day'] as const)('a hold on %s keeps everybody back', async (scope) => {
      await gate.close(PORTAL, scope, clock.now() + 60_000);
      for (const kind of ['read', 'write', 'other', 'search'] as const) {
        const { waitMs, message } = await refusal(kind);
        expect(waitMs).toBeGreaterThan(50_000);
        expect(waitMs).toBeLessThanOrEqual(60_000);
        expect(message).toContain(PORTAL);
      }
      await gate.acquire('other', 'read', 'live');
    });

    it('a hold on search keeps searches back alone', async () => {
      await gate.close(PORTAL, 'search', clock.now() + 60_000);
      await refusal('search');
      await gate.acquire(PORTAL, 'read', 'backfill');
    });

    it('a hold is never shortened, and ends by itself', async () => {
      const end = clock.now() + 60_000;
      await gate.close(PORTAL, 'burst', end);
      await gate.close(PORTAL, 'burst', clock.now() + 1_000);
      expect((await gate.state(PORTAL)).closedUntil.burst).toBeGreaterThan(end - 5_000);
      await gate.close('other', 'burst', clock.now() + 300);
      const closedAt = clock.now();
      await gate.acquire('other', 'read', 'live');
      expect(clock.now() - closedAt).toBeGreaterThanOrEqual(290);
      expect((await gate.state('other')).closedUntil).toEqual({});
    });

    it('holds back callers that wait already', async () => {
      await gate.learn(PORTAL, { burst: { max: 1, windowMs: 300 } });
      await callAtOnce(1);
      const waiting = refusal();
      await gate.close(PORTAL, 'burst', clock.now() + 60_000);
      expect((await waiting).waitMs).toBeGreaterThan(15_000);
    });

    it('goes by its own clock, however far off the caller is', async () => {
      const skewed = { now: () => clock.now() - 86_400_000 };
      gate = gateWith({ ofBurst: 1, ofDay: 1 }, skewed);
      await gate.close(PORTAL, 'burst', skewed.now() + 60_000);
      expect((await refusal()).waitMs).toBeLessThanOrEqual(60_000);
      const until = (await gate.state(PORTAL)).closedUntil.burst ?? 0;
      expect(Math.abs(until - skewed.now() - 60_000)).toBeLessThan(5_000);
    });

    it('stops where the rest of the day belongs to others', async () => {
      gate = gateWith({ ofBurst: 1, ofDay: 0.9 });
      await gate.learn(PORTAL, { day: { max: 1_000, remaining: 103, resetsAt: clock.now() + 3_600_000 } });
      await gate.acquire(PORTAL, 'search', 'live');
      await gate.acquire(PORTAL, 'write', 'live');
      await gate.acquire(PORTAL, 'read', 'backfill');
      const { waitMs, message } = await refusal();
      expect(waitMs).toBeGreaterThan(3_500_000);
      expect(message).toContain('budget.ofDay');
      await refusal('search');
      expect((await gate.state(PORTAL)).day).toEqual({ max: 1_000, remaining: 100 });
    });

    it('goes on when a fresher header shows more, or the day is over', async () => {
      await gate.learn(PORTAL, { day: { max: 1_000, remaining: 0, resetsAt: clock.now() + 3_600_000 } });
      await refusal();
      await gate.learn(PORTAL, { day: { max: 2_000, remaining: 500 } });
      await callAtOnce(1);
      await gate.learn('other', { day: { max: 1_000, remaining: 0, resetsAt: clock.now() + 200 } });
      await gate.acquire('other', 'read', 'live');
      expect((await gate.state('other')).day).toEqual({ max: 1_000, remaining: 999 });
    });

    it('tries a used-up day again now and then when nobody said when it ends', async () => {
      await gate.learn(PORTAL, { day: { max: 1_000, remaining: 0 } });
      const { waitMs } = await refusal();
      expect(waitMs).toBeGreaterThan(60_000);
      expect(waitMs).toBeLessThanOrEqual(600_000);
      const key = `${prefix}:gate:{${PORTAL}}:limits`;
      await redis.hset(key, 'dayProbeAt', clock.now() - 1_000);
      await gate.acquire(PORTAL, 'read', 'live');
      await refusal();
    });

    it('keeps a little of the window for live calls', async () => {
      await gate.learn(PORTAL, { burst: { max: 50, windowMs: 60_000 } });
      await callAtOnce(48, 'read', 'backfill');
      await refusal('read', 'backfill');
      await callAtOnce(2, 'read', 'live');
      await refusal('read', 'live');
    });

    it('lets a live call that waits go ahead of backfill that waits longer', async () => {
      await gate.learn(PORTAL, { burst: { max: 4, windowMs: 300 } });
      await callAtOnce(4, 'read', 'backfill');
      const went: Lane[] = [];
      const call = (lane: Lane) => gate.acquire(PORTAL, 'read', lane).then(() => went.push(lane));
      const backfill = Array.from({ length: 8 }, () => call('backfill'));
      await new Promise((resolve) => setTimeout(resolve, 20));
      await Promise.all([...backfill, ...Array.from({ length: 4 }, () => call('live'))]);
      expect(went.slice(0, 4)).toEqual(['live', 'live', 'live', 'live']);
    });

    it('lets go of a caller whose signal aborts', async () => {
      await gate.close(PORTAL, 'burst', clock.now() + 10_000);
      const stop = new AbortController();
      const waiting = gate.acquire(PORTAL, 'read', 'live', stop.signal);
      const refused = expect(waiting).rejects.toBeInstanceOf(RateLimitedError);
      await redis.ping();
      stop.abort();
      await refused;
    });

    it('asks the server once for a crowd that cannot go', async () => {
      await gate.close(PORTAL, 'burst', clock.now() + 60_000);
      const sent = vi.spyOn(redis, 'sendCommand');
      await Promise.all(Array.from({ length: 200 }, () => refusal()));
      expect(sent).toHaveBeenCalledTimes(1);
      sent.mockRestore();
    });

    it('leaves no key without an end', async () => {
      await callAtOnce(1);
      await callAtOnce(1, 'search');
      await gate.learn(PORTAL, { day: { max: 1_000, remaining: 900 } });
      const keys = await redis.keys(`${prefix}:*`);
      expect(keys).toHaveLength(3);
      for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0);
    });

    it('says that the engine is away', async () => {
      const lone = engine.connect('producer');
      const cut = createRateGate(lone, { budget: () => ({ ofBurst: 1, ofDay: 1 }), clock, prefix });
      await lone.quit();
      await expect(cut.acquire(PORTAL, 'read', 'live')).rejects.toBeInstanceOf(UnavailableError);
      await expect(cut.state(PORTAL)).rejects.toBeInstanceOf(UnavailableError);
    });
  });
});

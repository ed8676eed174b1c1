import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/errors.ts';
import type { Subject } from '../contract.ts';
import { aRun, aSaved, T0 } from '../samples.ts';

const NOTHING = {
  found: 0,
  read: 0,
  passes: 0,
  written: 0,
  unchanged: 0,
  cleared: 0,
  failed: 0,
  skipped: {},
  calls: { search: 0, read: 0, write: 0, other: 0, rejected: 0 },
};
const MORE = { after: '9', counts: {}, touchedAt: T0, finished: false };
const LAST = { after: null, counts: {}, touchedAt: T0, finished: true };
/** Makes a method fail after its first statements. */
const BROKEN = { skipped: null as unknown as Record<string, never> };

export function runContract(subject: Subject): void {
  describe('runs', () => {
    it('start with nothing found', async () => {
      const portal = subject.newPortal();
      expect(await subject.store.unfinishedRun(portal)).toBeNull();
      const run = await subject.store.startRun(aRun(portal));
      expect(run).toEqual({
        ...aRun(portal),
        state: 'finding',
        finishedAt: null,
        touchedAt: T0,
        after: null,
        counts: NOTHING,
        batches: { done: 0, pending: 0 },
        stoppedBy: null,
      });
      expect(await subject.other.run(run.id)).toEqual(run);
      expect(await subject.other.unfinishedRun(portal)).toEqual(run);
      expect(await subject.other.lastRun(portal)).toBeNull();
      expect(await subject.store.run('unknown')).toBeNull();
    });

    it('are one per portal at a time, whoever starts them', async () => {
      const [portal, neighbour] = [subject.newPortal(), subject.newPortal()];
      const { store, other } = subject;
      const started = await Promise.all(
        [store, other, store, other].map((one, index) => one.startRun(aRun(portal, `${portal}.${index}`))),
      );
      expect(new Set(started.map(({ id }) => id)).size).toBe(1);
      expect((await store.startRun(aRun(neighbour))).portal).toBe(neighbour);
    });

    it('are not started again under the id of a finished one', async () => {
      const portal = subject.newPortal();
      await finish(subject, portal, `${portal}.1`, T0 + 1);
      expect((await subject.store.startRun(aRun(portal, `${portal}.1`))).state).toBe('done');
      expect((await subject.store.startRun(aRun(portal, `${portal}.2`))).state).toBe('finding');
    });

    it('number their batches and add up what was found', async () => {
      const { store } = subject;
      const run = await store.startRun(aRun(subject.newPortal()));
      const counts = { found: 5, skipped: { echo: 2 }, calls: { ...NOTHING.calls, search: 1 } };
      const added = await store.addBatches(run.id, [['1', '2'], ['3']], { ...MORE, counts });
      expect(added).toEqual([
        { run: run.id, seq: 0, ids: ['1', '2'] },
        { run: run.id, seq: 1, ids: ['3'] },
      ]);
      const progress = { ...LAST, touchedAt: T0 + 5, counts: { found: 1, skipped: { echo: 1, gone: 1 } } };
      expect(await store.addBatches(run.id, [['4']], progress)).toMatchObject([{ seq: 2 }]);
      expect(await store.run(run.id)).toMatchObject({
        state: 'working',
        after: null,
        touchedAt: T0 + 5,
        batches: { done: 0, pending: 3 },
        counts: { found: 6, skipped: { echo: 3, gone: 1 }, calls: { search: 1 } },
      });
      expect(await store.batch(run.id, 1)).toEqual({ run: run.id, seq: 1, ids: ['3'] });
      expect(await store.batch(run.id, 9)).toBeNull();
      expect((await store.pendingBatches(run.id, 2, -1)).map(({ seq }) => seq)).toEqual([0, 1]);
      expect((await store.pendingBatches(run.id, 2, 1)).map(({ seq }) => seq)).toEqual([2]);
    });

    it('number batches once when several find at the same time', async () => {
      const run = await subject.store.startRun(aRun(subject.newPortal()));
      const added = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? subject.store : subject.other).addBatches(run.id, [[`${index}`]], {
            ...MORE,
            counts: { found: 1 },
          }),
        ),
      );
      const numbers = added.flat().map(({ seq }) => seq);
      expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
      expect((await subject.store.run(run.id))?.counts.found).toBe(20);
    });

    it('take no more batches once their search is through', async () => {
      const run = await subject.store.startRun(aRun(subject.newPortal()));
      await subject.store.addBatches(run.id, [], LAST);
      expect(await subject.store.addBatches(run.id, [['1']], { ...MORE, counts: { found: 1 } })).toEqual([]);
      expect(await subject.store.run(run.id)).toMatchObject({ state: 'working', counts: { found: 0 } });
    });

    it('that the store does not know take nothing', async () => {
      await expect(subject.store.addBatches('elsewhere', [['1']], MORE)).rejects.toThrow(ConfigurationError);
      await subject.store.finishBatch('elsewhere', 0, { read: 1 }, T0);
      await subject.store.addCalls('elsewhere', NOTHING.calls);
      expect(await subject.store.tryFinishRun('elsewhere', T0, {})).toBe(false);
      expect(await subject.store.run('elsewhere')).toBeNull();
    });

    it('count a batch once', async () => {
      const { store, other } = subject;
      const run = await store.startRun(aRun(subject.newPortal()));
      await store.addBatches(run.id, [['1'], ['2']], LAST);
      const counts = { read: 1, written: 1, skipped: { gone: 1 }, calls: { ...NOTHING.calls, write: 2 } };
      await Promise.all(
        [store, other, store, other].map((one) => one.finishBatch(run.id, 0, counts, T0 + 7)),
      );
      expect(await store.run(run.id)).toMatchObject({
        counts: { read: 1, written: 1, skipped: { gone: 1 }, calls: { write: 2, read: 0 } },
        batches: { done: 1, pending: 1 },
        touchedAt: T0 + 7,
      });
      expect((await store.pendingBatches(run.id, 9, -1)).map(({ seq }) => seq)).toEqual([1]);
    });

    it('lose no count when batches end at the same time', async () => {
      const run = await subject.store.startRun(aRun(subject.newPortal()));
      const ids = Array.from({ length: 20 }, (_, index) => [String(index)]);
      await subject.store.addBatches(run.id, ids, LAST);
      const calls = { ...NOTHING.calls, other: 1 };
      await Promise.all(
        ids.flatMap((_, seq) => {
          const store = seq % 2 === 0 ? subject.store : subject.other;
          return [store.finishBatch(run.id, seq, { read: 1 }, T0), store.addCalls(run.id, calls)];
        }),
      );
      expect((await subject.store.run(run.id))?.counts).toEqual({
        ...NOTHING,
        read: 20,
        calls: { ...calls, other: 20 },
      });
    });

    it('are finished by exactly one caller, with the portal', async () => {
      const portal = subject.newPortal();
      const { store, other } = subject;
      const run = await store.startRun(aRun(portal));
      await store.addBatches(run.id, [['1']], MORE);
      expect(await store.tryFinishRun(run.id, T0, { cursor: 1 })).toBe(false);
      await store.addBatches(run.id, [], LAST);
      expect(await store.tryFinishRun(run.id, T0, { cursor: 1 })).toBe(false);
      expect((await store.portal(portal)).cursor).toBeNull();
      await store.finishBatch(run.id, 0, {}, T0);
      const tries = [store, other, store, other].map((one) =>
        one.tryFinishRun(run.id, T0 + 9, { cursor: T0 }),
      );
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
      expect((await store.portal(portal)).cursor).toBe(T0);
      const done = await store.run(run.id);
      expect(done).toMatchObject({ state: 'done', finishedAt: T0 + 9, batches: { done: 1, pending: 0 } });
      expect(await store.unfinishedRun(portal)).toBeNull();
      expect(await store.lastRun(portal)).toEqual(done);
      expect(await store.addBatches(run.id, [['1']], MORE)).toEqual([]);
    });

    it('last finished is the latest; those of long ago are dropped', async () => {
      const portal = subject.newPortal();
      const days = 24 * 3_600_000;
      await finish(subject, portal, `${portal}.1`, T0 - 91 * days);
      await finish(subject, portal, `${portal}.2`, T0 - 89 * days);
      await finish(subject, portal, `${portal}.3`, T0 - 1);
      expect((await subject.store.lastRun(portal))?.id).toBe(`${portal}.3`);
      expect(await subject.store.run(`${portal}.1`)).toBeNull();
      expect(await subject.store.run(`${portal}.2`)).not.toBeNull();
    });

    it('are interrupted with a reason, and come back to where they were', async () => {
      const { store } = subject;
      const portal = subject.newPortal();
      const run = await store.startRun(aRun(portal));
      const by = { code: 'credentials', message: 'token refused\u0000' };
      await store.interruptRun(run.id, by, T0 + 1);
      const stopped = {
        state: 'interrupted',
        touchedAt: T0 + 1,
        stoppedBy: { ...by, message: 'token refused' },
      };
      expect(await store.run(run.id)).toMatchObject(stopped);
      expect((await store.startRun(aRun(portal, `${portal}.2`))).id).toBe(run.id);
      await store.resumeRun(run.id, T0 + 2);
      expect(await store.run(run.id)).toMatchObject({ state: 'finding', touchedAt: T0 + 2, stoppedBy: null });
      await store.interruptRun(run.id, by, T0 + 3);
      await store.addBatches(run.id, [['1']], LAST);
      expect(await store.run(run.id)).toMatchObject({ state: 'interrupted' });
      await store.resumeRun(run.id, T0 + 4);
      expect(await store.run(run.id)).toMatchObject({ state: 'working', batches: { pending: 1 } });
    });

    it('that are done are neither interrupted nor resumed', async () => {
      const portal = subject.newPortal();
      await finish(subject, portal, `${portal}.1`, T0);
      await subject.store.interruptRun(`${portal}.1`, { code: 'x', message: 'y' }, T0 + 1);
      await subject.store.resumeRun(`${portal}.1`, T0 + 1);
      expect(await subject.store.run(`${portal}.1`)).toMatchObject({ state: 'done', touchedAt: T0 });
    });

    it('change as a whole or not at all', async () => {
      const portal = subject.newPortal();
      const { store } = subject;
      const run = await store.startRun(aRun(portal));
      await store.addBatches(run.id, [['1']], MORE);
      const before = await store.run(run.id);
      await expect(store.addBatches(run.id, [['2']], { ...LAST, counts: BROKEN })).rejects.toThrow();
      await expect(store.finishBatch(run.id, 0, BROKEN, T0 + 1)).rejects.toThrow();
      expect(await store.run(run.id)).toEqual(before);
      expect(await store.pendingBatches(run.id, 9, -1)).toHaveLength(1);
      await store.addBatches(run.id, [], LAST);
      await store.finishBatch(run.id, 0, {}, T0 + 1);
      const broken = { cursor: {} as unknown as number };
      await expect(store.tryFinishRun(run.id, T0 + 1, broken)).rejects.toThrow();
      expect(await store.run(run.id)).toMatchObject({ state: 'working', finishedAt: null });
    });
  });

  describe('a full run', () => {
    it('knows which contacts it has not come upon', async () => {
      const portal = subject.newPortal();
      const { store, other } = subject;
      const run = await store.startRun(aRun(portal));
      await store.markSeen(portal, run.id, ['2', '3', '4']);
      await store.save(portal, [aSaved('10'), aSaved('9'), aSaved('3'), aSaved('1'), aSaved('5')]);
      await store.archive(portal, ['5'], true);
      expect(await other.unseenBy(portal, run.id, 2)).toEqual(['1', '9']);
      await other.markSeen(portal, run.id, ['1', '9', '3']);
      expect(await store.unseenBy(portal, run.id, 9)).toEqual(['10']);
      expect(await store.unseenBy(portal, 'another run', 9)).toEqual(['1', '3', '9', '10']);
      expect(await store.unseenBy(portal, run.id, 9, true)).toEqual(['5']);
      await store.markSeen(portal, run.id, ['5']);
      expect(await store.unseenBy(portal, run.id, 9, true)).toEqual([]);
    });

    it('forgets its marks when it is done', async () => {
      const portal = subject.newPortal();
      const run = await subject.store.startRun(aRun(portal));
      await subject.store.markSeen(portal, run.id, ['1']);
      await subject.store.addBatches(run.id, [], LAST);
      await subject.store.tryFinishRun(run.id, T0, {});
      expect(await subject.place.query(`select * from seen where portal = '${portal}'`)).toEqual([]);
    });
  });
}

async function finish({ store }: Subject, portal: string, id: string, at: number): Promise<void> {
  await store.startRun({ ...aRun(portal, id), startedAt: at });
  await store.addBatches(id, [], { ...LAST, touchedAt: at });
  await store.tryFinishRun(id, at, {});
}

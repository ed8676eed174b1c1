import { describe, expect, it } from 'vitest';
import type { Subject } from '../contract.ts';
import { aSaved, T0 } from '../samples.ts';

export function portalContract(subject: Subject): void {
  describe('portals', () => {
    it('start out empty', async () => {
      const nothing = { portalId: null, cursor: null, lastFullAt: null, fingerprint: null };
      expect(await subject.store.portal(subject.newPortal())).toEqual(nothing);
    });

    it('change what is named and keep the rest', async () => {
      const portal = subject.newPortal();
      await subject.store.savePortal(portal, { portalId: '4242', cursor: T0 });
      await subject.store.savePortal(portal, { cursor: T0 + 1, fingerprint: 'f' });
      await subject.store.savePortal(portal, {});
      const kept = { portalId: '4242', cursor: T0 + 1, lastFullAt: null, fingerprint: 'f' };
      expect(await subject.other.portal(portal)).toEqual(kept);
      await subject.store.savePortal(portal, { cursor: null });
      expect(await subject.other.portal(portal)).toEqual({ ...kept, cursor: null });
    });
  });

  describe('failures', () => {
    it('count attempts, in the order of the ids', async () => {
      const portal = subject.newPortal();
      await subject.store.fail(portal, [
        { id: '10', code: 'refused', reason: 'first', failedAt: T0 },
        { id: '9', code: 'refused', reason: 'once\u0000', failedAt: T0 },
      ]);
      await subject.store.fail(portal, [{ id: '10', code: 'invalid', reason: 'second', failedAt: T0 + 1 }]);
      expect(await subject.store.failures(portal)).toEqual([
        { id: '9', code: 'refused', reason: 'once', failedAt: T0, attempts: 1 },
        { id: '10', code: 'invalid', reason: 'second', failedAt: T0 + 1, attempts: 2 },
      ]);
      expect(await subject.store.failures(subject.newPortal())).toEqual([]);
    });

    it('are counted on when a contact is saved that was refused again', async () => {
      const portal = subject.newPortal();
      const { store } = subject;
      const refused = (reason: string) => [{ id: '2', code: 'refused', reason, failedAt: T0 }];
      await store.save(portal, [aSaved('1'), aSaved('2')], refused('first'));
      await store.save(portal, [aSaved('2')], refused('second'));
      expect(await store.failures(portal)).toMatchObject([{ id: '2', reason: 'second', attempts: 2 }]);
      await store.save(portal, [aSaved('2')]);
      expect(await store.failures(portal)).toEqual([]);
    });

    it.each(['save', 'absorb', 'archive', 'forget'] as const)('end with %s', async (how) => {
      const portal = subject.newPortal();
      const { store } = subject;
      const failed = ['1', '2'].map((id) => ({ id, code: 'refused', reason: 'no', failedAt: T0 }));
      await store.fail(portal, failed);
      const ends = {
        save: () => store.save(portal, [aSaved('1')]),
        absorb: () => store.save(portal, [aSaved('3', { contact: { mergedIds: ['1'] } })]),
        archive: () => store.archive(portal, ['1'], true),
        forget: () => store.forget(portal, ['1']),
      };
      await ends[how]();
      expect((await store.failures(portal)).map(({ id }) => id)).toEqual(['2']);
    });
  });

  describe('named values', () => {
    it('are set, replaced and removed, each portal its own', async () => {
      const [portal, neighbour] = [subject.newPortal(), subject.newPortal()];
      await subject.store.setState(portal, 'notice', 'one');
      await subject.store.setState(portal, 'notice', 'two');
      expect(await subject.other.getState(portal, 'notice')).toBe('two');
      expect(await subject.other.getState(portal, 'other')).toBeNull();
      expect(await subject.other.getState(neighbour, 'notice')).toBeNull();
      await subject.store.setState(portal, 'notice', null);
      expect(await subject.store.getState(portal, 'notice')).toBeNull();
    });

    it('lose no change when two processes make them at once', async () => {
      const portal = subject.newPortal();
      const count = (before: string | null) => String(Number(before ?? 0) + 1);
      const both = [subject.store, subject.other];
      const changes = Array.from({ length: 50 }, (_, n) => both[n % 2]!.updateState(portal, 'count', count));
      const seen = (await Promise.all(changes)).map(Number).toSorted((a, b) => a - b);
      expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
      expect(await subject.other.getState(portal, 'count')).toBe('50');
    });

    it('lose no change either when some of them remove the value', async () => {
      const portal = subject.newPortal();
      const both = [subject.store, subject.other];
      const flip = (before: string | null) => (before === null ? 'on' : null);
      const flips = Array.from({ length: 20 }, (_, n) => both[n % 2]!.updateState(portal, 'flag', flip));
      expect((await Promise.all(flips)).filter((value) => value === 'on')).toHaveLength(10);
      expect(await subject.store.getState(portal, 'flag')).toBeNull();
    });

    it('stay as they are when a change throws or changes nothing', async () => {
      const portal = subject.newPortal();
      const { store } = subject;
      const refused = store.updateState(portal, 'notice', () => {
        throw new Error('not now');
      });
      await expect(refused).rejects.toThrow('not now');
      expect(await store.getState(portal, 'notice')).toBeNull();
      expect(await store.updateState(portal, 'notice', () => null)).toBeNull();
      expect(await store.getState(portal, 'notice')).toBeNull();
      await store.setState(portal, 'notice', 'one');
      expect(await store.updateState(portal, 'notice', (before) => before)).toBe('one');
      expect(await store.getState(portal, 'notice')).toBe('one');
    });
  });
}

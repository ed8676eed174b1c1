import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/errors.ts';
import type { Subject } from '../contract.ts';
import { aJudgement, aPass, aSaved, T0 } from '../samples.ts';

const HUGE = '9223372036854775807';
const BEYOND_DOUBLES = '9007199254740993';

export function contactContract(subject: Subject): void {
  describe('contacts', () => {
    it('come back as they were saved', async () => {
      const portal = subject.newPortal();
      const passes = [
        aPass(1, { outcome: 'recycled', decidedAt: T0 + 5, cleared: true, imported: true }),
        aPass(2, {
          outcome: 'qualified',
          acceptedAt: T0 + 6,
          decidedAt: T0 + 9,
          impliedSql: true,
          instant: true,
          businessMs: 0,
          sla: aJudgement({ stoppedAt: T0 + 9, status: 'met' }),
        }),
        aPass(3, { sla: aJudgement({ dueAt: null, dueSoonAt: null, status: null }) }),
      ];
      const saved = aSaved('77', {
        contact: { truncated: true, mergedIds: ['5', HUGE], properties: { a: 'ä', b: '' } },
        facts: { passes },
        values: { status: 'open', sla: null },
      });
      await subject.store.save(portal, [saved, aSaved('78', { facts: { status: null, passes: [] } })]);
      const found = await subject.other.contacts(portal, ['77', '78', '79', 'no id']);
      expect([...found.keys()].sort()).toEqual(['77', '78']);
      const { contact, values } = saved;
      expect(found.get('77')).toEqual({ contact, status: 'open', values, passes });
      expect(found.get('78')).toMatchObject({ status: null, passes: [] });
      expect(await subject.store.contacts(portal, [])).toEqual(new Map());
    });

    it('keep any history and property text', async () => {
      const portal = subject.newPortal();
      const text = fc.string({ unit: 'binary' });
      const entry = fc.record(
        { value: text, timestamp: fc.nat(), sourceType: text, sourceId: text },
        { requiredKeys: ['value', 'timestamp', 'sourceType'], noNullPrototype: true },
      );
      const properties = fc.dictionary(fc.stringMatching(/^[a-z]\w{0,9}$/), text, { noNullPrototype: true });
      await fc.assert(
        fc.asyncProperty(fc.array(entry), properties, async (history, properties) => {
          const saved = aSaved('1', { contact: { history, properties } });
          await subject.store.save(portal, [saved]);
          const found = await subject.store.contacts(portal, ['1']);
          expect(found.get('1')?.contact).toEqual(saved.contact);
        }),
        { numRuns: 40 },
      );
    });

    it('are replaced as a whole', async () => {
      const portal = subject.newPortal();
      const before = aSaved('1', {
        facts: { passes: [aPass(1), aPass(2)], flags: ['merged'], fit: true, changesAt: T0 },
      });
      const after = aSaved('1', {
        contact: { history: [], updatedAt: T0 + 1 },
        facts: { passes: [aPass(1, { openedAt: T0 - 9 })], status: 'qualified' },
        values: {},
        seenModifiedAt: null,
      });
      await subject.store.save(portal, [before]);
      await subject.store.save(portal, [before, after]);
      const { contact, values, facts } = after;
      expect((await subject.store.contacts(portal, ['1'])).get('1')).toEqual({
        contact,
        status: 'qualified',
        values,
        passes: facts.passes,
      });
      expect(await subject.store.due(portal, T0 * 2, 10)).toEqual([]);
      expect((await subject.store.contactCounts(portal)).flags).toEqual({});
    });

    it('tell echoes by the modification last seen; archived ones are news', async () => {
      const portal = subject.newPortal();
      await subject.store.save(portal, [
        aSaved('1', { seenModifiedAt: T0 + 1 }),
        aSaved('2', { seenModifiedAt: null }),
        aSaved('3', { seenModifiedAt: T0 + 3 }),
      ]);
      await subject.store.archive(portal, ['3'], true);
      expect(await subject.store.seen(portal, ['1', '2', '3', '4'])).toEqual(new Map([['1', T0 + 1]]));
    });

    it('that were absorbed are no longer there', async () => {
      const portal = subject.newPortal();
      await subject.store.save(portal, [aSaved('1'), aSaved('2'), aSaved('3')]);
      await subject.store.save(portal, [aSaved('3', { contact: { mergedIds: ['1', '3', '99'] } })]);
      expect(await subject.store.ids(portal, null, 10)).toEqual(['2', '3']);
      const rows = await subject.place.query(`select * from pass where portal = '${portal}'`);
      expect(rows).toHaveLength(2);
    });

    it('belong to their portal alone', async () => {
      const [portal, neighbour] = [subject.newPortal(), subject.newPortal()];
      await subject.store.save(portal, [aSaved('1', { facts: { changesAt: T0 } })]);
      await subject.store.save(neighbour, [aSaved('1', { facts: { passes: [], status: 'direct_sql' } })]);
      await subject.store.forget(neighbour, ['1']);
      await subject.store.archive(neighbour, ['1'], true);
      expect((await subject.store.contacts(portal, ['1'])).get('1')).toMatchObject({
        status: 'open',
        passes: [aPass(1)],
        contact: { archived: false },
      });
      expect(await subject.store.due(neighbour, T0, 10)).toEqual([]);
      expect(await subject.store.seen(neighbour, ['1'])).toEqual(new Map());
      expect(await subject.store.ids(neighbour, null, 10)).toEqual([]);
      expect(await subject.store.unseenBy(neighbour, 'run', 10)).toEqual([]);
    });

    it('walk in the order of their numbers', async () => {
      const portal = subject.newPortal();
      const ids = ['9', '10', '9007199254740992', BEYOND_DOUBLES, HUGE];
      await subject.store.save(
        portal,
        ids.toReversed().map((id) => aSaved(id)),
      );
      expect(await subject.store.ids(portal, null, 3)).toEqual(ids.slice(0, 3));
      expect(await subject.store.ids(portal, '9007199254740992', 3)).toEqual(ids.slice(3));
      expect(await subject.store.ids(portal, HUGE, 3)).toEqual([]);
      expect([...(await subject.store.contacts(portal, [BEYOND_DOUBLES])).keys()]).toEqual([BEYOND_DOUBLES]);
    });

    it.each(['', 'abc', '-1', '1.5', '007', '9223372036854775808'])('need a number, not "%s"', async (id) => {
      const portal = subject.newPortal();
      await expect(subject.store.save(portal, [aSaved('1'), aSaved(id)])).rejects.toThrow(ConfigurationError);
      expect(await subject.store.ids(portal, null, 10)).toEqual([]);
    });

    it('are saved together or not at all', async () => {
      const portal = subject.newPortal();
      await subject.store.save(portal, [aSaved('1', { values: { status: 'open' } })]);
      await subject.store.fail(portal, [{ id: '1', code: 'refused', reason: 'no', failedAt: T0 }]);
      const twice = aSaved('2', { facts: { passes: [aPass(1), aPass(1)] } });
      const changed = aSaved('1', { values: {}, facts: { passes: [] } });
      await expect(subject.store.save(portal, [changed, twice])).rejects.toThrow();
      expect(await subject.store.ids(portal, null, 10)).toEqual(['1']);
      expect((await subject.store.contacts(portal, ['1'])).get('1')).toMatchObject({
        values: { status: 'open' },
        passes: [aPass(1)],
      });
      expect(await subject.store.failures(portal)).toHaveLength(1);
    });

    it('are saved by the thousand', async () => {
      const portal = subject.newPortal();
      const many = Array.from({ length: 1_203 }, (_, index) => aSaved(String(index + 1)));
      await subject.store.save(portal, many);
      const ids = many.map(({ contact }) => contact.id);
      expect(await subject.store.ids(portal, null, 2_000)).toEqual(ids);
      expect((await subject.store.contacts(portal, ids)).size).toBe(1_203);
      expect((await subject.store.seen(portal, ids)).size).toBe(1_203);
    });
  });

  describe('due contacts', () => {
    it('come by instant, then by number; never archived ones', async () => {
      const portal = subject.newPortal();
      const at = (id: string, changesAt: number | null) => aSaved(id, { facts: { changesAt } });
      await subject.store.save(portal, [
        at('10', T0),
        at('9', T0),
        at('1', T0 + 1),
        at('2', T0 + 2),
        at('3', null),
        at('4', T0),
      ]);
      await subject.store.archive(portal, ['4'], true);
      expect(await subject.store.due(portal, T0 + 1, 10)).toEqual([
        { id: '9', changesAt: T0 },
        { id: '10', changesAt: T0 },
        { id: '1', changesAt: T0 + 1 },
      ]);
      expect((await subject.store.due(portal, T0 + 1, 2)).map(({ id }) => id)).toEqual(['9', '10']);
      await subject.store.archive(portal, ['4'], false);
      expect((await subject.store.due(portal, T0, 10)).map(({ id }) => id)).toEqual(['4', '9', '10']);
    });
  });

  describe('forgotten contacts', () => {
    it('leave no trace in any table', async () => {
      const portal = subject.newPortal();
      const [id, kept] = ['918273645', '918273646'];
      const { store } = subject;
      await store.save(portal, [aSaved(id), aSaved(kept)]);
      const failure = { code: 'refused', reason: 'no', failedAt: T0 };
      await store.fail(portal, [
        { id, ...failure },
        { id: kept, ...failure },
      ]);
      const run = await store.startRun(aRunOf(portal));
      await store.markSeen(portal, run.id, [id, kept]);
      const progress = { after: id, counts: {}, touchedAt: T0, finished: true };
      await store.addBatches(run.id, [[id]], progress);
      await store.forget(portal, [id, 'not an id']);
      await store.finishBatch(run.id, 0, {}, T0);
      await store.tryFinishRun(run.id, T0, {});
      const everything = await dump(subject);
      expect(everything).not.toContain(id);
      expect(everything).toContain(kept);
    });
  });
}

function aRunOf(portal: string) {
  const window = { from: null, to: T0 };
  return { id: `${portal}.full`, portal, mode: 'full' as const, startedAt: T0, window, fingerprint: 'f' };
}

async function dump({ place }: Subject): Promise<string> {
  const rows = [];
  for (const table of await place.tables()) rows.push(...(await place.query(`select * from ${table}`)));
  return JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}

import { describe, expect, it } from 'vitest';
import type { Subject } from '../contract.ts';
import { aJudgement, aPass, aSaved, collect, T0 } from '../samples.ts';

export function streamContract(subject: Subject): void {
  describe('streams', () => {
    it('give each pass of live contacts with what a report groups by', async () => {
      const portal = subject.newPortal();
      await subject.store.save(portal, [
        aSaved('10', {
          contact: { properties: { region: 'north' } },
          facts: { passes: [aPass(1), aPass(2)], fit: false, flags: ['cleared', 'merged'] },
        }),
        aSaved('9', { facts: { fit: true } }),
        aSaved('8', { facts: { passes: [], status: 'direct_sql' } }),
        aSaved('7'),
      ]);
      await subject.store.archive(portal, ['7'], true);
      const rows = await collect(subject.store.passRows(portal));
      const shared = { contactId: '10', status: 'open', fit: false, flags: ['cleared', 'merged'] };
      expect(rows).toEqual([
        expect.objectContaining({ contactId: '9', fit: true, flags: [], latest: true, status: 'open' }),
        { ...shared, pass: aPass(1), latest: false, properties: { region: 'north' } },
        { ...shared, pass: aPass(2), latest: true, properties: { region: 'north' } },
      ]);
      const bare = await collect(subject.store.passRows(portal, { properties: false }));
      expect(bare).toEqual(rows.map((row) => ({ ...row, properties: {} })));
      expect(await collect(subject.store.passRows(subject.newPortal()))).toEqual([]);
    });

    it('give each live contact once, over many pages, while others write', async () => {
      const portal = subject.newPortal();
      const ids = Array.from({ length: 2_000 }, (_, index) => String(index + 8));
      await subject.store.save(
        portal,
        ids.map((id) => aSaved(id, { facts: { passes: [aPass(1), aPass(2)] } })),
      );
      const seen: string[] = [];
      for await (const { contact, passes } of subject.store.storedContacts(portal)) {
        seen.push(contact.id);
        expect(passes).toHaveLength(2);
        if (seen.length % 1_000 === 1)
          await subject.other.save(portal, [
            aSaved('1'),
            aSaved('2007', { facts: { passes: [aPass(1), aPass(2)] } }),
          ]);
      }
      expect(seen).toEqual(ids);
      const rows = await collect(subject.store.passRows(portal, { properties: false }));
      expect(rows).toHaveLength(4_001);
    });

    it('may be left early', async () => {
      const portal = subject.newPortal();
      await subject.store.save(portal, [aSaved('1'), aSaved('2')]);
      for await (const row of subject.store.passRows(portal)) {
        expect(row.contactId).toBe('1');
        break;
      }
      expect(await subject.store.ids(portal, null, 9)).toEqual(['1', '2']);
    });

    it('count live contacts, direct SQLs and flags', async () => {
      const portal = subject.newPortal();
      const direct = { passes: [], status: 'direct_sql', directSqlAt: T0, firstSqlAt: T0 } as const;
      await subject.store.save(portal, [
        aSaved('1', { facts: { flags: ['imported', 'merged'] } }),
        aSaved('2', { facts: { flags: ['merged'] } }),
        aSaved('3', { facts: { ...direct, flags: ['imported'] } }),
        aSaved('4', { facts: direct }),
      ]);
      await subject.store.archive(portal, ['4'], true);
      const counts = { contacts: 3, directSql: 1, flags: { imported: 2, merged: 2 } };
      expect(await subject.store.contactCounts(portal)).toEqual(counts);
      const none = { contacts: 0, directSql: 0, flags: {} };
      expect(await subject.store.contactCounts(subject.newPortal())).toEqual(none);
    });

    it('name what is overdue, the longest first', async () => {
      const portal = subject.newPortal();
      const running = (dueAt: number | null, stoppedAt: number | null = null) => ({
        passes: [aPass(1), aPass(2, { sla: aJudgement({ dueAt, stoppedAt }) })],
      });
      await subject.store.save(portal, [
        aSaved('10', { facts: running(T0 + 1) }),
        aSaved('9', { facts: running(T0 + 1) }),
        aSaved('1', { facts: running(T0 + 2) }),
        aSaved('2', { facts: running(T0 + 3) }),
        aSaved('3', { facts: running(T0, T0 + 1) }),
        aSaved('4', { facts: running(null) }),
        aSaved('5', { facts: running(T0) }),
      ]);
      await subject.store.archive(portal, ['5'], true);
      const late = (contactId: string, dueAt: number) => ({
        contactId,
        pass: 2,
        rule: 'speed to lead',
        dueAt,
      });
      expect(await subject.store.overdue(portal, T0 + 3)).toEqual([
        late('9', T0 + 1),
        late('10', T0 + 1),
        late('1', T0 + 2),
      ]);
    });
  });
}

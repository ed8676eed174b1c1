import { describe, expect, it } from 'vitest';
import { summaryText } from '../../src/cli/summary.ts';
import { MQL, SQL, startHarness } from '../jobs/harness.ts';
import { historyOf } from '../support/contacts.ts';

describe('the summary', () => {
  it('counts every contact once, by its status', async () => {
    const h = await startHarness();
    const mql = ['2026-08-31T08:00:00.000Z', MQL] as const;
    const sql = ['2026-08-31T09:30:00.000Z', SQL] as const;
    h.portal.create('1', historyOf([mql]));
    h.portal.create('2', historyOf([mql, sql]));
    h.portal.create('3', historyOf([sql]));
    // Sent back, then made an SQL without having been an MQL again.
    const back = ['2026-08-31T10:00:00.000Z', 'lead'] as const;
    const again = ['2026-08-31T11:00:00.000Z', SQL] as const;
    h.portal.create('4', historyOf([mql, back, again]));
    h.pass(4);
    await h.run();
    const text = await summaryText(h.store, 'acme');
    expect(text).toContain('4 remembered, 3 passes');
    expect(text).toContain('1 open, 1 qualified, 0 recycled, 0 disqualified, 2 direct_sql');
    expect(text).toContain('1 overdue, 1 met\n');
    expect(text).toMatch(/median 1\.5 hours, p90 1\.5 hours/);
  });
});

import { describe, expect, it } from 'vitest';
import { noCalls } from '../../jobs/counts.ts';
import type { WorkContext } from '../../jobs/work-on-contacts.ts';
import { type PlannedContacts, planContacts } from '../../src/app/plan.ts';
import { InterruptedError } from '../../src/app/sync.ts';
import { UnavailableError } from '../../src/errors.ts';
import { type Harness, HOUR, MQL, startHarness } from '../jobs/harness.ts';
import { historyOf } from '../support/contacts.ts';

const OPEN = historyOf([['2026-09-01T08:00:00.000Z', MQL]]);

async function withContacts(count: number): Promise<Harness> {
  const h = await startHarness();
  for (let id = 1; id <= count; id += 1) h.portal.create(String(id), OPEN);
  h.pass(count);
  return h;
}

function plan(h: Harness, signal?: AbortSignal, onProgress: () => void = () => {}): Promise<PlannedContacts> {
  const { store, clock, portal } = h;
  const context: WorkContext = {
    ...{ portal: 'acme', rules: portal.rules, ...portal.work().contacts(noCalls()), store },
    ...{ lane: 'backfill', now: clock.now(), rejudge: false, ...(signal ? { signal } : {}) },
  };
  return planContacts(context, 'handoff_', onProgress);
}

function expectSum({ changed, unchanged, skipped, failed, found, changes }: PlannedContacts): void {
  const aside = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  expect(changed + unchanged + aside + failed.length).toBe(found);
  expect(changes.length).toBe(changed);
}

describe('a plan', () => {
  it('foresees what a sync then does, and writes nothing', async () => {
    const h = await withContacts(250);
    const planned = await plan(h);
    expect(planned).toMatchObject({ found: 250, changed: 250, unchanged: 0, passes: 250, failed: [] });
    expect(planned.changes[1]).toMatchObject({ id: '2', after: { handoff_status: 'open' } });
    expectSum(planned);
    expect(h.portal.writes.size).toBe(0);
    expect(await h.store.ids('acme', null, 1)).toEqual([]);
    expect((await h.run()).counts.written).toBe(250);
    h.pass(HOUR);
    expect(await plan(h)).toMatchObject({ found: 250, changed: 0, unchanged: 250, changes: [] });
  });

  it('names contacts that HubSpot does not give, and counts them', async () => {
    const h = await withContacts(3);
    h.portal.withhold('2');
    const planned = await plan(h);
    expect(planned).toMatchObject({ found: 3, read: 2, changed: 2, unchanged: 0 });
    expect(planned.failed).toEqual([{ id: '2', reason: expect.stringMatching(/did not give/) }]);
    expectSum(planned);
  });

  it('ends with the error of a search or a read', async () => {
    for (const to of ['find', 'read'] as const) {
      const h = await withContacts(3);
      const error = new UnavailableError('HubSpot does not answer');
      h.portal.fail({ to, error });
      await expect(plan(h)).rejects.toBe(error);
    }
  });

  it('ends when it is stopped', async () => {
    const h = await withContacts(3);
    await expect(plan(h, AbortSignal.abort())).rejects.toThrow(InterruptedError);
  });
});

import { describe, expect, it } from 'vitest';
import { historyOf } from '../support/contacts.ts';
import { type Harness, HOUR, MINUTE, MQL, SQL, startHarness } from './harness.ts';

const OPEN = historyOf([['2026-09-01T08:00:00.000Z', MQL]]);
const EARLIER = historyOf([
  ['2026-08-03T08:00:00.000Z', MQL],
  ['2026-08-04T08:00:00.000Z', 'lead'],
]);

/** `1` was an MQL in August and went back, `2` is one now, `3` likewise; all synced an hour ago. */
async function synced(): Promise<Harness> {
  const h = await startHarness();
  h.portal.create('1', EARLIER);
  h.portal.create('2', OPEN);
  h.portal.create('3', OPEN);
  h.pass(10);
  await h.run();
  h.pass(HOUR);
  return h;
}

async function remembered(h: Harness, id: string) {
  return (await h.store.contacts('acme', [id])).get(id);
}

describe('a merge', () => {
  it('joins the histories, and the absorbed id leaves the store', async () => {
    const h = await synced();
    h.portal.merge('1', '2');
    h.pass(1);
    expect((await h.run()).counts).toMatchObject({ written: 1, skipped: { echo: 1 } });
    expect(h.portal.values('2')).toMatchObject({ pass: '2', flags: 'merged' });
    expect(await h.store.ids('acme', null, 10)).toEqual(['2', '3']);
  });

  it('keeps what HubSpot lost of the absorbed history', async () => {
    const h = await synced();
    h.portal.merge('1', '2');
    h.portal.contact('2').history = [...OPEN];
    h.pass(1);
    await h.run();
    expect(h.portal.values('2')).toMatchObject({ pass: '2', first_mql_date: '2026-08-03T08:00:00.000Z' });
  });

  it('is noticed by a full run where the survivor does not name whom it absorbed', async () => {
    const h = await synced();
    h.portal.merge('1', '2', { named: false });
    const run = await h.run('full');
    expect(run.counts).toMatchObject({ found: 3, read: 3, skipped: {} });
    expect(await h.store.ids('acme', null, 10)).toEqual(['2', '3']);
    expect((await remembered(h, '2'))?.contact.mergedIds).toEqual(['1']);
    expect(h.portal.values('2')).toMatchObject({ pass: '2', flags: 'merged' });
  });

  it('is followed through a chain', async () => {
    const h = await synced();
    h.portal.merge('1', '2', { named: false });
    h.portal.merge('2', '3', { named: false });
    const run = await h.run('full');
    expect(run.counts).toMatchObject({ found: 3, failed: 0 });
    expect(await h.store.ids('acme', null, 10)).toEqual(['3']);
    expect((await remembered(h, '3'))?.contact.mergedIds.toSorted()).toEqual(['1', '2']);
  });

  it.each([
    ['archived', 'archive', ['1', '2', '3']],
    ['deleted', 'erase', ['3']],
  ] as const)('into a contact that was %s since is followed to its end', async (now, how, left) => {
    const h = await synced();
    h.portal.merge('1', '2');
    h.portal[how]('2');
    const skipped = { [now === 'archived' ? 'archived' : 'gone']: 2 };
    expect((await h.run('full')).counts).toMatchObject({ found: 3, skipped });
    expect(await h.store.ids('acme', null, 10)).toEqual(left);
    expect(await h.store.unseenBy('acme', 'another run', 10)).toEqual(['3']);
  });
});

describe('an archived contact', () => {
  it('is marked, not cleared, and found again when it is restored', async () => {
    const h = await synced();
    h.portal.archive('2');
    expect((await h.run('full')).counts).toMatchObject({ found: 3, unchanged: 2, skipped: { archived: 1 } });
    expect((await remembered(h, '2'))?.contact.archived).toBe(true);
    expect(h.portal.contact('2').values.status).toBe('open');
    h.pass(HOUR);
    h.portal.restore('2');
    h.pass(1);
    expect((await h.run()).counts).toMatchObject({ found: 1, read: 1 });
    expect((await remembered(h, '2'))?.contact.archived).toBe(false);
  });

  it('restored without any modification is found by a full run', async () => {
    const h = await synced();
    h.portal.archive('2');
    await h.run('full');
    h.portal.contact('2').archived = false;
    h.pass(HOUR);
    expect((await h.run('full')).counts).toMatchObject({ found: 3, unchanged: 3 });
    expect((await remembered(h, '2'))?.contact.archived).toBe(false);
  });

  it('leaves the store when it is deleted for good', async () => {
    const h = await synced();
    h.portal.archive('2');
    await h.run('full');
    h.portal.erase('2');
    h.pass(HOUR);
    expect((await h.run('full')).counts).toMatchObject({ found: 3, skipped: { gone: 1 } });
    expect(await remembered(h, '2')).toBeUndefined();
  });

  it('that HubSpot shows as found and archives before it is read is skipped', async () => {
    const h = await synced();
    h.portal.edit('2');
    h.pass(1);
    h.portal.beforeRead = () => h.portal.archive('2');
    expect((await h.run()).counts).toMatchObject({ read: 0, skipped: { archived: 1, echo: 2 } });
  });
});

describe('a contact deleted for privacy', () => {
  it('leaves no trace after a full run', async () => {
    const h = await synced();
    h.portal.erase('1');
    expect((await h.run('full')).counts).toMatchObject({ found: 3, skipped: { gone: 1 } });
    expect(await remembered(h, '1')).toBeUndefined();
    const ids = (await Array.fromAsync(h.store.passRows('acme'))).map((row) => row.contactId);
    expect(ids).toEqual(['2', '3']);
  });
});

describe('a contact that HubSpot has but does not give', () => {
  it('is kept for retry and counted as failed', async () => {
    const h = await synced();
    h.portal.edit('2');
    h.pass(1);
    h.portal.withhold('2');
    expect((await h.run()).counts).toMatchObject({ failed: 1, read: 0, skipped: { echo: 2 } });
    expect(await h.store.failures('acme')).toMatchObject([{ id: '2', code: 'unreadable' }]);
    h.pass(MINUTE);
    h.portal.withhold(null);
    expect((await h.run()).counts).toMatchObject({ found: 1, failed: 0, unchanged: 1 });
    expect(await h.store.failures('acme')).toEqual([]);
  });
});

describe('a history of more entries than HubSpot keeps', () => {
  const many = Array.from({ length: 44 }, (_, index) => ({
    value: index % 2 === 0 ? 'lead' : 'subscriber',
    timestamp: Date.parse('2026-08-01T00:00:00.000Z') + index * MINUTE,
    sourceType: 'CRM_UI',
  }));
  const first = { value: MQL, timestamp: Date.parse('2026-07-01T00:00:00.000Z'), sourceType: 'CRM_UI' };

  it('is bridged by what was remembered', async () => {
    const h = await startHarness();
    h.portal.create('1', [first, ...many.slice(0, 40)].reverse());
    h.pass(1);
    await h.run();
    expect(h.portal.values('1')).toMatchObject({ pass: '1', first_mql_date: '2026-07-01T00:00:00.000Z' });
    for (let step = 0; step < 10; step += 1) {
      h.pass(MINUTE);
      h.portal.move('1', step % 2 === 0 ? MQL : SQL);
    }
    h.pass(MINUTE);
    await h.run();
    const values = h.portal.values('1');
    expect(values).toMatchObject({ first_mql_date: '2026-07-01T00:00:00.000Z', pass: '6', transitions: '5' });
    expect(values.flags ?? '').not.toContain('truncated');
  });

  it('is flagged when nothing is remembered of its beginning', async () => {
    const h = await startHarness();
    h.portal.create(
      '1',
      [first, ...many, { ...first, timestamp: Date.parse('2026-08-02T00:00:00.000Z') }].reverse(),
    );
    h.pass(1);
    await h.run();
    expect(h.portal.values('1')).toMatchObject({ pass: '1', flags: 'truncated' });
    expect(h.portal.values('1').first_mql_date).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../src/errors.ts';
import { historyOf } from '../support/contacts.ts';
import { type Harness, HOUR, MINUTE, MQL, SQL, START, startHarness } from './harness.ts';

const OPEN = historyOf([
  ['2026-08-31T09:00:00.000Z', 'lead'],
  ['2026-09-01T08:00:00.000Z', MQL],
]);
const QUALIFIED = historyOf([
  ['2026-08-31T09:00:00.000Z', MQL],
  ['2026-08-31T12:30:00.000Z', SQL],
]);

async function withTwoContacts(): Promise<Harness> {
  const h = await startHarness();
  h.portal.create('101', OPEN);
  h.portal.create('102', QUALIFIED);
  h.portal.create('103', historyOf([['2026-08-31T09:00:00.000Z', 'lead']]));
  h.pass(MINUTE);
  return h;
}

describe('a first run', () => {
  it('is a full one whatever was asked, and writes the right values', async () => {
    const h = await withTwoContacts();
    const run = await h.run('changes');
    expect(run).toMatchObject({ mode: 'full', state: 'done', stoppedBy: null });
    expect(run.counts).toMatchObject({ found: 2, read: 2, passes: 2, written: 2, unchanged: 0, failed: 0 });
    expect(h.portal.values('101')).toEqual({
      status: 'open',
      mql_date: '2026-09-01T08:00:00.000Z',
      first_mql_date: '2026-09-01T08:00:00.000Z',
      pass: '1',
      transitions: '0',
      sla: 'standard',
      sla_status: 'on_track',
      sla_due_date: '2026-09-01T16:00:00.000Z',
    });
    expect(h.portal.values('102')).toMatchObject({
      status: 'qualified',
      sql_date: '2026-08-31T12:30:00.000Z',
      hours_to_qualify: '3.5',
      sla_status: 'met',
    });
    expect(h.portal.values('103')).toEqual({});
  });

  it('moves the cursor to its own beginning and remembers the configuration', async () => {
    const h = await withTwoContacts();
    const run = await h.run();
    expect(await h.store.portal('acme')).toMatchObject({
      cursor: run.startedAt,
      lastFullAt: run.startedAt,
      fingerprint: 'f1',
    });
  });

  it('counts its calls', async () => {
    const h = await withTwoContacts();
    const run = await h.run();
    expect(run.counts.calls).toEqual({ search: 1, read: 1, write: 1, other: 0, rejected: 0 });
    expect(h.portal.calls).toHaveLength(3);
  });

  it('finds an empty portal, and is done', async () => {
    const h = await startHarness();
    expect(await h.run()).toMatchObject({ state: 'done', counts: { found: 0 } });
  });

  it('pages through many contacts in batches of 100', async () => {
    const h = await startHarness();
    for (let id = 1; id <= 250; id += 1) h.portal.create(String(id), OPEN);
    h.portal.pageSize = 90;
    h.pass(MINUTE);
    const run = await h.run();
    expect(run.counts).toMatchObject({ found: 250, written: 250 });
    expect(h.portal.takeCalls().filter((call) => call.to === 'find')).toHaveLength(3);
    expect(Math.max(...h.portal.writes.values())).toBe(1);
  });
});

describe('the next run', () => {
  it('skips the echoes of our own writes without reading them', async () => {
    const h = await withTwoContacts();
    await h.run();
    h.portal.takeCalls();
    h.pass(MINUTE);
    const run = await h.run();
    expect(run).toMatchObject({ mode: 'changes', state: 'done' });
    expect(run.counts).toMatchObject({ found: 2, read: 0, written: 0, skipped: { echo: 2 } });
    expect(h.portal.takeCalls().map((call) => call.to)).toEqual(['find']);
  });

  it('reads only what changed', async () => {
    const h = await withTwoContacts();
    await h.run();
    h.pass(HOUR);
    h.portal.move('101', SQL);
    h.pass(1);
    h.portal.takeCalls();
    const run = await h.run();
    expect(run.counts).toMatchObject({ found: 2, read: 1, written: 1, skipped: { echo: 1 } });
    expect(h.portal.takeCalls().find((call) => call.to === 'read')?.ids).toEqual(['101']);
    expect(h.portal.values('101')).toMatchObject({ status: 'qualified', hours_to_qualify: '2.02' });
  });

  it('reads again what somebody changed after our write', async () => {
    const h = await withTwoContacts();
    await h.run();
    h.pass(10);
    h.portal.edit('102', { values: { status: 'open' } });
    h.pass(10);
    const run = await h.run();
    expect(run.counts).toMatchObject({ found: 2, read: 1, written: 1, skipped: { echo: 1 } });
    expect(h.portal.values('102').status).toBe('qualified');
  });

  it('reads again what somebody moved between our reading and our writing', async () => {
    const h = await withTwoContacts();
    h.portal.beforeWrite = () => {
      h.portal.beforeWrite = null;
      h.portal.move('101', 'other');
    };
    await h.run();
    expect(h.portal.values('101').status).toBe('open');
    h.pass(10);
    expect((await h.run()).counts).toMatchObject({ read: 1, written: 1 });
    expect(h.portal.values('101').status).toBe('disqualified');
  });

  it('looks back a little, for changes that the search index showed late', async () => {
    const h = await withTwoContacts();
    const first = await h.run();
    h.pass(HOUR);
    const second = await h.run();
    expect(second.window).toEqual({ from: first.startedAt - 10 * MINUTE, to: START + HOUR + MINUTE });
    h.portal.create('99', OPEN);
    h.portal.contact('99').updatedAt = second.startedAt - 5 * MINUTE;
    h.pass(MINUTE);
    expect((await h.run()).counts).toMatchObject({ found: 1, written: 1 });
  });

  it('clears what we wrote on a contact that has no status any more', async () => {
    const h = await withTwoContacts();
    await h.run();
    h.pass(HOUR);
    h.portal.contact('101').history = historyOf([['2026-08-31T09:00:00.000Z', 'lead']]);
    await h.store.forget('acme', ['101']);
    h.portal.edit('101');
    h.pass(1);
    expect((await h.run()).counts).toMatchObject({ written: 1, cleared: 1, skipped: { echo: 1 } });
    expect(h.portal.values('101')).toEqual({});
  });
});

describe('a record that HubSpot refuses', () => {
  it('is kept with its reason while the others are written', async () => {
    const h = await withTwoContacts();
    h.portal.refuse('101');
    const run = await h.run();
    expect(run.counts).toMatchObject({ found: 2, written: 1, failed: 1 });
    expect(await h.store.failures('acme')).toMatchObject([
      { id: '101', code: 'VALIDATION_ERROR', reason: 'a workflow forbids it', attempts: 1 },
    ]);
  });

  it('is tried again by every run, once, until it is taken', async () => {
    const h = await withTwoContacts();
    h.portal.refuse('101');
    await h.run();
    h.pass(MINUTE);
    expect((await h.run()).counts).toMatchObject({ found: 2, failed: 1, skipped: { echo: 1 } });
    expect(await h.store.failures('acme')).toMatchObject([{ id: '101', attempts: 2 }]);
    h.pass(MINUTE);
    expect((await h.run('full')).counts).toMatchObject({ found: 2, failed: 1, unchanged: 1 });
    h.portal.accept('101');
    h.pass(HOUR);
    expect((await h.run()).counts).toMatchObject({ found: 2, written: 1, failed: 0 });
    expect(await h.store.failures('acme')).toEqual([]);
    expect(h.portal.values('101').status).toBe('open');
  });

  it('is let go of when the contact is deleted', async () => {
    const h = await withTwoContacts();
    h.portal.refuse('101');
    await h.run();
    h.portal.erase('101');
    h.pass(HOUR);
    expect((await h.run()).counts).toMatchObject({ found: 2, skipped: { gone: 1, echo: 1 } });
    expect(await h.store.failures('acme')).toEqual([]);
  });
});

describe('work done twice', () => {
  const lost = new UnavailableError('the store went away');

  it.each([
    ['between writing and saving', 'save', 'before'],
    ['between saving and finishing the batch', 'finishBatch', 'before'],
    ['after finishing the batch', 'finishBatch', 'after'],
    ['after finishing the run', 'tryFinishRun', 'after'],
  ] as const)('writes nothing twice after a crash %s', async (_, method, when) => {
    const h = await withTwoContacts();
    h.breakStore({ method, when, error: lost });
    const run = await h.run();
    expect(run).toMatchObject({ state: 'done', counts: { found: 2 } });
    expect(Object.fromEntries(h.portal.writes)).toEqual({ 101: 1, 102: 1 });
    h.pass(MINUTE);
    expect((await h.run()).counts).toMatchObject({ read: 0, skipped: { echo: 2 } });
  });
});

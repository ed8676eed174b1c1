import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../src/errors.ts';
import { historyOf } from '../support/contacts.ts';
import { type Harness, HOUR, MINUTE, MQL, SQL, START, startHarness } from './harness.ts';

/** An MQL of 10:00 in London, due at 10:00 the next morning; 9 hours are business hours from 9 to 17. */
const OPENED_AT_START = historyOf([['2026-09-01T09:00:00.000Z', MQL]]);
const DUE = Date.parse('2026-09-02T09:00:00.000Z');

async function withOpenContacts(count = 1): Promise<Harness> {
  const h = await startHarness();
  for (let id = 1; id <= count; id += 1) h.portal.create(String(id), OPENED_AT_START);
  h.pass(count);
  await h.run();
  h.portal.takeCalls();
  h.portal.writes.clear();
  return h;
}

async function tickAt(h: Harness, instant: number): Promise<void> {
  h.clock.set(instant);
  await h.tick();
  await h.queue.drain();
}

describe('a deadline', () => {
  it('changes the status with time alone: on track, due soon, overdue', async () => {
    const h = await withOpenContacts();
    expect(h.portal.values('1')).toMatchObject({
      sla_status: 'on_track',
      sla_due_date: '2026-09-02T09:00:00.000Z',
    });
    await tickAt(h, DUE - 4 * HOUR - 1);
    expect(h.portal.takeCalls()).toEqual([]);
    await tickAt(h, DUE - 4 * HOUR);
    expect(h.portal.values('1').sla_status).toBe('due_soon');
    await tickAt(h, DUE);
    expect(h.portal.values('1').sla_status).toBe('due_soon');
    await tickAt(h, DUE + 1);
    expect(h.portal.values('1').sla_status).toBe('overdue');
    await tickAt(h, DUE + HOUR);
    expect(h.portal.writes.get('1')).toBe(2);
  });

  it('does not mark a contact overdue that was decided a minute ago', async () => {
    const h = await withOpenContacts();
    await tickAt(h, DUE - HOUR);
    h.clock.set(DUE);
    h.portal.move('1', SQL);
    await tickAt(h, DUE + MINUTE);
    expect(h.portal.values('1')).toMatchObject({ status: 'qualified', sla_status: 'met' });
    expect(h.portal.writes.get('1')).toBe(2);
  });

  it('is told when it is worked on, not while it waits', async () => {
    const h = await withOpenContacts();
    h.clock.set(DUE - 4 * HOUR);
    await h.tick();
    expect(h.told).toEqual([]);
    await h.queue.drain();
    await h.tick();
    expect(h.told).toEqual(['changes']);
  });

  it('holds back what is told for five minutes at most where something new is due every minute', async () => {
    const h = await withOpenContacts();
    for (const minute of [...Array.from({ length: 12 }, (_, n) => n + 1), 30]) {
      h.clock.set(START + minute * MINUTE);
      h.portal.create(String(minute + 1), historyOf([[new Date(h.clock.now()).toISOString(), MQL]]));
    }
    h.pass(1);
    await h.run();
    await tickAt(h, DUE - 3 * HOUR);
    h.told.length = 0;
    const toldAt: number[] = [];
    for (let minute = 0; minute <= 31; minute += 1) {
      h.clock.set(DUE + minute * MINUTE + 1);
      const before = h.told.length;
      await h.tick();
      if (h.told.length > before) toldAt.push(minute);
      await h.queue.drain();
    }
    const quiet = Array.from({ length: 19 }, (_, n) => n + 13).filter((minute) => minute !== 30);
    expect(toldAt).toEqual([5, 10, ...quiet]);
  });

  it('is met by a run of its own where nobody watches', async () => {
    const h = await withOpenContacts(3);
    h.clock.set(DUE + HOUR);
    const run = await h.run('changes', { withDue: true });
    expect(run.counts).toMatchObject({ found: 3, read: 3, written: 3 });
    expect(h.portal.values('2').sla_status).toBe('overdue');
  });

  it('is left to the watch by a poll', async () => {
    const h = await withOpenContacts(3);
    h.clock.set(DUE + HOUR);
    expect((await h.run()).counts).toMatchObject({ found: 3, skipped: { echo: 3 } });
  });

  it('in an outage is taken up again later', async () => {
    const h = await withOpenContacts();
    h.portal.fail({ to: 'read', error: new UnavailableError('HubSpot does not answer') });
    await tickAt(h, DUE + 1);
    expect(h.queue.givenUp).toHaveLength(1);
    h.portal.recover();
    await tickAt(h, DUE + 11 * MINUTE);
    expect(h.portal.values('1').sla_status).toBe('overdue');
  });
});

describe('a burst of deadlines', () => {
  it('queues each contact once, also when rounds overlap', async () => {
    const h = await withOpenContacts(5_000);
    h.clock.set(DUE + 1);
    const before = h.queue.taken.length;
    await h.tick();
    await h.queue.drain({ jobs: 7 });
    // Somebody else, a poll say, works on one in the middle.
    await h.store.archive('acme', ['2050'], true);
    h.pass(MINUTE);
    await h.tick();
    await h.queue.drain({ jobs: 7 });
    h.pass(MINUTE);
    await Promise.all([h.tick(), h.tick()]);
    await h.queue.drain();
    const batches = h.queue.taken.slice(before).filter((one) => one.job === 'qualify-contacts');
    expect(batches).toHaveLength(50);
    expect(Math.max(...h.portal.writes.values())).toBe(1);
    expect(await h.store.due('acme', h.clock.now(), 10)).toEqual([]);
  });

  it('is queued again when the queue was lost', async () => {
    const h = await withOpenContacts(250);
    h.clock.set(DUE + 1);
    await h.tick();
    await h.queue.drain({ jobs: 1 });
    h.queue.lose();
    h.pass(10 * MINUTE);
    await h.tick();
    await h.queue.drain();
    expect(h.portal.writes.size).toBe(250);
  });

  it('that begins while the last one is worked on is queued too', async () => {
    const h = await withOpenContacts(150);
    h.clock.set(START + MINUTE);
    for (let id = 151; id <= 200; id += 1)
      h.portal.create(String(id), historyOf([['2026-09-01T09:01:00.000Z', MQL]]));
    h.pass(50);
    await h.run();
    h.clock.set(DUE + 1);
    await h.tick();
    await h.queue.drain({ jobs: 1 });
    h.clock.set(DUE + MINUTE + 1);
    await h.tick();
    await h.queue.drain();
    expect(new Set(Array.from({ length: 200 }, (_, i) => h.portal.values(String(i + 1)).sla_status))).toEqual(
      new Set(['overdue']),
    );
  });
});

describe('what time makes of a contact', () => {
  it('a pending clear that becomes real is picked up', async () => {
    const h = await withOpenContacts();
    h.clock.set(START + HOUR);
    h.portal.move('1', '');
    h.pass(MINUTE);
    await h.run();
    expect(h.portal.values('1').status).toBe('open');
    await tickAt(h, START + 2 * HOUR - 1);
    expect(h.portal.values('1').status).toBe('open');
    await tickAt(h, START + 2 * HOUR);
    expect(h.portal.values('1')).toMatchObject({ status: 'recycled', flags: 'cleared' });
  });

  it.each(['merge', 'archive', 'erase'] as const)('follows a contact that met a %s', async (fate) => {
    const h = await withOpenContacts(2);
    h.clock.set(DUE);
    if (fate === 'merge') h.portal.merge('1', '2');
    else h.portal[fate]('1');
    await tickAt(h, DUE + 1);
    expect(h.portal.values('2').sla_status).toBe('overdue');
    expect(await h.store.due('acme', h.clock.now(), 10)).toEqual([]);
    const remembered = await h.store.contacts('acme', ['1']);
    expect(remembered.get('1')?.contact.archived ?? null).toBe(fate === 'archive' ? true : null);
  });
});

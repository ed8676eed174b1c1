import { describe, expect, it } from 'vitest';
import { beginRun, RUN_SILENT_MS } from '../../jobs/run-ledger.ts';
import { startRun } from '../../jobs/start-run.ts';
import { CredentialsError, RateLimitedError, RejectedError, UnavailableError } from '../../src/errors.ts';
import type { RunMode } from '../../src/ports.ts';
import { historyOf } from '../support/contacts.ts';
import { expectSum, type Harness, HOUR, MINUTE, MQL, startHarness } from './harness.ts';

const OPEN = historyOf([['2026-09-01T08:00:00.000Z', MQL]]);
const down = new UnavailableError('HubSpot does not answer');

/** As many contacts as asked for, created a minute ago, searched 100 at a time. */
async function withContacts(count: number): Promise<Harness> {
  const h = await startHarness();
  for (let id = 1; id <= count; id += 1) h.portal.create(String(id), OPEN);
  h.portal.pageSize = 100;
  h.pass(MINUTE);
  return h;
}

async function begin(h: Harness, mode: RunMode = 'changes'): Promise<string> {
  const begun = await beginRun('acme', mode, h.deps);
  if (begun.busy !== null) throw new Error('busy');
  return begun.run.id;
}

function writesOf(h: Harness): number[] {
  return [...new Set(h.portal.writes.values())];
}

describe('an outage', () => {
  it('shorter than the attempts is bridged', async () => {
    const h = await withContacts(150);
    h.portal.fail({ to: 'find', nth: 2, error: down });
    h.portal.fail({ to: 'read', nth: 1, error: down });
    h.portal.fail({ to: 'write', nth: 2, error: down });
    const run = await h.run();
    expect(run).toMatchObject({ state: 'done', counts: { found: 150, written: 150 } });
    expect(run.counts.calls).toEqual({ search: 3, read: 4, write: 3, other: 0, rejected: 0 });
    expect(writesOf(h)).toEqual([1]);
    expect(h.queue.givenUp).toEqual([]);
  });

  it('during the search interrupts the run; the next start goes on in the middle', async () => {
    const h = await withContacts(350);
    await h.store.fail('acme', [{ id: '7', code: 'X', reason: 'earlier', failedAt: 0 }]);
    h.portal.fail({ to: 'find', nth: 3, error: down });
    const id = await begin(h);
    await h.queue.drain({ jobs: 1 });
    h.portal.fail({ to: 'find', error: down });
    await h.queue.drain();
    expect(await h.look(id)).toMatchObject({
      state: 'interrupted',
      after: '200',
      stoppedBy: { code: 'unavailable', message: 'HubSpot does not answer' },
    });
    expect(await h.store.portal('acme')).toMatchObject({ cursor: null, lastFullAt: null });
    expect(h.told.at(-1)).toBe(down);
    h.portal.recover();
    const before = h.portal.calls.length;
    const run = await h.run();
    expect(run).toMatchObject({ id, state: 'done', counts: { found: 350, written: 350 } });
    expect(h.portal.calls.slice(before).filter((call) => call.to === 'find')).toHaveLength(2);
    expect(writesOf(h)).toEqual([1]);
    expect(await h.store.portal('acme')).toMatchObject({ cursor: run.startedAt });
  });

  it.each(['find', 'read', 'write'] as const)(
    'of a used-up day, met on %s, interrupts the run at once; the next day goes on with it',
    async (to) => {
      const h = await withContacts(350);
      h.portal.fail({ to, error: new RateLimitedError('the daily limit is used up', 6 * HOUR) });
      const id = await begin(h);
      await h.queue.drain();
      const stoppedBy = { code: 'rate_limited', message: 'the daily limit is used up' };
      expect(await h.look(id)).toMatchObject({ state: 'interrupted', stoppedBy });
      expect((await h.store.portal('acme')).cursor).toBeNull();
      h.portal.recover();
      h.pass(6 * HOUR);
      expect(await h.run()).toMatchObject({ id, state: 'done', counts: { found: 350, written: 350 } });
      expect(writesOf(h)).toEqual([1]);
    },
  );

  it('before the first page takes along what failed before only once', async () => {
    const h = await withContacts(3);
    await h.store.fail('acme', [{ id: '2', code: 'X', reason: 'earlier', failedAt: 0 }]);
    h.portal.fail({ to: 'find', nth: 1, error: down });
    const run = await h.run();
    const batches = h.queue.taken.filter((one) => one.job === 'qualify-contacts').map((one) => one.id);
    expect(batches).toEqual([`${run.id}.0`, `${run.id}.1`]);
    expect(run.state).toBe('done');
  });

  it('while contacts are worked on interrupts the run, and loses none', async () => {
    const h = await withContacts(250);
    h.portal.fail({ to: 'read', nth: 2, error: down });
    const id = await begin(h);
    await h.queue.drain({ jobs: 2 });
    h.portal.fail({ to: 'read', error: down });
    await h.queue.drain();
    expect(await h.look(id)).toMatchObject({ state: 'interrupted', batches: { done: 1, pending: 2 } });
    expect((await h.store.portal('acme')).cursor).toBeNull();
    h.portal.recover();
    expect(await h.run()).toMatchObject({ id, state: 'done', counts: { written: 250 } });
    expect(writesOf(h)).toEqual([1]);
  });

  it('of a wrong token stops without trying again, until the next start', async () => {
    const h = await withContacts(2);
    h.portal.fail({ to: 'read', error: new CredentialsError('HubSpot refuses the token') });
    const id = await begin(h);
    await h.queue.drain();
    expect(h.portal.calls.filter((call) => call.to === 'read')).toHaveLength(1);
    expect(await h.look(id)).toMatchObject({ state: 'interrupted', stoppedBy: { code: 'credentials' } });
    expect(h.told).toHaveLength(1);
    h.portal.recover();
    expect(await h.run()).toMatchObject({ id, state: 'done', counts: { written: 2 } });
  });

  it('before a run can begin leaves no run behind, and is told', async () => {
    const h = await withContacts(1);
    h.portal.notReady = new CredentialsError('HubSpot refuses the token');
    const payload = { portal: 'acme', mode: 'changes' };
    await h.queue.enqueue('start-run', payload, { id: 'poll', priority: 'live' });
    await h.queue.drain();
    expect(await h.store.unfinishedRun('acme')).toBeNull();
    expect(h.told).toEqual([h.portal.notReady]);
  });

  it('asked to wait, waits without counting an attempt, and counts its calls', async () => {
    const h = await withContacts(1);
    for (let nth = 1; nth <= 20; nth += 1) {
      h.portal.fail({ to: 'read', nth, error: new RateLimitedError('wait', 1_000) });
    }
    const started = h.clock.now();
    const run = await h.run();
    expect(run).toMatchObject({ state: 'done', counts: { written: 1, calls: { read: 21 } } });
    expect(h.clock.now()).toBe(started + 20_000);
    expect(h.queue.givenUp).toEqual([]);
  });
});

describe('a batch that HubSpot refuses as a whole', () => {
  it('is kept for retry, and the run goes on', async () => {
    const h = await withContacts(150);
    const refused = new RejectedError('HubSpot refuses the request', { status: 400 });
    h.portal.fail({ to: 'read', nth: 1, error: refused });
    const run = await h.run();
    expect(run).toMatchObject({ state: 'done', counts: { found: 150, failed: 100, written: 50 } });
    expect((await h.store.failures('acme'))[0]).toMatchObject({ id: '1', code: 'rejected' });
    h.pass(MINUTE);
    expect((await h.run()).counts).toMatchObject({ written: 100, failed: 0, skipped: { echo: 50 } });
    expect(await h.store.failures('acme')).toEqual([]);
  });

  it('or that meets a fault of ours, likewise, without its message', async () => {
    const h = await withContacts(1);
    h.portal.fail({ to: 'read', error: new TypeError('ada@example.com is not a function') });
    expect((await h.run()).counts).toMatchObject({ found: 1, failed: 1 });
    const [failure] = await h.store.failures('acme');
    expect(failure).toMatchObject({ code: 'internal' });
    expect(failure?.reason).not.toContain('ada');
  });
});

describe('an emptied queue', () => {
  it.each([1, 2, 3])('lost after %i jobs is rebuilt by the next start', async (jobs) => {
    const h = await withContacts(250);
    const id = await begin(h);
    await h.queue.drain({ jobs });
    h.queue.lose();
    expect((await beginRun('acme', 'changes', h.deps)).busy).toMatchObject({ id });
    h.pass(RUN_SILENT_MS);
    const run = await h.run();
    expect(run).toMatchObject({ id, state: 'done', counts: { found: 250, written: 250 } });
    expect(writesOf(h)).toEqual([1]);
  });

  it('lost before the search was queued is rebuilt too', async () => {
    const h = await withContacts(3);
    const id = await begin(h);
    h.queue.lose();
    h.pass(RUN_SILENT_MS);
    expect(await h.run()).toMatchObject({ id, state: 'done', counts: { written: 3 } });
  });

  it('that was not lost takes nothing in twice', async () => {
    const h = await withContacts(250);
    const id = await begin(h);
    await h.queue.drain({ jobs: 1 });
    h.pass(RUN_SILENT_MS);
    const begun = await beginRun('acme', 'changes', h.deps);
    expect(begun).toMatchObject({ resumed: true, run: { id } });
    await h.queue.drain();
    expect(h.queue.taken).toHaveLength(4);
    expect((await h.look(id)).counts).toMatchObject({ found: 250, written: 250 });
  });
});

describe('a worker that stops', () => {
  it('leaves the search where it is, and goes on after the next start', async () => {
    const h = await withContacts(350);
    const id = await begin(h);
    h.queue.stopping.abort();
    await h.queue.drain({ jobs: 1 });
    const stopped = await h.look(id);
    expect(stopped).toMatchObject({ state: 'finding', after: '100' });
    expectSum({ counts: { ...stopped.counts, found: 0 } });
    const next = await h.restart();
    expect(next.queue.waiting).toHaveLength(0);
    next.pass(RUN_SILENT_MS);
    expect(await next.run()).toMatchObject({ id, counts: { found: 350, written: 350 } });
    expect(writesOf(h)).toEqual([1]);
  });
});

describe('two runs of one portal', () => {
  it('never overlap', async () => {
    const h = await withContacts(3);
    const begun = await Promise.all([1, 2, 3].map(() => beginRun('acme', 'changes', h.deps)));
    expect(new Set(begun.map((one) => (one.busy ?? one.run).id)).size).toBe(1);
    h.pass(1);
    expect((await beginRun('acme', 'full', h.deps)).busy).not.toBeNull();
    await h.queue.drain();
    expect((await h.store.lastRun('acme'))?.counts).toMatchObject({ found: 3, written: 3 });
  });

  async function scheduled(h: Harness, mode: 'changes' | 'full'): Promise<void> {
    const context = { attempt: 1, lastAttempt: false, signal: h.queue.stopping.signal };
    await startRun.handle({ portal: 'acme', mode, join: false }, h.deps, context);
  }

  it('a poll that meets a run is dropped, a full run waits for it', async () => {
    const h = await withContacts(3);
    await h.run();
    h.pass(HOUR);
    const id = await begin(h);
    await scheduled(h, 'changes');
    expect(h.queue.waiting).toEqual([`${id}.find`]);
    await scheduled(h, 'full');
    await h.queue.drain();
    expect(await h.store.lastRun('acme')).toMatchObject({ mode: 'full', state: 'done' });
  });

  it('a full run that takes up another is not forgotten', async () => {
    const h = await withContacts(3);
    await h.run();
    h.pass(HOUR);
    await begin(h);
    h.queue.lose();
    h.pass(RUN_SILENT_MS);
    await scheduled(h, 'full');
    await h.queue.drain();
    expect(await h.store.lastRun('acme')).toMatchObject({ mode: 'full', state: 'done' });
  });

  it('a full run that meets a full one is dropped', async () => {
    const h = await withContacts(3);
    await begin(h, 'full');
    await scheduled(h, 'full');
    expect(h.queue.waiting).toHaveLength(1);
  });

  it('of two portals know nothing of each other', async () => {
    const h = await withContacts(3);
    await begin(h);
    expect(await h.store.unfinishedRun('other')).toBeNull();
    await h.queue.drain();
    expect(await h.store.ids('other', null, 10)).toEqual([]);
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { noCounts } from '../../jobs/counts.ts';
import { beginRun, RUN_SILENT_MS } from '../../jobs/run-ledger.ts';
import {
  countsOf,
  InterruptedError,
  type SyncRequest,
  type SyncResult,
  syncOnce,
} from '../../src/app/sync.ts';
import { ConfigurationError, CredentialsError, UnavailableError } from '../../src/errors.ts';
import type { Run, RunCounts } from '../../src/ports.ts';
import { expectSum, type Harness, HOUR, MINUTE, MQL, SQL, startHarness } from '../jobs/harness.ts';
import { historyOf, rulesWith, slaRule } from '../support/contacts.ts';

const OPEN = historyOf([['2026-09-01T08:00:00.000Z', MQL]]);

async function withContacts(count = 3): Promise<Harness> {
  const h = await startHarness();
  for (let id = 1; id <= count; id += 1) h.portal.create(String(id), OPEN);
  h.portal.pageSize = 100;
  h.pass(count);
  return h;
}

interface Syncing {
  readonly result: Promise<SyncResult>;
  readonly remarks: string[];
  readonly progress: Run[];
}

/** Starts a sync, with a worker at its side unless `worker` is false. */
function sync(h: Harness, change: Partial<SyncRequest> = {}, { worker = true } = {}): Syncing {
  const [remarks, progress]: [string[], Run[]] = [[], []];
  const request: SyncRequest = {
    portal: 'acme',
    mode: 'changes',
    rejudge: false,
    signal: new AbortController().signal,
    onProgress: (run) => progress.push(run),
    onRemark: (sentence) => remarks.push(sentence),
    ...change,
  };
  if (worker) startWorker(h);
  return { result: syncOnce(request, h.deps), remarks, progress };
}

/** Works on whatever is queued, each job a millisecond later, until the test is over. */
function startWorker(h: Harness): void {
  let over = false;
  onTestFinished(() => {
    over = true;
  });
  const work = async () => {
    if (over) return;
    h.pass(1);
    await h.queue.drain({ jobs: 1 });
    setTimeout(work, 1);
  };
  void work();
}

describe('a sync', () => {
  it('begins with a full run and goes on with changes', async () => {
    const h = await withContacts();
    const first = sync(h);
    expect(await first.result).toMatchObject({
      mode: 'full',
      counts: { found: 3, written: 3 },
      resumed: false,
      recomputed: null,
    });
    expect(first.remarks).toEqual([]);
    expect(first.progress.at(-1)).toMatchObject({ state: 'done' });
    h.pass(HOUR);
    h.portal.move('2', SQL);
    expect(await sync(h).result).toMatchObject({
      mode: 'changes',
      counts: { written: 1, skipped: { echo: 2 } },
    });
  });

  it('reads everything when asked to', async () => {
    const h = await withContacts();
    await sync(h).result;
    h.pass(HOUR);
    expect(await sync(h, { mode: 'full' }).result).toMatchObject({
      mode: 'full',
      counts: { read: 3, unchanged: 3 },
    });
  });

  it('takes deadlines along', async () => {
    const h = await withContacts();
    await sync(h).result;
    h.pass(48 * HOUR);
    expect((await sync(h).result).counts).toMatchObject({ found: 3, written: 3 });
    expect(h.portal.values('1').sla_status).toBe('overdue');
  });

  it('recomputes what is remembered after a change of configuration', async () => {
    const h = await withContacts();
    await sync(h).result;
    h.pass(2 * HOUR);
    h.portal.rules = rulesWith({
      sales: [slaRule({ target: { within: { ms: HOUR, business: true } } })],
      promise: 'p2',
    });
    h.portal.fingerprint = 'f2';
    const second = sync(h);
    expect(await second.result).toMatchObject({
      mode: 'changes',
      counts: { found: 3, read: 0, passes: 3, written: 3, unchanged: 0, skipped: {} },
      recomputed: 3,
    });
    expect(second.remarks).toEqual(['The configuration changed: recomputing what is remembered']);
    expect(await sync(h).result).toMatchObject({ recomputed: null });
  });

  it('judges decided passes anew when asked to', async () => {
    const h = await withContacts();
    h.portal.create(
      '4',
      historyOf([
        ['2026-08-31T09:00:00.000Z', MQL],
        ['2026-08-31T12:30:00.000Z', SQL],
      ]),
    );
    h.pass(1);
    await sync(h).result;
    h.pass(HOUR);
    h.portal.rules = rulesWith({
      sales: [slaRule({ target: { within: { ms: HOUR, business: true } } })],
      promise: 'p2',
    });
    h.portal.fingerprint = 'f2';
    const result = await sync(h, { rejudge: true }).result;
    expect(result).toMatchObject({ mode: 'changes', counts: { found: 4 }, recomputed: 4 });
    expectSum(result);
    expect(h.portal.values('4').sla_status).toBe('met_late');
    expect(await h.store.lastRun('acme')).toMatchObject({ mode: 'rejudge' });
  });
});

describe('the counts of several runs', () => {
  const counts = (change: Partial<RunCounts>): RunCounts => ({ ...noCounts(), ...change });
  const changes = { found: 10, read: 4, written: 2, unchanged: 1, failed: 1, skipped: { echo: 5, gone: 1 } };

  it('are those of a run that is alone', () => {
    expect(countsOf([{ mode: 'changes', counts: counts(changes) }])).toEqual(counts(changes));
  });

  it.each<[Partial<RunCounts>, Partial<RunCounts>]>([
    // Nothing more to do, and a contact that cannot be read is not remembered.
    [
      { found: 20, read: 20, passes: 22, unchanged: 20 },
      { found: 22, written: 2, unchanged: 18, failed: 1 },
    ],
    // The refused one is refused again.
    [
      { found: 20, read: 20, passes: 22, unchanged: 16, written: 3, cleared: 1, failed: 1 },
      { found: 21, written: 5, unchanged: 14, cleared: 1, failed: 1 },
    ],
    // What was just written is written again.
    [
      { found: 20, read: 20, passes: 22, written: 20 },
      { found: 22, written: 20, unchanged: 0, failed: 1 },
    ],
  ])('with a recomputation count each contact once: %o', (again, all) => {
    const sum = countsOf([
      { mode: 'changes', counts: counts(changes) },
      { mode: 'recompute', counts: counts(again) },
    ]);
    expect(sum).toMatchObject({ read: 4, passes: 22, skipped: { gone: 1 }, ...all });
    expectSum({ counts: sum });
  });

  it('leave out later echoes of what was written first', () => {
    const sum = countsOf([
      { mode: 'full', counts: counts({ found: 7, read: 7, written: 7 }) },
      { mode: 'changes', counts: counts({ found: 8, read: 1, unchanged: 1, skipped: { echo: 7 } }) },
    ]);
    expect(sum).toMatchObject({ found: 8, read: 8, written: 7, unchanged: 1, skipped: {} });
    expectSum({ counts: sum });
  });
});

describe('an unfinished run', () => {
  it('of an earlier start is completed first', async () => {
    const h = await withContacts(250);
    await beginRun('acme', 'changes', h.deps);
    await h.queue.drain({ jobs: 2 });
    h.queue.lose();
    h.pass(RUN_SILENT_MS);
    const { result, remarks } = sync(h);
    expect(await result).toMatchObject({ mode: 'full', resumed: true, counts: { written: 250 } });
    expect(remarks).toEqual([expect.stringMatching(/^Going on with the full run of 2026-09-01T/)]);
    expect(new Set(h.portal.writes.values())).toEqual(new Set([1]));
    expect(await h.store.lastRun('acme')).toMatchObject({ mode: 'changes' });
  });

  it.each(['full', 'changes'] as const)('is followed by what was asked: %s', async (mode) => {
    const h = await withContacts();
    await sync(h).result;
    h.pass(HOUR);
    h.portal.fail({ to: 'find', error: new UnavailableError('HubSpot does not answer') });
    await expect(sync(h).result).rejects.toThrow(UnavailableError);
    h.portal.recover();
    expect(await sync(h, { mode }).result).toMatchObject({ mode, resumed: true });
    expect(await h.store.lastRun('acme')).toMatchObject({ mode });
  });

  it('that another process is at work on is shared with it', async () => {
    const h = await withContacts(350);
    await beginRun('acme', 'full', h.deps);
    await h.queue.drain({ jobs: 1 });
    const { result } = sync(h);
    expect(await result).toMatchObject({ mode: 'full', resumed: true, counts: { written: 350 } });
    expect(new Set(h.portal.writes.values())).toEqual(new Set([1]));
  });

  it('whose queue is lost while the sync looks on is rebuilt', async () => {
    const h = await withContacts(250);
    const { result, progress } = sync(h, {}, { worker: false });
    await waitFor(() => progress.length > 0);
    h.queue.lose();
    h.pass(RUN_SILENT_MS);
    startWorker(h);
    expect(await result).toMatchObject({ mode: 'full', counts: { found: 250, written: 250 } });
  });
});

describe('a stop', () => {
  it('ends the sync at once, and the run goes on with the next one', async () => {
    const h = await withContacts(250);
    const stop = new AbortController();
    const { result, progress } = sync(h, { signal: stop.signal }, { worker: false });
    await waitFor(() => progress.length > 0);
    stop.abort();
    await expect(result).rejects.toThrow(InterruptedError);
    expect(await h.store.unfinishedRun('acme')).toMatchObject({ state: 'finding' });
    expect(await sync(h).result).toMatchObject({ mode: 'full', resumed: true, counts: { written: 250 } });
  });

  it('before it began is a stop too', async () => {
    const h = await withContacts();
    await expect(sync(h, { signal: AbortSignal.abort() }, { worker: false }).result).rejects.toThrow(
      InterruptedError,
    );
  });
});

describe('an error', () => {
  const messages = { unavailable: 'HubSpot does not answer', credentials: 'HubSpot refuses the token' };

  it.each([
    [new UnavailableError(messages.unavailable), 3, /does not answer\nNothing is lost: the next sync/],
    [new CredentialsError(messages.credentials), 2, /^HubSpot refuses the token$/],
    [new ConfigurationError('no such stage'), 2, /^no such stage$/],
    [new TypeError('x is not a function'), 3, /Nothing is lost/],
  ])('that interrupted the run is the error of the sync: %o', async (error, exitCode, message) => {
    const h = await withContacts();
    h.portal.fail({ to: 'find', error });
    const failed = await sync(h).result.catch((thrown: unknown) => thrown);
    expect(failed).toMatchObject({ exitCode, message: expect.stringMatching(message) });
    if (error instanceof CredentialsError) expect(failed).toBeInstanceOf(CredentialsError);
    h.portal.recover();
    h.pass(MINUTE);
    expect(await sync(h).result).toMatchObject({ resumed: true, counts: { written: 3 } });
  });

  it('before a run began is thrown as it is', async () => {
    const h = await withContacts();
    h.portal.notReady = new CredentialsError(messages.credentials);
    await expect(sync(h, {}, { worker: false }).result).rejects.toBe(h.portal.notReady);
    expect(await h.store.unfinishedRun('acme')).toBeNull();
  });
});

async function waitFor(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

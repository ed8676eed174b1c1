import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../src/errors.ts';
import { historyOf, ROLES_BY_STAGE, rulesWith, slaRule } from '../support/contacts.ts';
import { type Harness, HOUR, MINUTE, MQL, PROMISING, SQL, startHarness } from './harness.ts';

const OPEN = historyOf([['2026-09-01T08:00:00.000Z', MQL]]);
const QUALIFIED = historyOf([
  ['2026-08-31T09:00:00.000Z', MQL],
  ['2026-08-31T12:30:00.000Z', SQL],
]);
const WITHIN_AN_HOUR = rulesWith({
  sales: [slaRule({ version: 'v2', target: { within: { ms: HOUR, business: true } } })],
  promise: 'p2',
});

/** An open contact and a qualified one, synced an hour ago. */
async function synced(): Promise<Harness> {
  const h = await startHarness(PROMISING);
  h.portal.create('1', OPEN);
  h.portal.create('2', QUALIFIED);
  h.pass(10);
  await h.run();
  h.pass(HOUR);
  h.portal.takeCalls();
  return h;
}

function change(h: Harness, rules = WITHIN_AN_HOUR): void {
  h.portal.rules = rules;
  h.portal.fingerprint = 'f2';
}

describe('a change of rules', () => {
  it('reaches every remembered contact without reading HubSpot', async () => {
    const h = await synced();
    change(h);
    await h.run();
    const recompute = await h.store.lastRun('acme');
    expect(recompute).toMatchObject({ mode: 'recompute', state: 'done' });
    expect(recompute?.counts).toMatchObject({
      found: 2,
      written: 1,
      unchanged: 1,
      calls: { search: 0, read: 0, write: 1 },
    });
    expect(h.portal.takeCalls().map((call) => call.to)).toEqual(['find', 'write']);
    expect(h.portal.values('1')).toMatchObject({ sla_status: 'overdue' });
    expect((await h.store.portal('acme')).fingerprint).toBe('f2');
  });

  it('leaves decided passes to the promise they were judged by', async () => {
    const h = await synced();
    change(h);
    await h.run();
    expect(h.portal.values('2')).toMatchObject({ sla_status: 'met' });
  });

  it('judges decided passes anew when asked to', async () => {
    const h = await synced();
    change(h);
    await h.run('rejudge');
    expect(h.portal.values('2')).toMatchObject({ sla_status: 'met_late' });
    expect((await h.store.portal('acme')).fingerprint).toBe('f2');
    expect(h.portal.takeCalls().map((call) => call.to)).toEqual(['write']);
  });

  it('is worked in once', async () => {
    const h = await synced();
    change(h);
    await h.run();
    h.pass(HOUR);
    await h.run();
    expect(await h.store.lastRun('acme')).toMatchObject({ mode: 'changes' });
  });

  it('clears what a contact carries that has no status any more', async () => {
    const h = await synced();
    change(h, rulesWith({ roles: new Map([...ROLES_BY_STAGE, [MQL, 'before']]) }));
    await h.run();
    expect((await h.store.lastRun('acme'))?.counts).toMatchObject({ found: 2, written: 2, cleared: 1 });
    expect(h.portal.values('1')).toEqual({});
    expect(h.portal.values('2').status).toBe('direct_sql');
  });

  it('during an outage is worked in later', async () => {
    const h = await synced();
    change(h);
    h.portal.fail({ to: 'write', error: new UnavailableError('HubSpot does not answer') });
    await h.run();
    expect(await h.store.unfinishedRun('acme')).toMatchObject({ mode: 'recompute', state: 'interrupted' });
    expect((await h.store.portal('acme')).fingerprint).toBe('f1');
    h.portal.recover();
    expect(await h.run()).toMatchObject({ mode: 'recompute', state: 'done', counts: { written: 1 } });
    expect((await h.store.portal('acme')).fingerprint).toBe('f2');
  });

  it('keeps refused contacts for retry', async () => {
    const h = await synced();
    h.portal.refuse('1');
    change(h);
    await h.run();
    expect((await h.store.lastRun('acme'))?.counts).toMatchObject({ written: 0, failed: 1, unchanged: 1 });
    expect(await h.store.failures('acme')).toMatchObject([{ id: '1' }]);
  });

  it('reads once more what was written without reading, and takes no other echo for news', async () => {
    const h = await synced();
    h.portal.edit('2', { values: { status: 'open' } });
    h.pass(1);
    await h.run();
    change(h);
    await h.run('recompute');
    h.pass(MINUTE);
    h.portal.takeCalls();
    expect((await h.run()).counts).toMatchObject({ found: 2, read: 1, unchanged: 1, skipped: { echo: 1 } });
  });

  it('that remembered contacts do not suffice for makes the next run a full one', async () => {
    const h = await synced();
    change(h);
    h.portal.changeNeeds = 'full';
    const run = await h.run();
    expect(run).toMatchObject({ mode: 'full', counts: { found: 2, read: 2, written: 1 } });
    expect((await h.store.portal('acme')).fingerprint).toBe('f2');
    h.pass(HOUR);
    expect((await h.run()).mode).toBe('changes');
  });

  it('in the middle of a run is worked in by the next one', async () => {
    const h = await synced();
    h.portal.edit('2');
    h.pass(1);
    h.portal.beforeRead = () => change(h);
    await h.run();
    expect(await h.store.lastRun('acme')).toMatchObject({ mode: 'recompute', state: 'done' });
    expect(h.portal.values('1')).toMatchObject({ sla_status: 'overdue' });
  });
});

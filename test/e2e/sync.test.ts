/** The whole path with the real command, on both sets of engines: from a simulated portal and back into it. */
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import type { PlanResult } from '../../src/app/plan.ts';
import type { SyncDocument } from '../../src/cli/sync.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator, SimulatorOptions } from '../../src/simulator/types.ts';
import { AGREEMENT, factsOf, mostWrites, rulesOf, wrongContacts } from './agreement.ts';
import { type Engines, newPlace, newToken, type Place } from './command.ts';

// A worker's lock must run out before its work is taken over; a busy machine takes its time for all of this.
vi.setConfig({ testTimeout: 240_000 });

const services: Engines = { redisUrl: inject('redisUrl'), databaseUrl: inject('databaseUrl') };
const hasServices = services.redisUrl !== null && services.databaseUrl !== null;

describe.each([
  { engines: 'embedded', use: { redisUrl: null, databaseUrl: null }, missing: false },
  { engines: 'services', use: services, missing: !hasServices },
])('on $engines engines', ({ use, missing }) => {
  describe.skipIf(missing)('handoff', () => {
    let simulator: Simulator;
    let place: Place;

    async function portalWith(options: SimulatorOptions): Promise<void> {
      simulator = await startSimulator({
        token: newToken(),
        seed: 11,
        limits: { burst: 2_000, searchPerSecond: 200 },
        ...options,
      });
      place = await newPlace(simulator, use);
      await place.configure(AGREEMENT);
    }

    beforeEach(() => portalWith({ size: 600 }));
    afterEach(async () => {
      await simulator.close();
      await place.remove();
    });

    it('writes every value right, writes nothing twice, and says what it did', async () => {
      const plan = await place.json<PlanResult>('plan');
      expect(plan.code).toBe(0);
      expect([...simulator.portal.definitions.keys()].filter((name) => name.startsWith('handoff_'))).toEqual(
        [],
      );

      const first = await place.json<SyncDocument>('sync');
      expect(first.code).toBe(0);
      const { document } = first;
      expect(wrongContacts(simulator, rulesOf(simulator), Date.now())).toEqual([]);
      expect(document).toMatchObject({ portal: 'main', mode: 'full', failed: [], resumed: false });
      expect(document.written).toBe(plan.document.changed);
      const skipped = Object.values(document.skipped).reduce((sum, count) => sum + count, 0);
      expect(document.found).toBe(document.written + document.unchanged + skipped + document.failed.length);

      simulator.resetStats();
      const again = await place.json<SyncDocument>('sync');
      expect(again.document).toMatchObject({ mode: 'changes', written: 0, read: 0 });
      expect(simulator.stats().calls.write).toBe(0);
      const full = await place.json<SyncDocument>('sync', '--full');
      expect(full.document).toMatchObject({ mode: 'full', written: 0 });
      expect(mostWrites(simulator, 'handoff_mql_date')).toBe(1);
      expect((await place.json<PlanResult>('plan')).document.changes).toEqual([]);
    });

    it('follows a contact through moves, a merge, archiving, restoring and deletion', async () => {
      await place.run('sync');
      const rules = rulesOf(simulator);
      const [lead, mql, other, gone] = idsInStage('lead', 4) as [string, string, string, string];
      simulator.portal.move(lead, 'marketingqualifiedlead');
      simulator.portal.move(mql, 'marketingqualifiedlead');
      simulator.portal.move(mql, 'salesqualifiedlead', simulator.portal.now() + 1);
      simulator.portal.move(gone, 'marketingqualifiedlead');
      await place.run('sync');
      expect(valuesOf(lead)).toMatchObject({
        handoff_status: 'open',
        handoff_pass: '1',
        handoff_transitions: '0',
      });
      expect(valuesOf(mql)).toMatchObject({ handoff_status: 'qualified', handoff_flags: 'instant' });

      const survivor = simulator.portal.merge(mql, other);
      simulator.portal.forget(gone);
      simulator.portal.archive(lead);
      await place.run('sync', '--full');
      expect(wrongContacts(simulator, rules, Date.now())).toEqual([]);
      expect(valuesOf(survivor).handoff_flags).toContain('merged');
      const { out } = await place.run('report', '--format', 'csv');
      expect(out).toContain(`\n${survivor},`);
      for (const id of [gone, mql, lead]) expect(out).not.toContain(`\n${id},`);

      simulator.portal.restore(lead);
      await place.run('sync', '--full');
      expect((await place.run('report', '--format', 'csv')).out).toContain(`\n${lead},`);
    });

    it('goes on where it was after a kill -9, and writes nothing twice', async () => {
      await simulator.close();
      await place.remove();
      await portalWith({ size: 3_000, latencyMs: 40 });
      const killed = place.start('sync');
      await untilWrites(2);
      killed.process.kill('SIGKILL');
      await killed.ended;
      const before = simulator.stats().calls.write;
      await waitForSilence();

      const { code, document } = await place.json<SyncDocument>('sync');
      expect(code).toBe(0);
      expect(before).toBeGreaterThan(0);
      expect(wrongContacts(simulator, rulesOf(simulator), Date.now())).toEqual([]);
      expect(document.resumed).toBe(true);
      expect(mostWrites(simulator, 'handoff_mql_date')).toBe(1);
    });

    it('names what HubSpot refuses, writes the rest, and tries again', async () => {
      const refused = contactsWithStatus(2);
      simulator.portal.requireConditionally(refused, 'industry');
      const { code, document } = await place.json<SyncDocument>('sync');
      expect(code).toBe(1);
      expect(document.failed.map(({ id }) => id).sort()).toEqual([...refused].sort());
      expect(document.failed[0]?.reason).toContain('industry');
      expect(wrongContacts(simulator, rulesOf(simulator), Date.now()).sort()).toEqual([...refused].sort());

      for (const id of refused) simulator.portal.setProperty(id, 'industry', 'RETAIL');
      const again = await place.json<SyncDocument>('sync');
      expect(again).toMatchObject({ code: 0, document: { failed: [], written: 2 } });
    });

    it('comes through an unreliable portal', async () => {
      await simulator.close();
      await place.remove();
      await portalWith({
        size: 800,
        faults: { rate429: 0.02, rate5xx: 0.05, dropped: 0.03, cutOff: 0.03 },
        tracePartial: false,
      });
      const { code, document } = await place.json<SyncDocument>('sync');
      expect(code).toBe(0);
      expect(document.calls.rejected).toBeGreaterThan(0);
      expect(wrongContacts(simulator, rulesOf(simulator), Date.now())).toEqual([]);
    });

    it('recomputes after a change of the configuration without reading HubSpot again', async () => {
      await place.run('sync');
      const changed = AGREEMENT.replace('09:00-17:30', '08:00-18:00');
      await place.configure(changed);
      expect((await place.run('check')).out).toMatch(
        /the calendar.* changed: \d+ of \d+ remembered contacts/,
      );
      const { document } = await place.json<SyncDocument>('sync');
      expect(document).toMatchObject({ mode: 'changes', failed: [] });
      expect(document.recomputed).toBeGreaterThan(0);
      expect(document.calls.read).toBe(0);
      const open = contactsOf('open');
      const rules = rulesOf(simulator, changed);
      const stale = open.filter(
        (id) => Date.parse(valuesOf(id).handoff_sla_due_date ?? '') !== Date.parse(dueDateOf(id, rules)),
      );
      expect(open.length).toBeGreaterThan(0);
      expect(stale).toEqual([]);
      await place.run('sync', '--rejudge');
      expect(wrongContacts(simulator, rules, Date.now())).toEqual([]);
    });

    it('works in the background, follows a move, lets others look on, and stops on SIGTERM', async () => {
      const worker = place.start('work', '--json');
      await worker.said('handoff works on');
      await until(() => wrongContacts(simulator, rulesOf(simulator), Date.now()).length === 0);
      await until(async () => (await place.run('report')).code === 0);
      const [lead = ''] = idsInStage('lead', 1);
      const explained = await place.json<{ status: string | null }>('explain', lead);
      expect(explained).toMatchObject({ code: 0, document: { id: lead } });
      simulator.portal.move(lead, 'marketingqualifiedlead');
      const { code } = await place.json<SyncDocument>('sync');
      expect(code).toBe(0);
      expect(valuesOf(lead).handoff_status).toBe('open');
      worker.process.kill('SIGTERM');
      const { code: left, out } = await worker.ended;
      expect(left).toBe(0);
      expect(JSON.parse(out)).toEqual({ portals: ['main'], stopped: true });
    });

    function valuesOf(id: string): Readonly<Record<string, string>> {
      return simulator.portal.resolve(id)?.values ?? {};
    }

    function idsInStage(stage: string, count: number): string[] {
      const all = [...simulator.portal.contacts.values()];
      return all
        .filter(({ stages }) => stages.length === 1 && stages[0]?.value === stage)
        .slice(0, count)
        .map(({ id }) => id);
    }

    function contactsWithStatus(count: number): string[] {
      const rules = rulesOf(simulator);
      const all = [...simulator.portal.contacts.values()].filter((one) => one.archivedAt === null);
      return all
        .filter((one) => factsOf(one, rules, Date.now()).status !== null)
        .slice(0, count)
        .map(({ id }) => id);
    }

    function contactsOf(status: string): string[] {
      return [...simulator.portal.contacts.values()]
        .filter(({ values }) => values.handoff_status === status)
        .map(({ id }) => id);
    }

    function dueDateOf(id: string, rules: ReturnType<typeof rulesOf>): string {
      return factsOf(simulator.portal.resolve(id)!, rules, Date.now()).values.sla_due_date;
    }

    async function untilWrites(count: number): Promise<void> {
      await until(() => simulator.stats().calls.write >= count);
    }

    /** Calls that were on their way when the process was killed still arrive. */
    async function waitForSilence(): Promise<void> {
      let last = -1;
      await until(() => {
        const now = Object.values(simulator.stats().calls).reduce((sum, calls) => sum + calls, 0);
        const silent = now === last;
        last = now;
        return silent;
      }, 200);
    }
  });
});

/** Looks again and again until it holds; the test's own time limit ends it. */
async function until(holds: () => boolean | Promise<boolean>, everyMs = 50): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, everyMs));
}

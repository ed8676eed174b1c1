/** The jobs on a real store, with a clock that tests move, a portal in memory and a queue in memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { JobDeps } from '../../jobs/deps.ts';
import { JOBS } from '../../jobs/index.ts';
import { beginRun } from '../../jobs/run-ledger.ts';
import type { Rules } from '../../src/domain/types.ts';
import { createLogger } from '../../src/log.ts';
import type { FactStore, Run, RunMode } from '../../src/ports.ts';
import { openStore } from '../../src/store/open-store.ts';
import { at, HOUR, MINUTE, rulesWith, slaRule } from '../support/contacts.ts';
import { FakePortal } from './fake-portal.ts';
import { FakeQueue, type ManualClock } from './fake-queue.ts';

/** Tuesday 1 September 2026, 10:00 in London: business hours. */
export const START = at('2026-09-01T09:00:00.000Z');
export const MQL = 'marketingqualifiedlead';
export const SQL = 'salesqualifiedlead';

/** A method of the store that throws, before or after it has done its work. */
interface StoreFault {
  readonly method: keyof FactStore;
  readonly when: 'before' | 'after';
  readonly error: Error;
}

export interface Harness {
  readonly clock: ManualClock;
  readonly portal: FakePortal;
  readonly queue: FakeQueue<JobDeps>;
  /** The store as tests look into it: never throws what `breakStore` asks for. */
  readonly store: FactStore;
  readonly deps: JobDeps;
  /** What the portal's targets were told, in order. */
  readonly told: ('changes' | Error)[];
  /** The next call of a store method by the jobs throws. */
  breakStore(fault: StoreFault): void;
  /** Moves the clock, in ms. */
  pass(ms: number): void;
  /** Begins a run (which must not meet another one), works until the queue is empty, and gives the run as it then is. */
  run(mode?: RunMode, options?: { readonly withDue: boolean }): Promise<Run>;
  /** One round of the deadlines' watch, without working on what it queues. */
  tick(): Promise<void>;
  /** The process dies and another one starts: the same store, clock and portal, an empty queue. */
  restart(): Harness;
  /** The run as the store has it; its counts are checked to add up whenever it is done. */
  look(id: string): Promise<Run>;
}

/** Lets one rule hold: a decision within 8 business hours, and a warning 4 hours before. */
export const PROMISING: Rules = rulesWith({ sales: [slaRule()] });

export async function startHarness(rules: Rules = PROMISING): Promise<Harness> {
  const dataDir = mkdtempSync(join(tmpdir(), 'handoff-jobs-'));
  const clock = manualClock(START);
  const log = createLogger('silent');
  const store = await openStore({ dataDir, clock, log });
  onTestFinished(async () => {
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return harnessOn(store, clock, new FakePortal('acme', clock, rules));
}

function harnessOn(store: FactStore, clock: ManualClock, portal: FakePortal): Harness {
  const told: Harness['told'] = [];
  const faults: StoreFault[] = [];
  const deps: JobDeps = {
    store: breakable(store, faults),
    clock,
    log: createLogger('silent'),
    enqueue: (job, payload, options) => queue.enqueue(job, payload, options),
    portal: async () => portal.work(),
    sendScorecard: async () => {},
    tellChanges: async () => {
      told.push('changes');
    },
    tellFailure: async (_portal, error) => {
      told.push(error);
    },
  };
  const queue: FakeQueue<JobDeps> = new FakeQueue(JOBS, clock, () => deps);
  const look = async (id: string): Promise<Run> => {
    const run = await store.run(id);
    if (run === null) throw new Error(`no run ${id}`);
    if (run.state === 'done') expectSum(run);
    return run;
  };
  return {
    clock,
    portal,
    queue,
    store,
    deps,
    told,
    breakStore: (fault) => faults.push(fault),
    pass: (ms) => clock.set(clock.now() + ms),
    async run(mode = 'changes', options = { withDue: false }) {
      const begun = await beginRun('acme', mode, deps, options);
      if (begun.busy !== null) throw new Error(`run ${begun.busy.id} is at work`);
      await queue.drain();
      return look(begun.run.id);
    },
    tick: () => tick(queue, clock),
    restart: () => harnessOn(store, clock, portal),
    look,
  };
}

async function tick(queue: FakeQueue<JobDeps>, clock: ManualClock): Promise<void> {
  await queue.enqueue('watch-deadlines', { portal: 'acme' }, { id: `tick.${clock.now()}`, priority: 'live' });
  await queue.drain({ jobs: 1 });
}

/** found = written + unchanged + skipped + failed, and what was cleared was written. */
export function expectSum({ counts }: Pick<Run, 'counts'>): void {
  const skipped = Object.values(counts.skipped).reduce((sum, count) => sum + count, 0);
  expect(counts.written + counts.unchanged + skipped + counts.failed).toBe(counts.found);
  expect(counts.cleared).toBeLessThanOrEqual(counts.written);
}

function manualClock(start: number): ManualClock {
  let now = start;
  return {
    now: () => now,
    set(to) {
      now = to;
    },
  };
}

/** The store with faults: each is used up by the first call that meets it. */
function breakable(store: FactStore, faults: StoreFault[]): FactStore {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        const index = faults.findIndex((fault) => fault.method === name);
        const fault = index < 0 ? undefined : faults.splice(index, 1)[0];
        if (fault?.when === 'before') throw fault.error;
        const result = await Reflect.apply(method, target, args);
        if (fault !== undefined) throw fault.error;
        return result;
      };
    },
  });
}

export { at, HOUR, MINUTE };

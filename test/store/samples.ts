/** Contacts, passes and runs to try a store on. */

import type { Contact, PropertyValues } from '../../src/domain/types.ts';
import { type Facts, type Pass, PROPERTY_NAMES, type SlaJudgement } from '../../src/domain/types.ts';
import type { FactStore, SavedContact } from '../../src/fact-store.ts';

/** 1 September 2026, 00:00 UTC. */
export const T0 = Date.UTC(2026, 8, 1);

export function aContact(id: string, change: Partial<Contact> = {}): Contact {
  return {
    id,
    updatedAt: T0,
    archived: false,
    history: [
      { value: 'marketingqualifiedlead', timestamp: T0 + 2, sourceType: 'CRM_UI', sourceId: 'userId:7' },
      { value: 'lead', timestamp: T0 + 1, sourceType: 'IMPORT' },
    ],
    truncated: false,
    properties: { hs_analytics_source: 'PAID_SEARCH' },
    mergedIds: [],
    ...change,
  };
}

export function aJudgement(change: Partial<SlaJudgement> = {}): SlaJudgement {
  return {
    rule: 'speed to lead',
    version: 'v1',
    promise: 'p1',
    dueAt: T0 + 100,
    dueSoonAt: T0 + 50,
    stoppedAt: null,
    status: 'on_track',
    ...change,
  };
}

export function aPass(number: number, change: Partial<Pass> = {}): Pass {
  return {
    number,
    openedAt: T0 + number,
    acceptedAt: null,
    decidedAt: null,
    outcome: 'open',
    impliedSql: false,
    instant: false,
    cleared: false,
    imported: false,
    businessMs: null,
    sla: null,
    ...change,
  };
}

const BLANK = Object.fromEntries(PROPERTY_NAMES.map((name) => [name, ''])) as PropertyValues;

export function aSaved(
  id: string,
  change: {
    readonly contact?: Partial<Contact>;
    readonly facts?: Partial<Facts>;
    readonly values?: SavedContact['values'];
    readonly seenModifiedAt?: number | null;
  } = {},
): SavedContact {
  return {
    contact: aContact(id, change.contact),
    facts: {
      status: 'open',
      passes: [aPass(1)],
      directSqlAt: null,
      firstSqlAt: null,
      flags: [],
      fit: null,
      changesAt: null,
      values: BLANK,
      ...change.facts,
    },
    values: change.values ?? { status: 'open' },
    seenModifiedAt: change.seenModifiedAt === undefined ? T0 : change.seenModifiedAt,
  };
}

export function aRun(portal: string, id: string = `${portal}.changes`): Parameters<FactStore['startRun']>[0] {
  return {
    id,
    portal,
    mode: 'changes',
    startedAt: T0,
    window: { from: null, to: T0 },
    fingerprint: 'f1',
  };
}

export async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(rows);
}

/** A portal behind a mocked server, with a gate that lets everybody pass and notes what it is told. */
import { createHubSpot, type HubSpotOptions } from '../../src/hubspot/hubspot.ts';
import { createLogger } from '../../src/log.ts';
import type { CallKind, Calls, Lane, LearntLimits, RateGate } from '../../src/ports.ts';

export const ORIGIN = 'https://api.hubapi.com';
export const TOKEN = 'pat-eu1-11111111-2222-3333-4444-555555555555';
/** Monday, 2026-11-23 12:00 UTC. */
export const NOW = Date.UTC(2026, 10, 23, 12);

export const CONTACTS = '/crm/objects/2026-09/contacts';
export const SEARCH = `${CONTACTS}/search`;
export const BATCH_READ = `${CONTACTS}/batch/read`;
export const BATCH_UPDATE = `${CONTACTS}/batch/update`;
export const PROPERTIES = '/crm/properties/2026-09/contacts';
export const GROUPS = `${PROPERTIES}/groups`;
export const ACCOUNT = '/account-info/2026-09/details';
export const USAGE = '/account-info/2026-09/api-usage/daily/private-apps';
export const TOKEN_INFO = '/oauth/v2/private-apps/get/access-token-info';
export const OWNERS = '/crm/owners/2026-09';

/** A gate that never holds anybody back. */
export class OpenGate implements RateGate {
  readonly acquired: { portal: string; kind: CallKind; lane: Lane }[] = [];
  readonly learnt: LearntLimits[] = [];
  readonly closed: { scope: string; until: number }[] = [];
  /** Called at every turn; may throw. */
  onAcquire: (signal?: AbortSignal) => void = () => undefined;

  async acquire(portal: string, kind: CallKind, lane: Lane, signal?: AbortSignal): Promise<void> {
    this.onAcquire(signal);
    this.acquired.push({ portal, kind, lane });
  }

  async learn(_portal: string, limits: LearntLimits): Promise<void> {
    this.learnt.push(limits);
  }

  async close(_portal: string, scope: string, until: number): Promise<void> {
    this.closed.push({ scope, until });
  }

  async state(): Promise<never> {
    throw new Error('nobody asks an open gate');
  }
}

/** A HubSpot with our usual prefix, and everything a test wants to look at. */
export function testHubSpot(overrides: Partial<HubSpotOptions> = {}) {
  const gate = new OpenGate();
  const hubspot = createHubSpot({
    portal: 'main',
    token: TOKEN,
    baseUrl: ORIGIN,
    apiVersion: '2026-09',
    prefix: 'handoff_',
    group: { name: 'handoff', label: 'Marketing to sales handoff' },
    gate,
    clock: { now: () => NOW },
    log: createLogger('silent'),
    timeoutMs: 5_000,
    retryGapMs: 1,
    ...overrides,
  });
  return { hubspot, gate };
}

export function noCalls(): Calls {
  return { search: 0, read: 0, write: 0, other: 0, rejected: 0 };
}

/** Contacts with the usual two stages. */
export function testContacts(
  scope: { entryStages?: readonly string[]; properties?: readonly string[] } = {},
  overrides: Partial<HubSpotOptions> = {},
) {
  const { hubspot, gate } = testHubSpot(overrides);
  const calls = noCalls();
  const { entryStages = ['marketingqualifiedlead', 'salesqualifiedlead'], properties = [] } = scope;
  return { ...hubspot.contacts({ entryStages, properties }, calls), calls, gate, portal: hubspot.portal };
}

/** The error that this ends with. */
export async function failure(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it did not fail');
}

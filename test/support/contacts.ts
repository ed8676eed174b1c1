/** Contacts, calendars and rules for tests, from tables short enough to read. */
import type {
  Calendar,
  Contact,
  HistoryEntry,
  OpenHours,
  Role,
  Rules,
  SlaRule,
} from '../../src/domain/types.ts';

export const HOUR = 3_600_000;
export const MINUTE = 60_000;

/** When, which stage (`''` is a clear), and where it came from (default `CRM_UI`). */
export type HistoryTable = readonly (readonly [when: string, value: string, sourceType?: string])[];

/** ISO instant → ms. */
export function at(iso: string): number {
  return Date.parse(iso);
}

/** A table in the order of events → a history as the API gives it, newest first. */
export function historyOf(table: HistoryTable): HistoryEntry[] {
  return table
    .map(([when, value, sourceType = 'CRM_UI']) => ({ value, timestamp: at(when), sourceType }))
    .reverse();
}

/** A live contact with this history, oldest event first in the table. */
export function contactWith(table: HistoryTable, overrides: Partial<Contact> = {}): Contact {
  return {
    id: '101',
    updatedAt: table.length === 0 ? 0 : at(table.at(-1)![0]),
    archived: false,
    history: historyOf(table),
    truncated: false,
    properties: {},
    mergedIds: [],
    ...overrides,
  };
}

/** `'09:00-12:30, 13:30-17:30'` → opening hours; `''` → a day off. */
export function hoursOf(text: string): OpenHours[] {
  if (text === '') return [];
  const minute = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
  return text.split(',').map((span) => {
    const [open, close] = span.trim().split('-');
    return { open: minute(open!), close: minute(close!) };
  });
}

/** Monday to Friday with these hours (default 09:00–17:00), weekends off unless `weekend` gives hours. */
export function calendarOf(
  timeZone: string,
  hours = '09:00-17:00',
  options: { readonly weekend?: string; readonly holidays?: readonly string[] } = {},
): Calendar {
  const day = hoursOf(hours);
  const off = hoursOf(options.weekend ?? '');
  return { timeZone, week: [day, day, day, day, day, off, off], holidays: options.holidays ?? [] };
}

/** HubSpot's default stages, with an accepted and a second mql stage that a portal may have added. */
export const ROLES_BY_STAGE: ReadonlyMap<string, Role> = new Map<string, Role>([
  ['subscriber', 'before'],
  ['lead', 'before'],
  ['marketingqualifiedlead', 'mql'],
  ['hotmql', 'mql'],
  ['salesaccepted', 'accepted'],
  ['salesqualifiedlead', 'sql'],
  ['opportunity', 'after'],
  ['customer', 'after'],
  ['evangelist', 'after'],
  ['other', 'lost'],
]);

/** A rule that promises a decision within 8 business hours, warning 4 plain hours before. */
export function slaRule(overrides: Partial<SlaRule> = {}): SlaRule {
  return {
    name: 'standard',
    version: 'v1',
    when: {},
    target: { within: { ms: 8 * HOUR, business: true } },
    stopsOn: 'decision',
    dueSoon: { ms: 4 * HOUR, business: false },
    ...overrides,
  };
}

/** London, 09:00–17:00 on weekdays, a grace of an hour, no promises. */
export function rulesWith(overrides: Partial<Rules> = {}): Rules {
  return {
    roles: ROLES_BY_STAGE,
    clearGraceMs: HOUR,
    calendar: calendarOf('Europe/London'),
    sales: [],
    promise: 'p1',
    ...overrides,
  };
}

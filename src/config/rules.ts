import { createHash } from 'node:crypto';
import { startOfDay } from '../domain/calendar.ts';
import type { Calendar, Conditions, Role, Rules } from '../domain/types.ts';
import type { PortalConfig } from './types.ts';

/** Read of every contact: for `report --by owner` and `--by source`, and to tell when a whole company is promoted at once. */
const ALWAYS_NEEDED = ['hubspot_owner_id', 'hs_analytics_source', 'associatedcompanyid'];

/** What the core needs to judge this portal's contacts. `portalTimeZone` is used where the configuration names none. */
export function buildRules(
  portal: PortalConfig,
  roles: ReadonlyMap<string, Role>,
  portalTimeZone: string,
): Rules {
  const calendar: Calendar = { ...portal.calendar, timeZone: portal.calendar.timeZone ?? portalTimeZone };
  const since = portal.since === undefined ? undefined : startOfDay(calendar.timeZone, portal.since);
  const sales = portal.sales.map((rule) => ({ ...rule, version: digest([rule, calendar]) }));
  return {
    roles,
    clearGraceMs: portal.clearGraceMs,
    calendar,
    ...(since === undefined ? {} : { since }),
    sales,
    promise: digest([sales.map((rule) => rule.version), since ?? null]),
    ...(portal.marketing === undefined ? {} : { marketing: portal.marketing }),
  };
}

/** Names of the properties that must be read of every contact, sorted. */
export function neededProperties(portal: PortalConfig): readonly string[] {
  const conditions: readonly Conditions[] = [
    ...portal.sales.map((rule) => rule.when),
    portal.marketing?.fit?.when ?? {},
  ];
  return [...new Set([...ALWAYS_NEEDED, ...conditions.flatMap(Object.keys)])].sort();
}

/** A short digest of a value's meaning: the same whatever the order of keys. */
export function digest(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 16);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join(',')}}`;
}

import type { Rules } from '../domain/types.ts';
import { digest, neededProperties } from './rules.ts';
import type { PortalConfig } from './types.ts';

/** Digests of the parts that decide values, and what of HubSpot's data they rest on. */
interface Parts {
  readonly roles: string;
  readonly entryStages: readonly string[];
  readonly properties: readonly string[];
  readonly clearGrace: string;
  readonly calendar: string;
  readonly sales: string;
  readonly fit: string;
  readonly prefix: string;
}

const NAMES: Readonly<Record<Exclude<keyof Parts, 'entryStages' | 'properties'>, string>> = {
  roles: 'the roles of stages',
  clearGrace: 'clearGrace',
  calendar: 'the calendar',
  sales: 'the sales rules',
  fit: 'the fit conditions',
  prefix: 'the prefix of the properties',
};

/** What a change asks for. `needsReading`: what is remembered does not suffice, all contacts must be read again. */
export interface Change {
  readonly changed: boolean;
  readonly needsReading: boolean;
  /** In words, for people. */
  readonly reasons: readonly string[];
}

/** Everything of a configuration that decides values, as text to keep and compare. */
export function fingerprint(rules: Rules, portal: PortalConfig): string {
  const parts: Parts = {
    roles: digest([...rules.roles].sort()),
    entryStages: [...rules.roles]
      .filter(([, role]) => role === 'mql' || role === 'sql')
      .map(([value]) => value)
      .sort(),
    properties: neededProperties(portal),
    clearGrace: digest(rules.clearGraceMs),
    calendar: digest(rules.calendar),
    sales: digest([portal.sales, rules.since ?? null]),
    fit: digest(rules.marketing?.fit?.when ?? null),
    prefix: digest(portal.write.prefix),
  };
  return JSON.stringify(parts);
}

/** What has changed between a remembered fingerprint (null: none) and the present one. */
export function whatChanged(before: string | null, after: string): Change {
  if (before === after) return { changed: false, needsReading: false, reasons: [] };
  const old = before === null ? null : partsOf(before);
  if (old === null) return { changed: true, needsReading: true, reasons: ['nothing is remembered yet'] };
  const now = JSON.parse(after) as Parts;
  const names = Object.keys(NAMES) as (keyof typeof NAMES)[];
  const added = (key: 'entryStages' | 'properties') => now[key].some((name) => !old[key]?.includes(name));
  const reasons = names.filter((name) => old[name] !== now[name]).map((name) => NAMES[name]);
  const needsReading = old.prefix !== now.prefix || added('entryStages') || added('properties');
  return { changed: reasons.length > 0 || needsReading, needsReading, reasons };
}

/** Null for a text of some other kind. */
function partsOf(text: string): Partial<Parts> | null {
  try {
    const parts: unknown = JSON.parse(text);
    return typeof parts === 'object' ? parts : null;
  } catch {
    return null;
  }
}

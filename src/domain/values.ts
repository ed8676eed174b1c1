/** Facts → property values as HubSpot takes them. */
import { type Facts, PROPERTY_NAMES, type PropertyName, type PropertyValues } from './types.ts';

/** The facts that values are made of. */
export type ValueFacts = Pick<Facts, 'status' | 'passes' | 'directSqlAt' | 'firstSqlAt' | 'flags'>;

const HUNDREDTH_HOUR_MS = 36_000;
const BLANK = Object.freeze(Object.fromEntries(PROPERTY_NAMES.map((name) => [name, '']))) as PropertyValues;

/** The values of all properties; all blank without a status. Of a truncated history nobody knows what came first. */
export function valuesOf(facts: ValueFacts, truncated: boolean): PropertyValues {
  const { status, passes, firstSqlAt } = facts;
  if (status === null) return BLANK;
  const counts = {
    pass: passes.length === 0 ? '' : String(passes.length),
    transitions:
      passes.length === 0 ? '' : String(passes.filter((pass) => pass.outcome === 'qualified').length),
  };
  const shared = {
    ...BLANK,
    ...counts,
    status,
    first_sql_date: truncated ? '' : datetime(firstSqlAt),
    flags: facts.flags.join(';'),
  };
  if (status === 'direct_sql') return { ...shared, sql_date: datetime(facts.directSqlAt) };
  return {
    ...shared,
    ...passValues(facts),
    first_mql_date: truncated ? '' : datetime(passes[0]?.openedAt ?? null),
  };
}

/** What speaks of the latest pass. */
function passValues({ passes }: ValueFacts): Partial<Record<PropertyName, string>> {
  const pass = passes.at(-1);
  if (pass === undefined) return {};
  const qualifiedAt = pass.outcome === 'qualified' ? pass.decidedAt : null;
  return {
    mql_date: datetime(pass.openedAt),
    accepted_date: datetime(pass.acceptedAt),
    sql_date: datetime(qualifiedAt),
    decided_date: datetime(pass.decidedAt),
    hours_to_qualify: qualifiedAt === null ? '' : hours(qualifiedAt - pass.openedAt),
    business_hours_to_qualify: pass.businessMs === null ? '' : hours(pass.businessMs),
    sla: pass.sla?.rule ?? '',
    sla_status: pass.sla?.status ?? '',
    sla_due_date: datetime(pass.sla?.dueAt ?? null),
  };
}

/** ISO 8601 UTC with milliseconds; blank for none. */
export function datetime(instant: number | null): string {
  return instant === null ? '' : new Date(instant).toISOString();
}

/** Hours with at most two decimals, rounded half up in whole numbers; no trailing zeros. */
export function hours(ms: number): string {
  return String(Math.floor((ms + HUNDREDTH_HOUR_MS / 2) / HUNDREDTH_HOUR_MS) / 100);
}

/** Steps of a prepared history → passes, direct SQLs and first SQL. */
import { businessMsBetween } from './calendar.ts';
import type { Calendar, Outcome, Pass, Role, Step } from './types.ts';

/** A pass before any promise was held against it. */
export type UnjudgedPass = Omit<Pass, 'sla'>;

/** What the steps of a contact amount to. Instants in ms. */
export interface Course {
  readonly passes: readonly UnjudgedPass[];
  /** The first entry to `sql` since the latest pass, where that pass, if any, did not qualify: an SQL without its MQL. */
  readonly directSql: { readonly at: number; readonly imported: boolean } | null;
  /** The first entry ever to `sql`, or the first qualification that skipped it. */
  readonly firstSqlAt: number | null;
}

interface OpenPass {
  readonly opening: Step;
  acceptedAt: number | null;
}

/** A pass that qualified faster than this is no work of sales, ms. */
const INSTANT_MS = 60_000;

/** Reads steps (oldest first) as passes: "Pass", "Status" and "Direct SQL" in the README, "What the numbers mean". */
export function findPasses(steps: readonly Step[], calendar: Calendar): Course {
  const passes: UnjudgedPass[] = [];
  let open: OpenPass | null = null;
  let directSql: Course['directSql'] = null;
  let firstSqlAt: number | null = null;
  for (const step of steps) {
    if (open === null && step.role === 'mql') {
      open = { opening: step, acceptedAt: null };
      directSql = null;
    } else if (open === null && step.role === 'sql' && passes.at(-1)?.outcome !== 'qualified') {
      directSql ??= { at: step.timestamp, imported: isImport(step) };
    } else if (open !== null && step.role === 'accepted') {
      open.acceptedAt ??= step.timestamp;
    }
    const outcome = open === null ? null : outcomeOf(step.role);
    if (step.role === 'sql' || (outcome === 'qualified' && step.role === 'after'))
      firstSqlAt ??= step.timestamp;
    if (open !== null && outcome !== null) {
      passes.push(describePass(passes.length + 1, open, { step, outcome }, calendar));
      open = null;
    }
  }
  if (open !== null) passes.push(describePass(passes.length + 1, open, null, calendar));
  return { passes, directSql, firstSqlAt };
}

/** How entering a role ends an open pass; null: it goes on. */
function outcomeOf(role: Role | null): Exclude<Outcome, 'open'> | null {
  switch (role) {
    case 'mql':
    case 'accepted':
      return null;
    case 'sql':
    case 'after':
      return 'qualified';
    case 'lost':
      return 'disqualified';
    case 'before':
    case null:
      return 'recycled';
  }
}

function describePass(
  number: number,
  { opening, acceptedAt }: OpenPass,
  end: { readonly step: Step; readonly outcome: Outcome } | null,
  calendar: Calendar,
): UnjudgedPass {
  const openedAt = opening.timestamp;
  const decidedAt = end?.step.timestamp ?? null;
  const qualifying = end?.outcome === 'qualified' ? end.step : null;
  return {
    number,
    openedAt,
    acceptedAt,
    decidedAt,
    outcome: end?.outcome ?? 'open',
    impliedSql: qualifying?.role === 'after',
    instant: qualifying !== null && qualifying.timestamp - openedAt < INSTANT_MS,
    cleared: end !== null && end.step.role === null,
    imported: isImport(opening) || (qualifying !== null && isImport(qualifying)),
    businessMs: qualifying === null ? null : businessMsBetween(calendar, openedAt, qualifying.timestamp),
  };
}

function isImport(step: Step): boolean {
  return step.sourceType === 'IMPORT';
}

/** What a proposed sales promise would have meant for the passes there were, beside the one that holds today. */
import { businessMsBetween } from '../domain/calendar.ts';
import type { SalesBlock } from '../domain/scorecard/document.ts';
import { iso, periodsOf, weekIndex } from '../domain/scorecard/periods.ts';
import { salesPart } from '../domain/scorecard/sales.ts';
import { estimate, hours, Numbers, packObservation, rate, timeUntilEnded } from '../domain/statistics.ts';
import type { PassRow, Rules } from '../domain/types.ts';
import { attainment } from './context.ts';

/** The share of passes that an achievable deadline keeps. */
const ACHIEVABLE = 0.9;

/**
 * For one proposed rule: the deadline that would have been kept for 90 % of the passes it holds for, in elapsed and in
 * business hours, open ones counted for as long as they were seen. Null: not reached, too many are still open.
 */
export interface AchievableDeadline {
  readonly rule: string;
  readonly passes: number;
  readonly open: number;
  readonly hours: number | null;
  readonly businessHours: number | null;
}

/** All weeks shown together, then by week. */
export interface JudgedBy {
  readonly due: number;
  readonly kept: number;
  readonly rate: number | null;
  readonly sales: SalesBlock;
}

/** Two promises over the same passes, side by side: `report --what-if`. `asOf` is ISO 8601 UTC. */
export interface WhatIf {
  readonly portal: string;
  readonly asOf: string;
  readonly timeZone: string;
  readonly weeks: number;
  readonly today: JudgedBy;
  readonly proposed: JudgedBy;
  readonly deadlines: readonly AchievableDeadline[];
}

type Rows = AsyncIterable<PassRow> | Iterable<PassRow>;
type RulesForSales = Pick<Rules, 'calendar'>;

/**
 * The same passes judged twice: `today` and `proposed` give every pass as of `asOf` (ms), with the judgement of the one
 * and of the other promise. Weeks are those of today's calendar; deadlines count in the proposed one.
 */
export async function buildWhatIf(
  rows: { readonly today: Rows; readonly proposed: Rows },
  input: {
    readonly portal: string;
    readonly asOf: number;
    readonly weeks: number;
    readonly rules: { readonly today: RulesForSales; readonly proposed: RulesForSales };
  },
): Promise<WhatIf> {
  const { portal, asOf, weeks, rules } = input;
  const periods = periodsOf(rules.today, asOf, weeks);
  const today = salesPart(periods);
  for await (const row of rows.today) if (row.pass.openedAt <= asOf) today.add(row.pass, row);
  const proposed = salesPart(periods);
  const deadlines = deadlinesOf(rules.proposed, asOf);
  for await (const row of rows.proposed) {
    if (row.pass.openedAt > asOf) continue;
    proposed.add(row.pass, row);
    if (weekIndex(periods, row.pass.openedAt) >= 0) deadlines.add(row);
  }
  return {
    ...{ portal, asOf: iso(asOf), timeZone: rules.today.calendar.timeZone, weeks },
    ...{ today: judged(today.block()), proposed: judged(proposed.block()), deadlines: deadlines.list() },
  };
}

function judged(sales: SalesBlock): JudgedBy {
  const { kept, due } = attainment({ sales });
  return { due, kept, rate: rate(kept, due), sales };
}

interface Waits {
  readonly elapsed: Numbers;
  readonly business: Numbers;
  open: number;
}

/** A void promise is left out: there was nothing to keep. */
function deadlinesOf({ calendar }: RulesForSales, asOf: number) {
  const byRule = new Map<string, Waits>();
  return {
    add({ pass: { openedAt, sla } }: PassRow): void {
      if (sla === null || sla.dueAt === null) return;
      const waits = byRule.get(sla.rule) ?? { elapsed: new Numbers(), business: new Numbers(), open: 0 };
      byRule.set(sla.rule, waits);
      const isOpen = sla.stoppedAt === null || sla.stoppedAt > asOf;
      const until = isOpen ? asOf : (sla.stoppedAt as number);
      // Any end will do here: what counts is that the clock stopped.
      const outcome = isOpen ? 'open' : 'qualified';
      waits.elapsed.push(packObservation(until - openedAt, outcome));
      waits.business.push(packObservation(businessMsBetween(calendar, openedAt, until), outcome));
      if (isOpen) waits.open += 1;
    },
    list: (): readonly AchievableDeadline[] =>
      [...byRule].map(([rule, { elapsed, business, open }]) => ({
        ...{ rule, passes: elapsed.length, open },
        hours: hours(timeUntilEnded(estimate(elapsed.sorted()), ACHIEVABLE)),
        businessHours: hours(timeUntilEnded(estimate(business.sorted()), ACHIEVABLE)),
      })),
  };
}

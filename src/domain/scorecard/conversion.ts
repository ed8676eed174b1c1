import { rate } from '../statistics.ts';
import type { Outcome } from '../types.ts';
import { DAY_MS } from '../wall-clock.ts';
import { type Blocks, HORIZONS, type Horizon, type Within } from './document.ts';
import type { Part } from './part.ts';
import { type Periods, perPeriod, weekIndex } from './periods.ts';

type Counts = Record<Outcome | 'mql' | 'sql', number> & {
  readonly within: readonly { n: number; qualified: number }[];
};

/** Conversion by cohort (the week a pass opened), within 7, 30 and 90 days, and by period. */
export function conversionPart(periods: Periods): Part<Blocks['conversion']> {
  const weeks = periods.weeks.slice(1).map(noCounts);
  return {
    add(pass) {
      const qualifiedIn =
        pass.outcome === 'qualified' ? weeks[weekIndex(periods, pass.decidedAt as number)] : undefined;
      if (qualifiedIn) qualifiedIn.sql += 1;
      const cohort = weeks[weekIndex(periods, pass.openedAt)];
      if (cohort === undefined) return;
      cohort.mql += 1;
      cohort[pass.outcome] += 1;
      const took = pass.outcome === 'qualified' ? (pass.decidedAt as number) - pass.openedAt : Infinity;
      HORIZONS.forEach((days, at) => {
        const within = cohort.within[at] as { n: number; qualified: number };
        const horizon = Number(days) * DAY_MS;
        if (periods.asOf - pass.openedAt < horizon) return;
        within.n += 1;
        if (took <= horizon) within.qualified += 1;
      });
    },
    block: () => ({
      weeks: perPeriod(periods.weeks, (at) => {
        const { mql: passes, qualified, recycled, disqualified, open, within } = weeks[at] as Counts;
        const matured = within.map(({ n, qualified: by }) => ({ n, qualified: by, rate: rate(by, n) }));
        return {
          ...{ passes, qualified, recycled, disqualified, open, rate: rate(qualified, passes) },
          within: Object.fromEntries(HORIZONS.map((days, of) => [days, matured[of]])) as Record<
            Horizon,
            Within
          >,
        };
      }),
      period: perPeriod(periods.weeks, (at) => {
        const { mql, sql } = weeks[at] as Counts;
        return { mql, sql, rate: rate(sql, mql) };
      }),
    }),
  };
}

function noCounts(): Counts {
  const within = HORIZONS.map(() => ({ n: 0, qualified: 0 }));
  return { mql: 0, sql: 0, open: 0, qualified: 0, recycled: 0, disqualified: 0, within };
}

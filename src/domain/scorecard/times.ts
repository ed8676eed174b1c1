import {
  estimate,
  fraction,
  hours,
  Numbers,
  packObservation,
  percentile,
  sharesAt,
  timeUntilEnded,
} from '../statistics.ts';
import { DAY_MS } from '../wall-clock.ts';
import type { DayShares, TimesBlock } from './document.ts';
import type { Part } from './part.ts';
import { type Periods, perPeriod, weekIndex } from './periods.ts';

const DAYS = Array.from({ length: 91 }, (_, day) => day);

/** Time to qualify and time to decision of the passes opened in the weeks shown. */
export function timesPart(periods: Periods): Part<TimesBlock> {
  const observations = new Numbers();
  const all = new Numbers();
  const business = new Numbers();
  const byWeek = periods.weeks.slice(1).map(() => new Numbers());
  let instant = 0;
  return {
    add(pass) {
      const week = byWeek[weekIndex(periods, pass.openedAt)];
      if (week === undefined) return;
      const ms = (pass.decidedAt ?? periods.asOf) - pass.openedAt;
      observations.push(packObservation(ms, pass.outcome));
      if (pass.outcome !== 'qualified') return;
      if (pass.instant) {
        instant += 1;
        return;
      }
      all.push(ms);
      week.push(ms);
      if (pass.businessMs !== null) business.push(pass.businessMs);
    },
    block() {
      const calendarHours = medianAndP90(all);
      const businessHours = medianAndP90(business);
      const curve = estimate(observations.sorted());
      return {
        n: all.length,
        instant,
        ...calendarHours,
        medianBusinessHours: businessHours.medianHours,
        p90BusinessHours: businessHours.p90Hours,
        shareQualifiedByDay: observations.length === 0 ? DAYS.map(unknownShares) : dayShares(curve),
        medianHoursToDecision: hours(timeUntilEnded(curve, 0.5)),
        weeks: perPeriod(periods.weeks, (at) => {
          const week = byWeek[at] as Numbers;
          return { n: week.length, ...medianAndP90(week) };
        }),
      };
    },
  };
}

function medianAndP90(numbers: Numbers): { medianHours: number | null; p90Hours: number | null } {
  const sorted = numbers.sorted();
  return { medianHours: hours(percentile(sorted, 0.5)), p90Hours: hours(percentile(sorted, 0.9)) };
}

function dayShares(curve: ReturnType<typeof estimate>): readonly DayShares[] {
  const shares = sharesAt(
    curve,
    DAYS.map((day) => day * DAY_MS),
  );
  return shares.map(({ qualified, recycled, disqualified, open }, day) => ({
    day,
    qualified: fraction(qualified),
    recycled: fraction(recycled),
    disqualified: fraction(disqualified),
    open: fraction(open),
  }));
}

function unknownShares(day: number): DayShares {
  return { day, qualified: null, recycled: null, disqualified: null, open: null };
}

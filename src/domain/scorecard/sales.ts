import { rate } from '../statistics.ts';
import type { SalesBlock } from './document.ts';
import type { Part } from './part.ts';
import { type Periods, perPeriod, weekIndex } from './periods.ts';

/**
 * Attainment of the sales promise by the week of the due date. A pass is due once its due time has passed or its clock
 * has stopped; an open one past its due time is missed from that moment on. Void promises (no due date) count nowhere.
 */
export function salesPart(periods: Periods): Part<SalesBlock> {
  const kept = new Uint32Array(periods.weeks.length - 1);
  const missed = new Uint32Array(periods.weeks.length - 1);
  let pending = 0;
  let overdue = 0;
  return {
    add({ sla }) {
      if (sla === null || sla.dueAt === null) return;
      const stopped = sla.stoppedAt !== null && sla.stoppedAt <= periods.asOf;
      const late = (stopped ? (sla.stoppedAt as number) : periods.asOf) > sla.dueAt;
      if (!stopped && late) overdue += 1;
      if (!stopped && !late) pending += 1;
      const week = weekIndex(periods, sla.dueAt);
      if (week < 0 || !(stopped || late)) return;
      const count = late ? missed : kept;
      count[week] = (count[week] as number) + 1;
    },
    block: () => ({
      weeks: perPeriod(periods.weeks, (at) => {
        const [keptNow, missedNow] = [kept[at] as number, missed[at] as number];
        const due = keptNow + missedNow;
        return { due, kept: keptNow, missed: missedNow, rate: rate(keptNow, due) };
      }),
      pending,
      overdue,
    }),
  };
}

/** What notices need of the scorecard: the periods that have ended, and the week's figures. */
import type { App } from '../app.ts';
import type { DeliveryWindow, SalesWeek, ScorecardFigures } from '../notify/notices.ts';
import { scorecardOf } from './report.ts';

/** Weeks and windows that have ended, and when the next one does (ms). */
export interface Periods {
  readonly salesWeeks: readonly SalesWeek[];
  readonly windows: readonly DeliveryWindow[];
  readonly nextAt: number;
  /** Everything modified up to here (ms) had been worked on when they were looked up. */
  readonly workedUntil: number;
}

/** Looked back this far: a worker that was down for longer tells of no older weeks. */
const WEEKS = 3;

const HOUR_MS = 3_600_000;

/** The periods as they stand at `now` (ms); none before the first complete sync. */
export async function periodsOf(app: App, portal: string, now: number): Promise<Periods> {
  const { cursor } = await (await app.store()).portal(portal);
  if (cursor === null) return { salesWeeks: [], windows: [], nextAt: now, workedUntil: 0 };
  const { sales, marketing } = await scorecardOf(app, { portal, asOf: null, weeks: WEEKS, by: null });
  const ends = [...sales.weeks, ...marketing.windows]
    .map(({ to }) => Date.parse(to))
    .filter((to) => to > now);
  return {
    salesWeeks: sales.weeks.map(toSalesWeek).filter(({ to }) => to <= now),
    windows: marketing.windows.flatMap(toWindow).filter(({ to }) => to <= now),
    nextAt: Math.min(...ends, now + 24 * HOUR_MS),
    workedUntil: cursor,
  };
}

/**
 * Whether these periods still hold: none has ended since, and none whose figures were of half the data can be judged by
 * now, everything up to its end having been worked on. `cursor` is the portal's, `now` in ms.
 */
export function stillHold(
  { salesWeeks, windows, nextAt, workedUntil }: Periods,
  cursor: number | null,
  now: number,
): boolean {
  const completed = [...salesWeeks, ...windows].some(
    ({ to }) => cursor !== null && to > workedUntil && to <= cursor,
  );
  return now < nextAt && !completed;
}

/** The figures of a scorecard notice: of the last week that has ended, beside the one before. */
export async function scorecardFigures(app: App, portal: string): Promise<ScorecardFigures> {
  const { sales, marketing, conversion, timeToQualify, asOf } = await scorecardOf(app, {
    portal,
    asOf: null,
    weeks: 12,
    by: null,
  });
  const ended = <T extends { readonly to: string }>(periods: readonly T[]) =>
    periods.filter(({ to }) => to <= asOf).toReversed();
  const [week, weekBefore] = ended(sales.weeks);
  const [window, windowBefore] = ended(marketing.windows);
  const [period, periodBefore] = ended(conversion.period);
  if (week === undefined || period === undefined)
    throw new Error('a scorecard of twelve weeks has one that has ended');
  const { mql, sql, rate } = period;
  return {
    sales: { ...toSalesWeek(week), rate: week.rate },
    overdue: sales.overdue,
    pending: sales.pending,
    marketing: window === undefined ? null : (toWindow(window)[0] ?? null),
    conversion: { mql, sql, rate },
    medianHours: timeToQualify.medianHours,
    before: {
      attainment: weekBefore?.rate ?? null,
      delivered: windowBefore?.delivered ?? null,
      conversion: periodBefore?.rate ?? null,
    },
  };
}

type Dated<T> = Omit<T, 'from' | 'to'> & { readonly from: string; readonly to: string };

function toSalesWeek({ from, to, due, kept, missed }: Dated<SalesWeek>): SalesWeek {
  return { from: Date.parse(from), to: Date.parse(to), due, kept, missed };
}

function toWindow(
  window: Dated<Omit<DeliveryWindow, 'quota' | 'kept'>> & {
    readonly quota: number | null;
    readonly kept: boolean | null;
  },
): DeliveryWindow[] {
  const { from, to, delivered, fit, quota, kept } = window;
  if (quota === null) return [];
  return [{ from: Date.parse(from), to: Date.parse(to), delivered, fit, quota, kept: kept ?? false }];
}

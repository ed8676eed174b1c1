/** Wall-clock arithmetic in the calendar's zone: points of the week, weeks, delivery windows, working days, business time. */
import { isWorkingDay } from './business-time.ts';
import type { Calendar, WeekPoint } from './types.ts';
import { dayAt, dayOfDate, instantAt, weekdayOf } from './wall-clock.ts';

export { addBusinessMs, businessMsBetween, subtractBusinessMs } from './business-time.ts';

/** From one instant to another, ms. Whether the ends belong to it is said where it is used. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** The first instant (ms) of a local date `YYYY-MM-DD`. */
export function startOfDay(timeZone: string, isoDate: string): number {
  return instantAt(timeZone, dayOfDate(isoDate), 0);
}

/** The first such point of the week at or after an instant, or strictly after it (ms). */
export function firstWeekPoint(
  timeZone: string,
  point: WeekPoint,
  from: number,
  which: 'at_or_after' | 'after',
): number {
  return instantAt(timeZone, firstWeekPointDay(timeZone, point, from, which), point.minute);
}

/** The local day (see `wall-clock.ts`) of `firstWeekPoint`, for moving it without losing its wall-clock time. */
export function firstWeekPointDay(
  timeZone: string,
  point: WeekPoint,
  from: number,
  which: 'at_or_after' | 'after',
): number {
  const today = dayAt(timeZone, from);
  let day = today - ((weekdayOf(today) - point.weekday + 7) % 7);
  const isTooEarly = (instant: number) => (which === 'after' ? instant <= from : instant < from);
  while (isTooEarly(instantAt(timeZone, day, point.minute))) day += 7;
  return day;
}

/** The delivery window `(from, to]` that an instant falls into: after one cutoff, up to and including the next. */
export function deliveryWindow(timeZone: string, cutoff: WeekPoint, instant: number): Window {
  const day = firstWeekPointDay(timeZone, cutoff, instant, 'at_or_after');
  return {
    from: instantAt(timeZone, day - 7, cutoff.minute),
    to: instantAt(timeZone, day, cutoff.minute),
  };
}

/** Monday 00:00 (ms) of the week that an instant falls into. */
export function weekStart(timeZone: string, instant: number): number {
  const day = dayAt(timeZone, instant);
  return instantAt(timeZone, day - weekdayOf(day) + 1, 0);
}

/** The start of the local day so many weeks (may be negative) after that of an instant, ms: from Monday 00:00 to Monday 00:00. */
export function addWeeks(timeZone: string, instant: number, weeks: number): number {
  return instantAt(timeZone, dayAt(timeZone, instant) + 7 * weeks, 0);
}

/** The local day itself if it is a working day, else the nearest one that way (days as in `wall-clock.ts`). */
export function moveToWorkingDay(calendar: Calendar, day: number, way: 'next' | 'previous'): number {
  let moved = day;
  while (!isWorkingDay(calendar, moved)) moved += way === 'next' ? 1 : -1;
  return moved;
}

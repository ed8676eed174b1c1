/** The weeks and delivery windows that a scorecard shows, and which of them an instant falls into. */
import { addWeeks, deliveryWindow, weekStart } from '../calendar.ts';
import type { Rules } from '../types.ts';
import type { Period } from './document.ts';

/** Boundaries in ascending order (ms), one more than there are periods; no windows where nothing is promised. */
export interface Periods {
  readonly asOf: number;
  readonly weeks: readonly number[];
  readonly windows: readonly number[];
}

/** The last `weeks` weeks, up to the one that contains `asOf`, and as many delivery windows. */
export function periodsOf(
  rules: Pick<Rules, 'calendar' | 'marketing'>,
  asOf: number,
  weeks: number,
): Periods {
  const { timeZone } = rules.calendar;
  const current = weekStart(timeZone, asOf);
  const boundaries = Array.from({ length: weeks + 1 }, (_, at) =>
    addWeeks(timeZone, current, at + 1 - weeks),
  );
  return { asOf, weeks: boundaries, windows: windowsOf(rules, asOf, weeks) };
}

function windowsOf(
  { calendar, marketing }: Pick<Rules, 'calendar' | 'marketing'>,
  asOf: number,
  weeks: number,
): readonly number[] {
  if (marketing === undefined) return [];
  let window = deliveryWindow(calendar.timeZone, marketing.window, asOf);
  const boundaries = [window.to, window.from];
  while (boundaries.length <= weeks) {
    window = deliveryWindow(calendar.timeZone, marketing.window, window.from);
    boundaries.push(window.from);
  }
  return boundaries.reverse();
}

/** The index of the week `[from, to)` that an instant falls into; -1: none shown. */
export function weekIndex({ weeks }: Periods, instant: number): number {
  return instant >= (weeks.at(-1) as number) ? -1 : countUpTo(weeks, instant) - 1;
}

/** The index of the window `(from, to]` that an instant falls into; -1: none shown. */
export function windowIndex({ windows }: Periods, instant: number): number {
  if (windows.length === 0 || instant > (windows.at(-1) as number)) return -1;
  return countUpTo(windows, instant - 1) - 1;
}

/** How many of the ascending boundaries are not after the instant. */
function countUpTo(boundaries: readonly number[], instant: number): number {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((boundaries[middle] as number) <= instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One entry per period between boundaries, with its ends as the document writes them. */
export function perPeriod<T extends object>(
  boundaries: readonly number[],
  entry: (index: number) => T,
): readonly (Period & T)[] {
  return boundaries.slice(1).map((to, index) => ({
    from: iso(boundaries[index] as number),
    to: iso(to),
    ...entry(index),
  }));
}

/** ISO 8601 UTC with milliseconds. */
export function iso(instant: number): string {
  return new Date(instant).toISOString();
}

/**
 * Wall-clock time of a zone as plain numbers. A *day* is the number of a local date counted from 1970-01-01, a *minute*
 * counts from local midnight. Answers are remembered per zone: a full run asks for the same few thousand again and again.
 */
import type { Weekday } from './types.ts';

/** A minute, ms. */
export const MINUTE_MS = 60_000;
/** 24 hours, ms. Local days are longer or shorter where clocks change: count those by number. */
export const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;

const instantsByZone = new Map<string, Map<number, number>>();

/**
 * The instant (ms) at which the clocks of the zone show this minute of this day. A time that a change of clocks skips
 * is read with the offset before the change, of one that comes twice the first is meant (RFC 5545's rule, Temporal's `compatible`).
 */
export function instantAt(timeZone: string, day: number, minute: number): number {
  const wallMinute = day * DAY_MINUTES + minute;
  const known = instantsOf(timeZone);
  let instant = known.get(wallMinute);
  if (instant === undefined) {
    instant = Temporal.Instant.fromEpochMilliseconds(wallMinute * MINUTE_MS)
      .toZonedDateTimeISO('UTC')
      .toPlainDateTime()
      .toZonedDateTime(timeZone).epochMilliseconds;
    known.set(wallMinute, instant);
  }
  return instant;
}

/** The local day that an instant (ms) falls on. */
export function dayAt(timeZone: string, instant: number): number {
  let day = Math.floor(instant / DAY_MS);
  while (instant < instantAt(timeZone, day, 0)) day -= 1;
  while (instant >= instantAt(timeZone, day + 1, 0)) day += 1;
  return day;
}

/** ISO weekday of a day, 1 Monday … 7 Sunday. */
export function weekdayOf(day: number): Weekday {
  return (((((day + 3) % 7) + 7) % 7) + 1) as Weekday;
}

/** The day of a local date `YYYY-MM-DD`. */
export function dayOfDate(isoDate: string): number {
  return Date.parse(`${isoDate}T00:00:00Z`) / DAY_MS;
}

/** The local date `YYYY-MM-DD` of a day. */
export function dateOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

function instantsOf(timeZone: string): Map<number, number> {
  let known = instantsByZone.get(timeZone);
  if (known === undefined) {
    known = new Map();
    instantsByZone.set(timeZone, known);
  }
  return known;
}

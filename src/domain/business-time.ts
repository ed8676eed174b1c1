/**
 * Time inside business hours. An instant counts when the clocks of the calendar's zone show a time in `[open, close)` of
 * a day with hours that is no holiday; a change of clocks therefore shortens or lengthens the hours it falls into.
 * What was worked out for a calendar is remembered with it: open spans by day, and totals of blocks of days to leap over.
 */
import type { Calendar } from './types.ts';
import { DAY_MS, dayAt, dayOfDate, instantAt, MINUTE_MS, weekdayOf } from './wall-clock.ts';

/** A span of open time, `[from, to)`, ms. */
export interface OpenSpan {
  readonly from: number;
  readonly to: number;
}

interface OpenDay {
  readonly spans: readonly OpenSpan[];
  readonly ms: number;
}

interface Memory {
  readonly holidays: ReadonlySet<number>;
  readonly days: Map<number, OpenDay>;
  readonly blocks: Map<number, number>;
}

/** Days in a block. */
const BLOCK = 64;
const memories = new WeakMap<Calendar, Memory>();

/** Business time between two instants, ms; 0 when `to` is not after `from`. */
export function businessMsBetween(calendar: Calendar, from: number, to: number): number {
  if (to <= from) return 0;
  const first = dayAt(calendar.timeZone, from);
  const last = dayAt(calendar.timeZone, to);
  if (first === last) return openMs(openDay(calendar, first), from, to);
  return (
    openMs(openDay(calendar, first), from, to) +
    openMsOfDays(calendar, first + 1, last) +
    openMs(openDay(calendar, last), from, to)
  );
}

/**
 * The first instant at which this much business time (ms) has passed since `from`. A start outside business hours counts
 * from the next opening; time that runs out exactly at closing ends at closing.
 */
export function addBusinessMs(calendar: Calendar, from: number, ms: number): number {
  let left = ms;
  for (let day = dayAt(calendar.timeZone, from); ; day += 1) {
    while (isBlockStart(day) && from < instantAt(calendar.timeZone, day, 0)) {
      const block = blockMs(calendar, day / BLOCK);
      if (block >= left) break;
      left -= block;
      day += BLOCK;
    }
    for (const span of openDay(calendar, day).spans) {
      const start = Math.max(from, span.from);
      if (start >= span.to) continue;
      if (left <= span.to - start) return start + left;
      left -= span.to - start;
    }
  }
}

/** The latest instant from which this much business time (ms) passes up to `to`; `to` itself for none. */
export function subtractBusinessMs(calendar: Calendar, to: number, ms: number): number {
  if (ms <= 0) return to;
  let left = ms;
  for (let day = dayAt(calendar.timeZone, to); ; day -= 1) {
    while (isBlockStart(day + 1) && to >= instantAt(calendar.timeZone, day + 1, 0)) {
      const block = blockMs(calendar, (day + 1) / BLOCK - 1);
      if (block >= left) break;
      left -= block;
      day -= BLOCK;
    }
    for (const span of openDay(calendar, day).spans.toReversed()) {
      const end = Math.min(to, span.to);
      if (end <= span.from) continue;
      if (left <= end - span.from) return end - left;
      left -= end - span.from;
    }
  }
}

/** The spans of open time between two instants, clipped to them, oldest first. */
export function openSpansBetween(calendar: Calendar, from: number, to: number): OpenSpan[] {
  const spans: OpenSpan[] = [];
  const last = dayAt(calendar.timeZone, to);
  for (let day = dayAt(calendar.timeZone, from); day <= last; day += 1) {
    for (const span of openDay(calendar, day).spans) {
      const clipped = { from: Math.max(from, span.from), to: Math.min(to, span.to) };
      if (clipped.from < clipped.to) spans.push(clipped);
    }
  }
  return spans;
}

/** Does this local day (see `wall-clock.ts`) have hours, and is it no holiday? */
export function isWorkingDay(calendar: Calendar, day: number): boolean {
  return hoursOf(calendar, day).length > 0;
}

function hoursOf(calendar: Calendar, day: number) {
  if (memoryOf(calendar).holidays.has(day)) return [];
  return calendar.week[weekdayOf(day) - 1] ?? [];
}

function openDay(calendar: Calendar, day: number): OpenDay {
  const { days } = memoryOf(calendar);
  let known = days.get(day);
  if (known === undefined) {
    const spans = spansOf(calendar, day);
    known = { spans, ms: spans.reduce((sum, span) => sum + span.to - span.from, 0) };
    days.set(day, known);
  }
  return known;
}

function spansOf(calendar: Calendar, day: number): OpenSpan[] {
  const midnight = instantAt(calendar.timeZone, day, 0);
  const end = instantAt(calendar.timeZone, day + 1, 0);
  if (end - midnight !== DAY_MS) return spansAcrossChange(calendar, midnight, end);
  return hoursOf(calendar, day).map(({ open, close }) => ({
    from: midnight + open * MINUTE_MS,
    to: midnight + close * MINUTE_MS,
  }));
}

/** Cuts a day on which the clocks change into pieces of one offset each; a piece may reach into the date before. */
function spansAcrossChange(calendar: Calendar, from: number, end: number): OpenSpan[] {
  const spans: OpenSpan[] = [];
  for (let start = from; start < end; ) {
    const zoned = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(calendar.timeZone);
    const offset = zoned.offsetNanoseconds / 1_000_000;
    const stop = Math.min(end, zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? end);
    const lastDay = Math.floor((stop - 1 + offset) / DAY_MS);
    for (let day = Math.floor((start + offset) / DAY_MS); day <= lastDay; day += 1) {
      for (const { open, close } of hoursOf(calendar, day)) {
        const midnight = day * DAY_MS - offset;
        const span = {
          from: Math.max(start, midnight + open * MINUTE_MS),
          to: Math.min(stop, midnight + close * MINUTE_MS),
        };
        if (span.from < span.to) spans.push(span);
      }
    }
    start = stop;
  }
  return spans;
}

function openMs(day: OpenDay, from: number, to: number): number {
  let ms = 0;
  for (const span of day.spans) {
    const overlap = Math.min(to, span.to) - Math.max(from, span.from);
    if (overlap > 0) ms += overlap;
  }
  return ms;
}

/** Open time of the days `[first, end)`. */
function openMsOfDays(calendar: Calendar, first: number, end: number): number {
  let ms = 0;
  for (let day = first; day < end; ) {
    const leap = isBlockStart(day) && day + BLOCK <= end;
    ms += leap ? blockMs(calendar, day / BLOCK) : openDay(calendar, day).ms;
    day += leap ? BLOCK : 1;
  }
  return ms;
}

function isBlockStart(day: number): boolean {
  return day % BLOCK === 0;
}

function blockMs(calendar: Calendar, block: number): number {
  const { blocks } = memoryOf(calendar);
  let ms = blocks.get(block);
  if (ms === undefined) {
    ms = 0;
    for (let day = block * BLOCK; day < (block + 1) * BLOCK; day += 1) ms += openDay(calendar, day).ms;
    blocks.set(block, ms);
  }
  return ms;
}

function memoryOf(calendar: Calendar): Memory {
  let memory = memories.get(calendar);
  if (memory === undefined) {
    memory = { holidays: new Set(calendar.holidays.map(dayOfDate)), days: new Map(), blocks: new Map() };
    memories.set(calendar, memory);
  }
  return memory;
}

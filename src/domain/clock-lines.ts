/** The arithmetic of the clock in words, line by line, as somebody with a calendar at hand would check it. */

import { openSpansBetween } from './business-time.ts';
import { firstWeekPoint, firstWeekPointDay, moveToWorkingDay } from './calendar.ts';
import type { Calendar, Duration, Pass, SlaRule, WeekPoint } from './types.ts';
import { hours } from './values.ts';
import { dateOfDay, instantAt, weekdayOf } from './wall-clock.ts';

/** One step: what it is (`opened`, or a span of open time) and what it comes to. Times are wall-clock in the calendar's zone. */
export interface ClockLine {
  readonly label: string;
  readonly detail: string;
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
/** Spans shown one by one; of a longer stretch the middle is summed up. */
const SPANS_SHOWN = 40;

/** `Mon 2026-11-23 16:30` on the clocks of the zone; with seconds where there are any. */
export function wallText(timeZone: string, instant: number): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
  const seconds = zoned.second === 0 && zoned.millisecond === 0 ? 'minute' : 'second';
  const time = zoned.toPlainTime().toString({ smallestUnit: seconds });
  return `${WEEKDAYS[zoned.dayOfWeek - 1]!.slice(0, 3)} ${zoned.toPlainDate().toString()} ${time}`;
}

/** How long a qualified pass took, in plain and in business hours; nothing for another pass. */
export function timeToQualifyLines(pass: Pass, calendar: Calendar): ClockLine[] {
  if (pass.outcome !== 'qualified' || pass.decidedAt === null || pass.businessMs === null) return [];
  return [
    { label: 'from MQL to SQL', detail: `${hours(pass.decidedAt - pass.openedAt)} h` },
    ...spanLines(calendar, pass.openedAt, pass.decidedAt),
    { label: 'inside business hours', detail: `${hours(pass.businessMs)} h` },
  ];
}

/** How the due time follows from the opening, up to and including the due time itself. */
export function dueLines(
  target: SlaRule['target'],
  openedAt: number,
  dueAt: number,
  calendar: Calendar,
): ClockLine[] {
  const opened = { label: 'opened', detail: wallText(calendar.timeZone, openedAt) };
  const due = { label: 'due', detail: wallText(calendar.timeZone, dueAt) };
  if ('by' in target) return [opened, ...byLines(target, openedAt, calendar), due];
  const promised = { label: 'promised within', detail: durationText(target.within) };
  if (!target.within.business) return [opened, promised, due];
  return [opened, promised, ...spanLines(calendar, openedAt, dueAt), due];
}

/** `4 h` or `4 business h`. */
export function durationText({ ms, business }: Duration): string {
  return `${hours(ms)} ${business ? 'business h' : 'h'}`;
}

function byLines(
  target: Extract<SlaRule['target'], { readonly by: WeekPoint }>,
  openedAt: number,
  calendar: Calendar,
): ClockLine[] {
  const { timeZone } = calendar;
  const lines: ClockLine[] = [];
  let after = openedAt;
  if (target.cutoff !== undefined) {
    after = firstWeekPoint(timeZone, target.cutoff, openedAt, 'at_or_after');
    const label = `first cutoff (${pointText(target.cutoff)}) at or after the opening`;
    lines.push({ label, detail: wallText(timeZone, after) });
  }
  const day = firstWeekPointDay(timeZone, target.by, after, 'after');
  lines.push({
    label: `first ${pointText(target.by)} after that`,
    detail: wallText(timeZone, instantAt(timeZone, day, target.by.minute)),
  });
  if (moveToWorkingDay(calendar, day, target.onHoliday) !== day) {
    const why = calendar.holidays.includes(dateOfDay(day)) ? 'a holiday' : 'a day without hours';
    lines.push({
      label: `moved because ${dayText(day)} is ${why}`,
      detail: `${target.onHoliday} working day`,
    });
  }
  return lines;
}

function spanLines(calendar: Calendar, from: number, to: number): ClockLine[] {
  const spans = openSpansBetween(calendar, from, to);
  const lines = spans.map((span) => ({
    label: `${wallText(calendar.timeZone, span.from)}–${wallText(calendar.timeZone, span.to).slice(15)}`,
    detail: `${hours(span.to - span.from)} h`,
  }));
  if (lines.length <= SPANS_SHOWN) return lines;
  const half = SPANS_SHOWN / 2;
  const hidden = spans.slice(half, -half);
  const ms = hidden.reduce((sum, span) => sum + span.to - span.from, 0);
  return [
    ...lines.slice(0, half),
    { label: `… ${hidden.length} more spans of open time`, detail: `${hours(ms)} h` },
    ...lines.slice(-half),
  ];
}

function pointText({ weekday, minute }: WeekPoint): string {
  const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  return `${WEEKDAYS[weekday - 1]} ${time}`;
}

function dayText(day: number): string {
  return `${WEEKDAYS[weekdayOf(day) - 1]!.slice(0, 3)} ${dateOfDay(day)}`;
}

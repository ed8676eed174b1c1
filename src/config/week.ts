/** Weekdays, times of day and opening hours as RevOps write them. A string as a result is what is wrong. */
import type { OpenHours, Weekday } from '../domain/types.ts';

/** In ISO order. */
export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;

/** How opening hours are written, for messages. */
export const HOURS_FORM =
  'opening hours such as `09:00-12:30, 13:30-17:30` (times from 00:00 to 24:00), or `closed`';

const TIME = /^(\d{1,2}):(\d{2})$/;
const DAY_MINUTES = 1_440;

/** `monday` … `sunday`, in any case, as the ISO weekday; null for anything else. */
export function parseWeekday(name: string): Weekday | null {
  const index = WEEKDAYS.indexOf(name.trim().toLowerCase() as (typeof WEEKDAYS)[number]);
  return index < 0 ? null : ((index + 1) as Weekday);
}

/** `HH:MM` as minutes after midnight; null for an impossible time. `24:00` only where a closing time may be midnight. */
export function parseTime(text: string, midnightAllowed = false): number | null {
  const match = TIME.exec(text.trim());
  if (match === null) return null;
  const minutes = Number(match[1]) * 60 + Number(match[2]);
  if (Number(match[2]) > 59 || minutes > DAY_MINUTES) return null;
  return minutes === DAY_MINUTES && !midnightAllowed ? null : minutes;
}

/** `monday-thursday`, `monday, friday` or a single day, as ISO weekdays. */
export function parseDays(text: string): readonly Weekday[] | string {
  const days: Weekday[] = [];
  for (const part of text.split(',')) {
    const ends = part.split('-').map(parseWeekday);
    const [first, last = first] = ends;
    if (ends.length > 2 || first == null || last == null) {
      return `must be a weekday, a range such as monday-friday, or a list; the weekdays are ${WEEKDAYS.join(', ')}`;
    }
    if (last < first) return `runs backwards: write ${WEEKDAYS[last - 1]}-${WEEKDAYS[first - 1]}`;
    for (let day = first; day <= last; day += 1) days.push(day as Weekday);
  }
  return days;
}

/** `09:00-12:30, 13:30-17:30`, or `closed`, as sorted opening hours. */
export function parseHours(text: string): readonly OpenHours[] | string {
  if (text.trim().toLowerCase() === 'closed') return [];
  const hours: OpenHours[] = [];
  for (const part of text.split(',')) {
    const [from = '', to = '', ...more] = part.split('-');
    const [open, close] = [parseTime(from), parseTime(to, true)];
    if (open === null || close === null || more.length > 0) {
      return `must be ${HOURS_FORM}`;
    }
    if (close <= open) return `closes before it opens (${part.trim()}); hours end at 24:00 at the latest`;
    hours.push({ open, close });
  }
  hours.sort((a, b) => a.open - b.open);
  const overlap = hours.findIndex((one, at) => at > 0 && one.open < (hours[at - 1]?.close ?? 0));
  return overlap < 0 ? hours : 'has hours that overlap';
}

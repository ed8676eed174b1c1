import type { Duration } from '../domain/types.ts';

const UNITS_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const PATTERN = /^(\d+(?:\.\d+)?)\s+(?:(business)\s+)?(minute|hour|day)s?$/i;

const LONGEST_MS = 366 * 86_400_000;

/** How a length of time is written, for messages. */
export const DURATION_FORM =
  'a length of time such as `4 business hours`, `24 hours`, `90 minutes` or `2 days`';

/** Reads a length of time; a string is what is wrong with it. A plain day is 24 hours. */
export function parseDuration(text: string): Duration | string {
  const match = PATTERN.exec(text.trim());
  if (match === null) return `must be ${DURATION_FORM}`;
  const [, amount = '', business, unit = ''] = match;
  if (business !== undefined && unit.toLowerCase() === 'day') {
    return 'cannot count business days (one could mean 24 hours or one working day): write business hours';
  }
  const ms = Math.round(Number(amount) * (UNITS_MS[unit.toLowerCase()] ?? 0));
  if (ms === 0) return 'must be more than nothing';
  return ms > LONGEST_MS ? 'must be a year (366 days) at most' : { ms, business: business !== undefined };
}

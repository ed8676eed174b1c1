/** The kinds of value that the configuration knows, as zod schemas that read text into numbers. */
import { CronExpressionParser } from 'cron-parser';
import { z } from 'zod';
import type { Condition, Duration, OpenHours, WeekPoint } from '../domain/types.ts';
import { DURATION_FORM, parseDuration } from './durations.ts';
import { nearest } from './nearest.ts';
import { HOURS_FORM, parseDays, parseHours, parseTime, parseWeekday, WEEKDAYS } from './week.ts';

/** An object without other keys; an unknown one is answered with the nearest known, a line each. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error(issue) {
      if (issue.code !== 'unrecognized_keys') return undefined;
      return issue.keys.map((key) => unknownKey(key, known)).join('\n');
    },
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  const guess = nearest(key, known);
  const hint = guess === null ? '.' : `; did you mean ${guess}?`;
  return `is not a key that handoff knows${hint} Allowed here: ${known.join(', ')}`;
}

/** Text of a certain form, read by a parser that answers with a sentence when it cannot. */
function parsed<T extends object | number>(form: string, parse: (text: string) => T | string) {
  return z.string(`must be ${form}`).transform((text, context): T => {
    const value = parse(text);
    if (typeof value !== 'string') return value;
    context.addIssue({ code: 'custom', message: value });
    return z.NEVER;
  });
}

/** A stage value or a property value: text, or a number or truth value taken as text. */
export const scalar = z
  .union([z.string(), z.number(), z.boolean()], { error: 'must be a single value' })
  .transform(String)
  .refine((text) => text.trim() !== '', 'must not be empty');

/** A length of time, `4 business hours` or `2 days`, as a `Duration` in ms. */
export const duration = parsed<Duration>(DURATION_FORM, parseDuration);

/** A length of elapsed time, without business hours. */
export const elapsed = parsed<number>(DURATION_FORM, (text) => {
  const length = parseDuration(text);
  if (typeof length === 'string') return length;
  return length.business ? `must be plain time, not business hours: ${DURATION_FORM}` : length.ms;
});

const SHARE_FAULT = 'must be a share above 0 and up to 1, such as 60% or 0.6';

/** A share, as `60%` or a fraction, as a fraction above 0 up to 1. */
export const share = z.union([z.string(), z.number()], { error: SHARE_FAULT }).transform((value, context) => {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(String(value).trim());
  const fraction = match === null ? Number(value) : Number(match[1]) / 100;
  if (String(value).trim() !== '' && fraction > 0 && fraction <= 1) return fraction;
  context.addIssue({ code: 'custom', message: SHARE_FAULT });
  return z.NEVER;
});

const DATE_FAULT = 'must be a date that exists, as YYYY-MM-DD';

/** A real date `YYYY-MM-DD`. */
export const date = z.string(DATE_FAULT).refine((text) => {
  try {
    return /^\d{4}-\d{2}-\d{2}$/.test(text) && Temporal.PlainDate.from(text).toString() === text;
  } catch {
    return false;
  }
}, DATE_FAULT);

const ZONE_FAULT = 'must be an IANA time zone such as Europe/London';

/** An IANA time zone. */
export const timeZone = z.string(ZONE_FAULT).superRefine((name, context) => {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    if (!/^[+-]/.test(name)) return;
  } catch {
    // Not a zone: told below.
  }
  const guess = nearest(name, Intl.supportedValuesOf('timeZone'));
  const hint = guess === null ? '' : `; did you mean ${guess}?`;
  context.addIssue({ code: 'custom', message: `${ZONE_FAULT}${hint}` });
});

const WEEKDAY_FORM = `a weekday: ${WEEKDAYS.join(', ')}`;
const TIME_FORM = 'a time of day from 00:00 to 23:59, such as "09:00"';

const weekday = parsed<number>(
  WEEKDAY_FORM,
  (text) => parseWeekday(text) ?? `must be ${WEEKDAY_FORM}`,
).transform((day) => day as WeekPoint['weekday']);

const time = parsed<number>(TIME_FORM, (text) => parseTime(text) ?? `must be ${TIME_FORM}`);

/** A weekday and time of day, as keys for a larger object. */
export const weekPointShape = {
  weekday: weekday.describe(`the weekday: ${WEEKDAYS.join(', ')}`),
  time: time.describe('the time of day, `"HH:MM"`, in the calendar\'s zone'),
};

/** A point of the week. */
export const weekPoint = strict(weekPointShape).transform(
  (point): WeekPoint => ({ weekday: point.weekday, minute: point.time }),
);

/** Opening hours by day or range of days, as seven lists from Monday on. */
export const openingHours = z
  .record(z.string(), z.string(`must be ${HOURS_FORM}`))
  .transform((byDays, context): readonly (readonly OpenHours[])[] => {
    const week: (readonly OpenHours[])[] = WEEKDAYS.map(() => []);
    const named = new Set<number>();
    let faulty = false;
    const fault = (key: string, message: string) => {
      faulty = true;
      context.addIssue({ code: 'custom', path: [key], message });
    };
    for (const [key, text] of Object.entries(byDays)) {
      const [days, hours] = [parseDays(key), parseHours(text)];
      if (typeof days === 'string') fault(key, days);
      if (typeof hours === 'string') fault(key, hours);
      if (typeof days === 'string' || typeof hours === 'string') continue;
      for (const day of days) {
        if (named.has(day)) fault(key, `gives hours to ${WEEKDAYS[day - 1]} a second time`);
        named.add(day);
        week[day - 1] = hours;
      }
    }
    if (!faulty && week.every((hours) => hours.length === 0)) {
      context.addIssue({ code: 'custom', message: 'must open on at least one day' });
    }
    return week;
  });

const bound = z.number('must be a number');

const condition = z
  .union(
    [
      scalar,
      z.array(scalar).min(1, 'must name at least one value'),
      strict({ atLeast: bound.optional(), atMost: bound.optional() }),
    ],
    { error: 'must be a value, a list of values, or numbers { atLeast: …, atMost: … }' },
  )
  .transform((value, context): Condition => {
    if (typeof value === 'string') return { anyOf: [value] };
    if (Array.isArray(value)) return { anyOf: value };
    const { atLeast, atMost } = value;
    const empty = atLeast === undefined && atMost === undefined;
    if (empty || (atLeast ?? -Infinity) > (atMost ?? Infinity)) {
      context.addIssue({
        code: 'custom',
        message: 'must say atLeast, atMost or both, atLeast not above atMost',
      });
      return z.NEVER;
    }
    return { ...(atLeast === undefined ? {} : { atLeast }), ...(atMost === undefined ? {} : { atMost }) };
  });

/** Conditions by property. */
export const conditions = z.record(
  z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be the internal name of a property'),
  condition,
);

const CRON_FAULT =
  'must be a cron pattern of five fields (minute hour day month weekday), such as "0 3 * * 0", or `off`';

/** A cron pattern, or `off`. */
export const cron = z.string(CRON_FAULT).transform((text, context) => {
  if (text.trim().toLowerCase() === 'off') return null;
  try {
    if (text.trim().split(/\s+/).length !== 5) throw new Error('five fields');
    CronExpressionParser.parse(text);
    return text.trim();
  } catch {
    context.addIssue({ code: 'custom', message: CRON_FAULT });
    return z.NEVER;
  }
});

const SHORTEST_POLL_MS = 60_000;
const INTERVAL_FAULT = 'must be `every 5 minutes` or the like (a minute at least), or `off`';

/** `every 5 minutes`, or `off`. */
export const interval = z.string(INTERVAL_FAULT).transform((text, context) => {
  if (text.trim().toLowerCase() === 'off') return null;
  const length = /^every\s+(.+)$/i.exec(text.trim())?.[1];
  const read = length === undefined ? null : parseDuration(/^\d/.test(length) ? length : `1 ${length}`);
  if (read !== null && typeof read !== 'string' && !read.business && read.ms >= SHORTEST_POLL_MS)
    return read.ms;
  context.addIssue({ code: 'custom', message: INTERVAL_FAULT });
  return z.NEVER;
});

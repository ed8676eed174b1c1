/** The kinds of value that the configuration knows, as zod schemas that read text into numbers. */
import { CronExpressionParser } from 'cron-parser';
import { z } from 'zod';
import type { Condition, Duration, OpenHours, WeekPoint } from '../domain/types.ts';
import { DURATION_FORM, parseDuration } from './durations.ts';
import { nearest } from './nearest.ts';
import { parseDays, parseHours, parseTime, parseWeekday, WEEKDAYS } from './week.ts';

/** An object without other keys; an unknown one is answered with the nearest known. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error(issue) {
      if (issue.code !== 'unrecognized_keys') return undefined;
      const [key = ''] = issue.keys;
      const guess = nearest(key, known);
      const hint = guess === null ? '' : `; did you mean ${guess}?`;
      return `is not a key that handoff knows${hint} Allowed here: ${known.join(', ')}`;
    },
  });
}

/** Text read by a parser that answers with a sentence when it cannot. */
function parsed<T extends object | number>(parse: (text: string) => T | string) {
  return z.string().transform((text, context): T => {
    const value = parse(text);
    if (typeof value !== 'string') return value;
    context.addIssue({ code: 'custom', message: value });
    return z.NEVER;
  });
}

/** A stage value or a property value: text, or a number or truth value taken as text. */
export const scalar = z
  .union([z.string(), z.number(), z.boolean()], { error: 'must be a single value' })
  .transform(String);

export const duration = parsed<Duration>(parseDuration);

/** A length of elapsed time, without business hours. */
export const elapsed = parsed<number>((text) => {
  const length = parseDuration(text);
  if (typeof length === 'string') return length;
  return length.business ? `must be plain time, not business hours: ${DURATION_FORM}` : length.ms;
});

/** A share, as `60%` or a fraction, as a fraction above 0 up to 1. */
export const share = z
  .union([z.string(), z.number()], { error: 'must be a share such as 60% or 0.6' })
  .transform((value, context) => {
    const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(String(value).trim());
    const fraction = match === null ? Number(value) : Number(match[1]) / 100;
    if (String(value).trim() !== '' && fraction > 0 && fraction <= 1) return fraction;
    context.addIssue({ code: 'custom', message: 'must be a share above 0 and up to 1, such as 60% or 0.6' });
    return z.NEVER;
  });

/** A real date `YYYY-MM-DD`. */
export const date = z.string().refine((text) => {
  try {
    return /^\d{4}-\d{2}-\d{2}$/.test(text) && Temporal.PlainDate.from(text).toString() === text;
  } catch {
    return false;
  }
}, 'must be a date that exists, as YYYY-MM-DD');

/** An IANA time zone. */
export const timeZone = z.string().superRefine((name, context) => {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    if (!/^[+-]/.test(name)) return;
  } catch {
    // Not a zone: told below.
  }
  const guess = nearest(name, Intl.supportedValuesOf('timeZone'));
  const hint = guess === null ? '' : `; did you mean ${guess}?`;
  context.addIssue({ code: 'custom', message: `must be an IANA time zone such as Europe/London${hint}` });
});

const weekday = parsed<number>(
  (text) => parseWeekday(text) ?? `must be a weekday: ${WEEKDAYS.join(', ')}`,
).transform((day) => day as WeekPoint['weekday']);

const time = parsed<number>(
  (text) => parseTime(text) ?? 'must be a time of day from 00:00 to 23:59, such as "09:00"',
);

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
  .record(z.string(), z.string('must be opening hours as text'))
  .transform((byDays, context): readonly (readonly OpenHours[])[] => {
    const week: (readonly OpenHours[])[] = WEEKDAYS.map(() => []);
    const named = new Set<number>();
    const fault = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
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
    if (week.every((hours) => hours.length === 0)) {
      context.addIssue({ code: 'custom', message: 'must open on at least one day' });
    }
    return week;
  });

const bound = z.number('must be a number');

const condition = z
  .union(
    [scalar, z.array(scalar).min(1), z.strictObject({ atLeast: bound.optional(), atMost: bound.optional() })],
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

/** A cron pattern, or `off`. */
export const cron = z.string().transform((text, context) => {
  if (text.trim().toLowerCase() === 'off') return null;
  try {
    if (text.trim().split(/\s+/).length !== 5) throw new Error('five fields');
    CronExpressionParser.parse(text);
    return text.trim();
  } catch {
    const message =
      'must be a cron pattern of five fields (minute hour day month weekday), such as "0 3 * * 0", or `off`';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
});

const SHORTEST_POLL_MS = 60_000;

/** `every 5 minutes`, or `off`. */
export const interval = z.string().transform((text, context) => {
  if (text.trim().toLowerCase() === 'off') return null;
  const length = /^every\s+(.+)$/i.exec(text.trim())?.[1];
  const read = length === undefined ? null : parseDuration(/^\d/.test(length) ? length : `1 ${length}`);
  if (read !== null && typeof read !== 'string' && !read.business && read.ms >= SHORTEST_POLL_MS)
    return read.ms;
  context.addIssue({
    code: 'custom',
    message: 'must be `every 5 minutes` or the like (a minute at least), or `off`',
  });
  return z.NEVER;
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addWeeks,
  deliveryWindow,
  firstWeekPoint,
  moveToWorkingDay,
  startOfDay,
  weekStart,
} from '../../src/domain/calendar.ts';
import type { WeekPoint } from '../../src/domain/types.ts';
import { dateOfDay, dayAt, dayOfDate, instantAt, weekdayOf } from '../../src/domain/wall-clock.ts';
import { at, calendarOf } from '../support/contacts.ts';

const LONDON = 'Europe/London';
const iso = (instant: number) => new Date(instant).toISOString().replace(':00.000Z', 'Z');

describe('wall-clock time', () => {
  it.each([
    ['an ordinary day', LONDON, '2026-01-05', 540, '2026-01-05T09:00Z'],
    ['summer time', LONDON, '2026-07-06', 540, '2026-07-06T08:00Z'],
    ['a time the clocks skip is read an hour later', LONDON, '2026-03-29', 90, '2026-03-29T01:30Z'],
    ['of a time that comes twice the first is meant', LONDON, '2026-10-25', 90, '2026-10-25T00:30Z'],
    ['half an hour skipped', 'Australia/Lord_Howe', '2026-10-04', 135, '2026-10-03T15:45Z'],
    ['midnight skipped', 'America/Santiago', '2026-09-06', 0, '2026-09-06T04:00Z'],
    ['24:00 is the next midnight', LONDON, '2026-01-05', 1440, '2026-01-06T00:00Z'],
  ])('%s', (_what, zone, date, minute, instant) => {
    expect(iso(instantAt(zone, dayOfDate(date), minute))).toBe(instant);
  });

  it('knows days, dates and weekdays, also before 1970', () => {
    expect(weekdayOf(dayOfDate('2026-01-05'))).toBe(1);
    expect(weekdayOf(dayOfDate('1969-12-28'))).toBe(7);
    expect(dateOfDay(dayOfDate('1969-12-28'))).toBe('1969-12-28');
    expect(dateOfDay(dayAt('Pacific/Kiritimati', at('2026-01-05T10:00Z')))).toBe('2026-01-06');
    expect(dateOfDay(dayAt('Pacific/Niue', at('2026-01-05T10:59Z')))).toBe('2026-01-04');
    expect(iso(startOfDay('Asia/Kathmandu', '2026-01-05'))).toBe('2026-01-04T18:15Z');
  });
});

describe('points of the week', () => {
  const cutoff: WeekPoint = { weekday: 1, minute: 540 };
  it.each([
    ['a minute before', '2026-01-05T08:59Z', '2026-01-05T09:00Z', '2026-01-05T09:00Z'],
    ['exactly then', '2026-01-05T09:00Z', '2026-01-05T09:00Z', '2026-01-12T09:00Z'],
    ['a millisecond after', '2026-01-05T09:00:00.001Z', '2026-01-12T09:00Z', '2026-01-12T09:00Z'],
    ['in summer time', '2026-03-25T12:00Z', '2026-03-30T08:00Z', '2026-03-30T08:00Z'],
  ])('%s', (_what, from, atOrAfter, after) => {
    expect(iso(firstWeekPoint(LONDON, cutoff, at(from), 'at_or_after'))).toBe(atOrAfter);
    expect(iso(firstWeekPoint(LONDON, cutoff, at(from), 'after'))).toBe(after);
  });

  it('that the clocks skip come late, once', () => {
    const sunday: WeekPoint = { weekday: 7, minute: 90 };
    expect(iso(firstWeekPoint(LONDON, sunday, at('2026-03-29T00:59Z'), 'after'))).toBe('2026-03-29T01:30Z');
    expect(iso(firstWeekPoint(LONDON, sunday, at('2026-03-29T01:30Z'), 'after'))).toBe('2026-04-05T00:30Z');
  });

  it('are within eight days, at the right wall time', () => {
    const zone = fc.constantFrom(LONDON, 'America/New_York', 'Asia/Kathmandu', 'Pacific/Auckland');
    const point = fc.record({
      weekday: fc.integer({ min: 1, max: 7 }) as fc.Arbitrary<WeekPoint['weekday']>,
      minute: fc.integer({ min: 180, max: 1439 }),
    });
    const from = fc.integer({ min: at('2025-01-01T00:00Z'), max: at('2028-01-01T00:00Z') });
    fc.assert(
      fc.property(zone, point, from, (timeZone, wanted, instant) => {
        const found = firstWeekPoint(timeZone, wanted, instant, 'after');
        const zoned = Temporal.Instant.fromEpochMilliseconds(found).toZonedDateTimeISO(timeZone);
        expect([zoned.dayOfWeek, zoned.hour * 60 + zoned.minute]).toEqual([wanted.weekday, wanted.minute]);
        expect(found).toBeGreaterThan(instant);
        expect(zoned.subtract({ weeks: 1 }).epochMilliseconds).toBeLessThanOrEqual(instant);
      }),
    );
  });
});

describe('delivery windows', () => {
  const cutoff: WeekPoint = { weekday: 1, minute: 540 };
  it.each([
    ['inside', '2026-01-07T12:00Z', '2026-01-05T09:00Z', '2026-01-12T09:00Z'],
    [
      'the closing cutoff belongs to the window',
      '2026-01-12T09:00Z',
      '2026-01-05T09:00Z',
      '2026-01-12T09:00Z',
    ],
    [
      'the next millisecond to the next',
      '2026-01-12T09:00:00.001Z',
      '2026-01-12T09:00Z',
      '2026-01-19T09:00Z',
    ],
    ['over a change of clocks', '2026-03-29T12:00Z', '2026-03-23T09:00Z', '2026-03-30T08:00Z'],
  ])('%s', (_what, instant, from, to) => {
    const window = deliveryWindow(LONDON, cutoff, at(instant));
    expect([iso(window.from), iso(window.to)]).toEqual([from, to]);
    expect(deliveryWindow(LONDON, cutoff, window.from).to).toBe(window.from);
  });
});

describe('weeks', () => {
  it('begin on Monday 00:00 of the zone', () => {
    expect(iso(weekStart('America/New_York', at('2026-01-05T04:59Z')))).toBe('2025-12-29T05:00Z');
    expect(iso(weekStart('America/New_York', at('2026-01-05T05:00Z')))).toBe('2026-01-05T05:00Z');
  });

  it('keep to Monday 00:00 when the clocks change', () => {
    const start = weekStart(LONDON, at('2026-03-25T12:00Z'));
    expect(iso(addWeeks(LONDON, start, 1))).toBe('2026-03-29T23:00Z');
    expect(iso(addWeeks(LONDON, start, -4))).toBe('2026-02-23T00:00Z');
    expect(addWeeks(LONDON, start, 0)).toBe(start);
  });
});

describe('moving to a working day', () => {
  const calendar = calendarOf(LONDON, '09:00-17:00', { holidays: ['2026-04-03', '2026-04-06'] });
  it.each([
    ['stays', '2026-04-02', '2026-04-02', '2026-04-02'],
    ['a holiday beside a weekend beside a holiday', '2026-04-03', '2026-04-07', '2026-04-02'],
    ['a Saturday', '2026-01-10', '2026-01-12', '2026-01-09'],
  ])('%s', (_what, date, next, previous) => {
    expect(dateOfDay(moveToWorkingDay(calendar, dayOfDate(date), 'next'))).toBe(next);
    expect(dateOfDay(moveToWorkingDay(calendar, dayOfDate(date), 'previous'))).toBe(previous);
  });
});

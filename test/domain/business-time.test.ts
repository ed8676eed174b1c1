import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWorkingDay, openSpansBetween } from '../../src/domain/business-time.ts';
import { addBusinessMs, businessMsBetween, subtractBusinessMs } from '../../src/domain/calendar.ts';
import type { Calendar } from '../../src/domain/types.ts';
import { dayOfDate } from '../../src/domain/wall-clock.ts';
import { at, calendarOf, HOUR, hoursOf, MINUTE } from '../support/contacts.ts';

const london = calendarOf('Europe/London', '09:00-12:30, 13:30-17:30', {
  holidays: ['2026-12-25', '2026-12-28'],
});

describe('business time between two instants', () => {
  it.each([
    ['within one span', '2026-01-05T09:30Z', '2026-01-05T10:45Z', 1.25],
    ['over lunch', '2026-01-05T12:00Z', '2026-01-05T14:00Z', 1],
    ['a whole day', '2026-01-05T00:00Z', '2026-01-06T00:00Z', 7.5],
    ['over night', '2026-01-05T17:00Z', '2026-01-06T09:30Z', 1],
    ['over a weekend', '2026-01-09T17:00Z', '2026-01-12T09:30Z', 1],
    ['outside hours', '2026-01-05T18:00Z', '2026-01-06T08:00Z', 0],
    ['closing does not count, opening does', '2026-01-05T17:30Z', '2026-01-06T09:00Z', 0],
    ['over holidays and a weekend', '2026-12-24T17:00Z', '2026-12-29T09:30Z', 1],
    ['nothing backwards', '2026-01-06T10:00Z', '2026-01-05T10:00Z', 0],
    ['summer time: 09:00 is 08:00 UTC', '2026-07-06T08:00Z', '2026-07-06T09:00Z', 1],
    ['over the change of clocks', '2026-03-27T17:00Z', '2026-03-30T08:30Z', 1],
    ['a year', '2026-01-01T00:00Z', '2027-01-01T00:00Z', (261 - 2) * 7.5],
    ['before 1970', '1969-12-29T00:00Z', '1970-01-02T00:00Z', 4 * 7.5],
  ])('%s', (_what, from, to, hours) => {
    expect(businessMsBetween(london, at(from), at(to)) / HOUR).toBe(hours);
  });

  it('of a day round the clock is as long as the day', () => {
    const always = calendarOf('Europe/London', '00:00-24:00', { weekend: '00:00-24:00' });
    const total = (from: string, to: string) => businessMsBetween(always, at(from), at(to)) / HOUR;
    expect(total('2026-03-29T00:00Z', '2026-03-29T23:00Z')).toBe(23);
    expect(total('2026-10-24T23:00Z', '2026-10-26T00:00Z')).toBe(25);
  });

  it('counts hours that the clocks skip not at all, and repeated ones twice', () => {
    const nights = calendarOf('Europe/London', '00:00-06:00', { weekend: '00:00-06:00' });
    expect(businessMsBetween(nights, at('2026-03-28T12:00Z'), at('2026-03-29T12:00Z')) / HOUR).toBe(5);
    expect(businessMsBetween(nights, at('2026-10-24T12:00Z'), at('2026-10-25T12:00Z')) / HOUR).toBe(7);
  });

  it('does without a date that a zone left out', () => {
    const apia = calendarOf('Pacific/Apia', '09:00-17:00');
    expect(isWorkingDay(apia, dayOfDate('2011-12-30'))).toBe(true);
    const thursdayMorning = at('2011-12-29T19:00Z');
    expect(businessMsBetween(apia, thursdayMorning, at('2011-12-30T10:00Z')) / HOUR).toBe(8);
    expect(businessMsBetween(apia, at('2011-12-30T04:00Z'), at('2011-12-31T18:00Z')) / HOUR).toBe(0);
  });
});

describe('adding business time', () => {
  const tenToSix = calendarOf('Europe/London', '10:00-18:00');
  it.each([
    ['Wed 15:00 + 10 h → Thu 17:00', '2026-01-07T15:00Z', 10, '2026-01-08T17:00Z'],
    ['Wed 20:00 + 10 h → Fri 12:00', '2026-01-07T20:00Z', 10, '2026-01-09T12:00Z'],
    ['running out exactly at closing', '2026-01-07T15:00Z', 3, '2026-01-07T18:00Z'],
    ['a whole day from opening', '2026-01-07T10:00Z', 8, '2026-01-07T18:00Z'],
    ['from closing itself', '2026-01-07T18:00Z', 1, '2026-01-08T11:00Z'],
    ['over a weekend', '2026-01-09T17:00Z', 2, '2026-01-12T11:00Z'],
    ['no time at all, closed', '2026-01-09T20:00Z', 0, '2026-01-12T10:00Z'],
    ['into summer time', '2026-03-27T17:00Z', 2, '2026-03-30T10:00Z'],
    ['two hundred working days', '2026-01-05T10:00Z', 200 * 8, '2026-10-09T17:00Z'],
  ])('%s', (_what, from, hours, to) => {
    expect(new Date(addBusinessMs(tenToSix, at(from), hours * HOUR))).toEqual(new Date(at(to)));
  });

  it.each([
    ['inside a span', '2026-01-07T15:00Z', 2, '2026-01-07T13:00Z'],
    ['back to an opening: the latest such instant', '2026-01-07T12:00Z', 2, '2026-01-07T10:00Z'],
    ['from outside hours', '2026-01-07T20:00Z', 1, '2026-01-07T17:00Z'],
    ['over a weekend', '2026-01-12T11:00Z', 2, '2026-01-09T17:00Z'],
    ['nothing', '2026-01-11T11:00Z', 0, '2026-01-11T11:00Z'],
    ['two hundred working days', '2026-10-09T17:00Z', 200 * 8, '2026-01-05T10:00Z'],
  ])('taking away %s', (_what, to, hours, from) => {
    expect(new Date(subtractBusinessMs(tenToSix, at(to), hours * HOUR))).toEqual(new Date(at(from)));
  });
});

const ZONES = [
  'Europe/London',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Santiago',
];
const HOURS = [
  '09:00-17:00',
  '09:00-12:30, 13:30-17:30',
  '00:00-24:00',
  '00:00-03:15, 22:45-24:00',
  '01:10-02:20',
];
const CALENDARS = ZONES.flatMap((zone) =>
  HOURS.map((hours) =>
    calendarOf(zone, hours, { weekend: hours, holidays: ['2026-03-30', '2026-10-05', '2026-11-02'] }),
  ),
);

/** Looks at the clock on the wall every minute. */
function minutesOnTheWall(calendar: Calendar, from: number, minutes: number): number {
  const clock = new Intl.DateTimeFormat('en-CA', {
    timeZone: calendar.timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  let open = 0;
  for (let index = 0; index < minutes; index += 1) {
    const [date, time] = clock.format(from + index * MINUTE).split(', ');
    const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
    const minute = hoursOf(`${time}-${time}`)[0]!.open;
    const hours = calendar.holidays.includes(date!) ? [] : calendar.week[weekday]!;
    if (hours.some((span) => span.open <= minute && minute < span.close)) open += 1;
  }
  return open;
}

describe('business time agrees with the clock on the wall', () => {
  const changes = [
    '2026-03-08T00:00Z',
    '2026-03-28T12:00Z',
    '2026-04-04T12:00Z',
    '2026-09-05T12:00Z',
    '2026-10-03T12:00Z',
    '2026-10-24T12:00Z',
    '2026-10-31T12:00Z',
  ];
  it.each(
    CALENDARS.map(
      (calendar, index) => [`${calendar.timeZone} ${HOURS[index % HOURS.length]}`, calendar] as const,
    ),
  )('%s', (_name, calendar) => {
    const minutes = 2 * 24 * 60;
    for (const change of changes) {
      const from = at(change);
      const expected = minutesOnTheWall(calendar, from, minutes);
      expect(businessMsBetween(calendar, from, from + minutes * MINUTE) / MINUTE, change).toBe(expected);
    }
  });
});

describe('laws of business time', () => {
  const calendar = fc.constantFrom(london, ...CALENDARS);
  const instant = fc.integer({ min: at('2025-06-01T00:00Z'), max: at('2027-06-01T00:00Z') });
  const length = fc.integer({ min: 1, max: 400 * HOUR });

  it('adds up over any split', () => {
    fc.assert(
      fc.property(calendar, instant, instant, instant, (hours, ...instants) => {
        const [a, b, c] = instants.toSorted((one, other) => one - other) as [number, number, number];
        const split = businessMsBetween(hours, a, b) + businessMsBetween(hours, b, c);
        expect(split).toBe(businessMsBetween(hours, a, c));
      }),
    );
  });

  it('is what was added, and no instant earlier', () => {
    fc.assert(
      fc.property(calendar, instant, length, (hours, from, ms) => {
        const to = addBusinessMs(hours, from, ms);
        expect(businessMsBetween(hours, from, to)).toBe(ms);
        expect(businessMsBetween(hours, from, to - 1)).toBe(ms - 1);
      }),
    );
  });

  it('is what was taken away, and no instant later', () => {
    fc.assert(
      fc.property(calendar, instant, length, (hours, to, ms) => {
        const from = subtractBusinessMs(hours, to, ms);
        expect(businessMsBetween(hours, from, to)).toBe(ms);
        expect(businessMsBetween(hours, from + 1, to)).toBe(ms - 1);
      }),
    );
  });

  it('is the sum of its spans', () => {
    fc.assert(
      fc.property(calendar, instant, fc.integer({ min: 0, max: 60 * 24 * HOUR }), (hours, from, ms) => {
        const spans = openSpansBetween(hours, from, from + ms);
        const sum = spans.reduce((total, span) => total + span.to - span.from, 0);
        expect(sum).toBe(businessMsBetween(hours, from, from + ms));
      }),
    );
  });
});

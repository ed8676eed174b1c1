import { describe, expect, it } from 'vitest';
import type { Scorecard } from '../../../src/domain/scorecard/document.ts';
import { type ScorecardInput, scorecardBuilder } from '../../../src/domain/scorecard/scorecard.ts';
import type { PassRow } from '../../../src/domain/types.ts';
import { at, type Brief, row, rules } from './rows.ts';

const COUNTS = { contacts: 9, directSql: 2, flags: { imported: 3 } };

/** Three weeks up to Wednesday 11 March 2026, noon in London. */
const input: ScorecardInput = { portal: 'main', asOf: at('2026-03-11T12:00:00Z'), weeks: 3, rules };

function card(briefs: readonly Brief[], change: Partial<ScorecardInput> = {}): Scorecard {
  return build(briefs.map(row), change);
}

function build(rows: readonly PassRow[], change: Partial<ScorecardInput> = {}): Scorecard {
  const builder = scorecardBuilder({ ...input, ...change });
  for (const one of rows) builder.add(one);
  return builder.finish(COUNTS);
}

describe('the head', () => {
  it('says what the document is about, in the order of the definitions', () => {
    const empty = card([]);
    expect(Object.keys(empty)).toEqual([
      ...['portal', 'asOf', 'timeZone', 'weeks'],
      ...['sales', 'marketing', 'conversion', 'timeToQualify', 'quality'],
    ]);
    expect(empty).toMatchObject({
      portal: 'main',
      asOf: '2026-03-11T12:00:00.000Z',
      timeZone: 'Europe/London',
      weeks: 3,
    });
  });

  it('has no rate, percentile or share over nothing', () => {
    const empty = card([], { weeks: 1 });
    expect(empty.sales.weeks[0]).toMatchObject({ due: 0, kept: 0, missed: 0, rate: null });
    expect(empty.conversion.weeks[0]).toMatchObject({ passes: 0, rate: null });
    expect(empty.conversion.weeks[0]?.within['90']).toEqual({ n: 0, qualified: 0, rate: null });
    expect(empty.conversion.period[0]).toMatchObject({ mql: 0, sql: 0, rate: null });
    expect(empty.timeToQualify).toMatchObject({ n: 0, medianHours: null, medianHoursToDecision: null });
    expect(empty.timeToQualify.shareQualifiedByDay).toHaveLength(91);
    expect(empty.timeToQualify.shareQualifiedByDay[90]).toEqual({
      ...{ day: 90, qualified: null, recycled: null, disqualified: null, open: null },
    });
    expect(empty.quality.traps.map(({ rateWith }) => rateWith)).toContain(null);
  });
});

describe('the sales promise', () => {
  const sales = (briefs: readonly Brief[], change: Partial<ScorecardInput> = {}) =>
    card(briefs, change).sales;
  const opened = '2026-02-20T10:00:00Z';

  it('counts by the week of the due date, open ones past it as missed', () => {
    const found = sales([
      { opened, due: '2026-02-25T17:00:00Z', decided: '2026-02-25T17:00:00Z' }, // kept at the last moment
      { opened, due: '2026-02-25T17:00:00Z', decided: '2026-02-25T17:00:01Z', outcome: 'recycled' }, // missed
      { opened, due: '2026-03-01T23:59:59Z', decided: '2026-03-09T10:00:00Z' }, // missed, in the week it was due
      { opened, due: '2026-03-02T00:00:00Z', decided: '2026-02-24T10:00:00Z' }, // kept, first instant of a week
      { opened, due: '2026-03-11T11:59:59Z' }, // open and past due
      { opened, due: '2026-03-11T12:00:00Z' }, // due this very moment: pending
      { opened, due: '2026-03-18T17:00:00Z' }, // pending
      { opened, due: '2026-03-18T17:00:00Z', decided: '2026-03-10T09:00:00Z' }, // kept, in a week to come
      { opened, due: '2026-02-22T17:00:00Z' }, // overdue, from before the weeks shown
      { opened, due: null, decided: '2026-03-02T10:00:00Z', outcome: 'recycled' }, // void
      { opened }, // no promise
    ]);
    expect(found.weeks).toEqual([
      {
        from: '2026-02-23T00:00:00.000Z',
        to: '2026-03-02T00:00:00.000Z',
        due: 3,
        kept: 1,
        missed: 2,
        rate: 0.3333,
      },
      {
        from: '2026-03-02T00:00:00.000Z',
        to: '2026-03-09T00:00:00.000Z',
        due: 1,
        kept: 1,
        missed: 0,
        rate: 1,
      },
      {
        from: '2026-03-09T00:00:00.000Z',
        to: '2026-03-16T00:00:00.000Z',
        due: 1,
        kept: 0,
        missed: 1,
        rate: 0,
      },
    ]);
    expect(found).toMatchObject({ pending: 2, overdue: 2 });
  });

  it('knows nothing of what happened after the report date', () => {
    const later = sales([
      { opened, due: '2026-03-10T17:00:00Z', decided: '2026-03-12T10:00:00Z' },
      { opened, due: '2026-03-13T17:00:00Z', decided: '2026-03-12T10:00:00Z' },
      { opened, due: '2026-03-10T17:00:00Z', stopped: '2026-03-11T13:00:00Z' },
      { opened: '2026-03-11T12:00:01Z', due: '2026-03-13T17:00:00Z' },
    ]);
    expect(later).toMatchObject({ pending: 1, overdue: 2 });
    expect(later.weeks[2]).toMatchObject({ due: 2, kept: 0, missed: 2, rate: 0 });
  });

  it('lets an accepted lead stop the clock of an open pass', () => {
    const found = sales([{ opened, due: '2026-03-10T17:00:00Z', stopped: '2026-03-09T10:00:00Z' }]);
    expect(found.weeks[2]).toMatchObject({ due: 1, kept: 1 });
    expect(found).toMatchObject({ pending: 0, overdue: 0 });
  });
});

describe('the marketing promise', () => {
  const windows = (briefs: readonly Brief[], change: Partial<ScorecardInput> = {}) =>
    card(briefs, change).marketing.windows;
  const leads = (opened: string, count: number, fit: number): Brief[] =>
    Array.from({ length: count }, (_, of) => ({ opened, fit: of < fit }));

  it('judges windows from cutoff to cutoff, and gives the current one a pace', () => {
    const found = windows([
      ...leads('2026-02-23T09:00:00Z', 4, 2), // the last instant of the first window
      ...leads('2026-02-23T09:00:01Z', 4, 1), // second: enough, too few fit
      ...leads('2026-03-02T09:00:00Z', 1, 1), // second, 5 with 2 fit: 40 %
      ...leads('2026-03-10T10:00:00Z', 3, 3), // current
    ]);
    expect(found).toEqual([
      {
        ...{ from: '2026-02-23T09:00:00.000Z', to: '2026-03-02T09:00:00.000Z' },
        ...{ delivered: 5, fit: 2, quota: 4, kept: false, pace: null },
      },
      {
        ...{ from: '2026-03-02T09:00:00.000Z', to: '2026-03-09T09:00:00.000Z' },
        ...{ delivered: 0, fit: 0, quota: 4, kept: false, pace: null },
      },
      {
        // 51 of 168 hours are over: 3 ÷ (4 × 51 ÷ 168) = 2.4706
        ...{ from: '2026-03-09T09:00:00.000Z', to: '2026-03-16T09:00:00.000Z' },
        ...{ delivered: 3, fit: 3, quota: 4, kept: null, pace: 2.4706 },
      },
    ]);
  });

  it.each([
    ['enough and fit', 4, 2, true],
    ['enough, one fit too few', 5, 2, false],
    ['one too few', 3, 3, false],
  ])('a window that is over, %s', (_, count, fit, kept) => {
    expect(windows(leads('2026-03-04T10:00:00Z', count, fit))[1]?.kept).toBe(kept);
  });

  it('is kept as soon as both hold, and undecided until then', () => {
    expect(windows(leads('2026-03-10T10:00:00Z', 4, 2))[2]?.kept).toBe(true);
    expect(windows(leads('2026-03-10T10:00:00Z', 4, 1))[2]?.kept).toBeNull();
  });

  it('is over at the cutoff itself', () => {
    const over = windows(leads('2026-03-10T10:00:00Z', 3, 3), { asOf: at('2026-03-16T09:00:00Z') });
    expect(over[2]).toMatchObject({ to: '2026-03-16T09:00:00.000Z', kept: false, pace: 0.75 });
  });

  it('asks for no fit where none is promised, and shows no window without a promise', () => {
    const { fit: _, ...promise } = rules.marketing ?? { quota: 0, window: { weekday: 1, minute: 0 } };
    const withoutFit = { ...rules, marketing: promise };
    expect(windows(leads('2026-03-04T10:00:00Z', 4, 0), { rules: withoutFit })[1]).toMatchObject({
      ...{ delivered: 4, fit: null, kept: true },
    });
    expect(windows([], { rules: { calendar: rules.calendar } })).toEqual([]);
  });
});

describe('conversion', () => {
  it('counts cohorts by opening and periods by entry, with horizons for those old enough', () => {
    const { weeks, period } = card(
      [
        { opened: '2026-02-23T00:00:00Z', decided: '2026-03-02T00:00:00Z' }, // 7 days to the instant
        { opened: '2026-02-24T00:00:00Z', decided: '2026-03-03T00:00:01Z' }, // a second too late for 7
        { opened: '2026-02-25T00:00:00Z', decided: '2026-02-26T00:00:00Z', outcome: 'recycled' },
        { opened: '2026-03-01T23:59:59Z' },
        { opened: '2026-03-04T12:00:00Z', decided: '2026-03-05T12:00:00Z' }, // 7 days old to the instant
        { opened: '2026-03-04T12:00:01Z', decided: '2026-03-05T12:00:00Z' }, // a second too young
        { opened: '2026-03-10T00:00:00Z', decided: '2026-03-10T10:00:00Z', outcome: 'disqualified' },
        { opened: '2026-01-05T00:00:00Z', decided: '2026-03-10T10:00:00Z' }, // an SQL of an older cohort
        { opened: '2026-03-10T11:00:00Z', decided: '2026-03-12T10:00:00Z' }, // still open at the report date
        { opened: '2026-03-12T11:00:00Z' }, // not there yet
      ],
      { asOf: at('2026-03-11T12:00:00Z') },
    ).conversion;
    expect(weeks).toEqual([
      {
        ...{ from: '2026-02-23T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z' },
        ...{ passes: 4, qualified: 2, recycled: 1, disqualified: 0, open: 1, rate: 0.5 },
        within: { 7: { n: 4, qualified: 1, rate: 0.25 }, 30: none, 90: none },
      },
      {
        ...{ from: '2026-03-02T00:00:00.000Z', to: '2026-03-09T00:00:00.000Z' },
        ...{ passes: 2, qualified: 2, recycled: 0, disqualified: 0, open: 0, rate: 1 },
        within: { 7: { n: 1, qualified: 1, rate: 1 }, 30: none, 90: none },
      },
      {
        ...{ from: '2026-03-09T00:00:00.000Z', to: '2026-03-16T00:00:00.000Z' },
        ...{ passes: 2, qualified: 0, recycled: 0, disqualified: 1, open: 1, rate: 0 },
        within: { 7: none, 30: none, 90: none },
      },
    ]);
    expect(period.map(({ mql, sql, rate }) => [mql, sql, rate])).toEqual([
      [4, 0, 0],
      [2, 4, 2],
      [2, 1, 0.5],
    ]);
  });

  const none = { n: 0, qualified: 0, rate: null };

  it('starts weeks on Monday of the calendar, also across a change of clocks', () => {
    const { weeks } = card([{ opened: '2026-03-29T22:59:59Z' }, { opened: '2026-03-29T23:00:00Z' }], {
      ...{ asOf: at('2026-04-05T22:59:59Z'), weeks: 2 },
    }).conversion;
    expect(weeks.map(({ from, to, passes }) => [from, to, passes])).toEqual([
      ['2026-03-23T00:00:00.000Z', '2026-03-29T23:00:00.000Z', 1],
      ['2026-03-29T23:00:00.000Z', '2026-04-05T23:00:00.000Z', 1],
    ]);
  });

  it('ends with the week that begins at the report date', () => {
    const { weeks } = card([], { asOf: at('2026-03-09T00:00:00Z'), weeks: 1 }).conversion;
    expect(weeks.map(({ from }) => from)).toEqual(['2026-03-09T00:00:00.000Z']);
  });
});

describe('time to qualify', () => {
  const day = (number: number, hour = 0) =>
    new Date(at('2026-02-23T00:00:00Z') + (number * 24 + hour) * 3_600_000).toISOString();
  const monday = day(0);

  it('takes percentiles of those that qualified, instants apart', () => {
    const { timeToQualify } = card([
      { opened: monday, decided: day(0, 1) },
      { opened: monday, decided: day(0, 2) },
      { opened: monday, decided: day(0, 10) },
      { opened: day(7), decided: day(7, 3) },
      { opened: monday, decided: '2026-02-23T00:00:59Z' },
      { opened: monday, decided: day(1), outcome: 'recycled' },
      { opened: monday },
      { opened: '2026-02-20T00:00:00Z', decided: day(9) }, // before the weeks shown
    ]);
    // 1, 2, 3, 10 hours: median 2.5; p90 at rank 2.7: 3 + 0.7 × 7
    expect(timeToQualify).toMatchObject({
      ...{ n: 4, instant: 1, medianHours: 2.5, p90Hours: 7.9 },
      ...{ medianBusinessHours: 0.63, p90BusinessHours: 1.98 },
    });
    expect(timeToQualify.weeks.map(({ n, medianHours, p90Hours }) => [n, medianHours, p90Hours])).toEqual([
      [3, 2, 8.4],
      [1, 3, 3],
      [0, null, null],
    ]);
  });

  it('estimates shares by day with competing outcomes, and the median time to a decision', () => {
    const { timeToQualify } = card([
      { opened: monday, decided: day(1) },
      { opened: monday, decided: day(2), outcome: 'recycled' },
      { opened: '2026-03-08T12:00:00Z' }, // open for 3 days
      { opened: monday, decided: day(4) },
      { opened: monday, decided: day(4), outcome: 'disqualified' },
    ]);
    const shares = timeToQualify.shareQualifiedByDay;
    expect(shares[0]).toEqual({ day: 0, qualified: 0, recycled: 0, disqualified: 0, open: 1 });
    expect(shares[1]).toEqual({ day: 1, qualified: 0.2, recycled: 0, disqualified: 0, open: 0.8 });
    expect(shares[3]).toEqual({ day: 3, qualified: 0.2, recycled: 0.2, disqualified: 0, open: 0.6 });
    expect(shares[4]).toEqual({ day: 4, qualified: 0.5, recycled: 0.2, disqualified: 0.3, open: 0 });
    expect(shares[90]).toEqual({ ...shares[4], day: 90 });
    expect(timeToQualify.medianHoursToDecision).toBe(96);
  });
});

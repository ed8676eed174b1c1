import { describe, expect, it } from 'vitest';
import { ago, count, datesIn, duration, isSmall, percent, times, verdict } from '../../src/report/format.ts';

describe('figures for people', () => {
  it.each([
    [percent(0.12345), '12.3 %'],
    [percent(null), '–'],
    [count(1_234_567), '1\u202f234\u202f567'],
    [count(null), '–'],
    [duration(71.94), '71.9 h'],
    [duration(72), '3.0 d'],
    [duration(null), '–'],
    [verdict(true), 'kept'],
    [verdict(false), 'missed'],
    [verdict(null), 'not yet'],
    [times(1.216), '1.22×'],
    [times(null), '–'],
    [ago(0, 5_400_000), '1.5 h'],
  ])('%s', (shown, expected) => {
    expect(shown).toBe(expected);
  });

  it('takes fewer than 20 for small, and nothing for nothing', () => {
    expect([0, 1, 19, 20].map(isSmall)).toEqual([false, true, true, false]);
  });

  it('dates by the clocks of the zone', () => {
    const dates = datesIn('America/New_York');
    expect(dates.day('2026-03-09T03:59:00.000Z')).toBe('8 Mar');
    expect(dates.moment('2026-03-09T04:00:00.000Z')).toBe('Mon 9 Mar 2026, 00:00');
  });
});

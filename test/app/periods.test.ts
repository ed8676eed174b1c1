import { describe, expect, it } from 'vitest';
import { type Periods, stillHold } from '../../src/app/periods.ts';

const HOUR = 3_600_000;
const MONDAY = Date.UTC(2026, 10, 23);

describe('weeks and windows that were looked up', () => {
  const week = { from: MONDAY - 168 * HOUR, to: MONDAY, due: 3, kept: 1, missed: 2 };
  const window = { from: MONDAY - 168 * HOUR, to: MONDAY, delivered: 4, fit: null, quota: 5, kept: false };
  const early: Periods = {
    salesWeeks: [week],
    windows: [],
    nextAt: MONDAY + 168 * HOUR,
    workedUntil: MONDAY - 1,
  };

  it('hold while nothing has been worked on that changes what is judged', () => {
    expect(stillHold(early, MONDAY - 1, MONDAY + 1)).toBe(true);
    expect(stillHold(early, null, MONDAY + 1)).toBe(true);
    expect(stillHold({ ...early, workedUntil: MONDAY }, MONDAY + HOUR, MONDAY + HOUR)).toBe(true);
  });

  it('hold no longer once the data of one is complete that was looked up before', () => {
    expect(stillHold(early, MONDAY, MONDAY + 1)).toBe(false);
    expect(stillHold({ ...early, salesWeeks: [], windows: [window] }, MONDAY, MONDAY + 1)).toBe(false);
  });

  it('hold no longer once the next one has ended', () => {
    expect(stillHold(early, MONDAY - 1, early.nextAt - 1)).toBe(true);
    expect(stillHold(early, MONDAY - 1, early.nextAt)).toBe(false);
  });
});

import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import {
  type Curve,
  estimate,
  fraction,
  hours,
  Numbers,
  packObservation,
  percentile,
  rate,
  sharesAt,
  timeUntilEnded,
} from '../../src/domain/statistics.ts';
import type { Outcome } from '../../src/domain/types.ts';

const DAY = 86_400_000;

function curve(observations: readonly (readonly [ms: number, outcome: Outcome])[]): Curve {
  const numbers = new Numbers();
  for (const [ms, outcome] of observations) numbers.push(packObservation(ms, outcome));
  return estimate(numbers.sorted());
}

describe('percentile', () => {
  it.each([
    [[], 0.5, null],
    [[7], 0.9, 7],
    [[1, 2], 0.5, 1.5],
    [[1, 2, 3, 4], 0.5, 2.5],
    [[1, 2, 3, 4], 0.9, 3.7],
    [[1, 2, 3, 4, 5], 0.5, 3],
    [[15, 20, 35, 40, 50], 0.4, 29],
    [[15, 20, 35, 40, 50], 0, 15],
    [[15, 20, 35, 40, 50], 1, 50],
  ])('%j at %d is %s', (sorted, share, expected) => {
    const found = percentile(sorted, share);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toBeCloseTo(expected, 12);
  });

  test.prop([
    fc.array(fc.double({ noNaN: true, min: 0, max: 1e12 }), { minLength: 1 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ])('lies between the smallest and the largest and grows with the share', (values, one, other) => {
    const sorted = Float64Array.from(values).sort();
    const low = percentile(sorted, Math.min(one, other)) ?? Number.NaN;
    const high = percentile(sorted, Math.max(one, other)) ?? Number.NaN;
    expect(low).toBeGreaterThanOrEqual(sorted[0] as number);
    expect(high).toBeLessThanOrEqual(sorted.at(-1) as number);
    expect(low).toBeLessThanOrEqual(high + 1e-3);
  });
});

describe('time to event', () => {
  /** Days; 4, 6, 10, 20 and two of 30 are still open. */
  const twelve = curve([
    ...([1, 2, 3, 5, 8, 14] as const).map((day) => [day * DAY, 'qualified'] as const),
    ...([4, 6, 10, 20, 30, 30] as const).map((day) => [day * DAY, 'open'] as const),
  ]);

  it('estimates twelve leads, half of them still open, by hand', () => {
    expect(twelve.times.map((ms) => ms / DAY)).toEqual([1, 2, 3, 5, 8, 14]);
    expect(twelve.shares.map(({ open }) => fraction(open))).toEqual([
      0.9167, 0.8333, 0.75, 0.6563, 0.5469, 0.4102,
    ]);
    expect(timeUntilEnded(twelve, 0.5)).toBe(14 * DAY);
    expect(fraction(sharesAt(twelve, [30 * DAY])[0]?.qualified ?? 0)).toBe(0.5898);
  });

  it('has no median while fewer than half have ended', () => {
    expect(
      timeUntilEnded(
        curve([
          [5, 'qualified'],
          [9, 'open'],
          [9, 'open'],
        ]),
        0.5,
      ),
    ).toBeNull();
    expect(timeUntilEnded(curve([]), 0.5)).toBeNull();
    expect(
      timeUntilEnded(
        curve([
          [5, 'open'],
          [9, 'open'],
        ]),
        0.5,
      ),
    ).toBeNull();
  });

  it('reaches an exact half in spite of rounding', () => {
    const observations = Array.from({ length: 14 }, (_, at) => [at + 1, 'recycled'] as const);
    expect(timeUntilEnded(curve(observations), 0.5)).toBe(7);
  });

  it('lets an end at the time another is lost from sight come first', () => {
    const both = curve([
      [5, 'open'],
      [5, 'qualified'],
    ]);
    expect(both.shares).toEqual([{ qualified: 0.5, recycled: 0, disqualified: 0, open: 0.5 }]);
  });

  it('shares competing outcomes by hand', () => {
    // 1: qualified of 5; 2: recycled of 4; 3: open; 4: qualified and disqualified of 2.
    const competing = curve([
      [4, 'disqualified'],
      [1, 'qualified'],
      [3, 'open'],
      [2, 'recycled'],
      [4, 'qualified'],
    ]);
    const [at0, at1, at2, at3, at4] = sharesAt(competing, [0, 1, 2, 3, 4]);
    expect(at0).toEqual({ qualified: 0, recycled: 0, disqualified: 0, open: 1 });
    expect(at1?.qualified).toBeCloseTo(0.2, 12);
    expect(at2?.recycled).toBeCloseTo(0.2, 12);
    expect(at3).toEqual(at2);
    expect(at4?.qualified).toBeCloseTo(0.2 + 0.6 / 2, 12);
    expect(at4?.disqualified).toBeCloseTo(0.3, 12);
    expect(at4?.open).toBeCloseTo(0, 12);
  });

  const observation = fc.tuple(
    fc.integer({ min: 0, max: 50 }),
    fc.constantFrom<Outcome>('qualified', 'recycled', 'disqualified', 'open'),
  );

  test.prop([fc.array(observation, { maxLength: 200 })])(
    'shares sum to 1 and never go back',
    (observations) => {
      const { shares } = curve(observations);
      shares.forEach((now, at) => {
        const before = shares[at - 1] ?? { qualified: 0, recycled: 0, disqualified: 0, open: 1 };
        expect(now.qualified + now.recycled + now.disqualified + now.open).toBeCloseTo(1, 9);
        expect(now.open).toBeLessThan(before.open);
        expect(now.qualified).toBeGreaterThanOrEqual(before.qualified);
      });
    },
  );

  test.prop([fc.array(observation, { maxLength: 200 })])(
    'with one kind of end Kaplan–Meier is what incidence leaves, and merging kinds leaves the open share alone',
    (observations) => {
      const one = curve(observations.map(([ms, outcome]) => [ms, outcome === 'open' ? 'open' : 'qualified']));
      for (const { open, qualified } of one.shares) expect(open).toBeCloseTo(1 - qualified, 9);
      expect(one.shares.map(({ open }) => open)).toEqual(curve(observations).shares.map(({ open }) => open));
    },
  );

  test.prop([fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 200 })])(
    'with nobody open it is the plain share',
    (times) => {
      const all = curve(times.map((ms) => [ms, 'qualified']));
      for (const [at, ms] of all.times.entries()) {
        const plain = times.filter((other) => other <= ms).length / times.length;
        expect(all.shares[at]?.qualified).toBeCloseTo(plain, 9);
      }
    },
  );

  it('takes a million', () => {
    const numbers = new Numbers();
    for (let at = 0; at < 1_000_000; at += 1) {
      numbers.push(packObservation((at * 7_919) % 1_000_003, at % 4 === 3 ? 'open' : 'qualified'));
    }
    const sorted = numbers.sorted();
    expect(numbers.length).toBe(1_000_000);
    expect(sorted.length).toBe(1_000_000);
    expect(estimate(sorted).shares.at(-1)?.open).toBeLessThan(0.01);
  });
});

describe('figures for people', () => {
  it('rounds rates half up to 4 decimals and has none over nothing', () => {
    expect(rate(1, 3)).toBe(0.3333);
    expect(rate(2, 3)).toBe(0.6667);
    expect(rate(1, 32)).toBe(0.0313);
    expect(rate(3, 2)).toBe(1.5);
    expect(rate(0, 0)).toBeNull();
  });

  it('rounds hours half up to 2 decimals', () => {
    expect(hours(18_000)).toBe(0.01);
    expect(hours(17_999)).toBe(0);
    expect(hours(90 * 60_000)).toBe(1.5);
    expect(hours(null)).toBeNull();
  });
});

/**
 * The statistics of the scorecard: percentiles, and time-to-event estimates that do not forget the leads still open.
 * Definitions: Kaplan & Meier (1958) for time to decision, Aalen & Johansen (1978) for competing outcomes.
 */
import type { Outcome } from './types.ts';

/** A growing list of numbers, kept flat: a million take 8 MB. */
export class Numbers {
  #values = new Float64Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(Math.max(8, this.#length * 2));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  /** The number at an index below `length`. */
  at(index: number): number {
    return this.#values[index] as number;
  }

  /** A copy in ascending order. */
  sorted(): Float64Array {
    return this.#values.slice(0, this.#length).sort();
  }
}

/**
 * The value below which `share` (0..1) of the numbers lie, interpolated linearly between closest ranks (the default of
 * numpy and of spreadsheets). `sorted` is ascending; null when it is empty.
 */
export function percentile(sorted: ArrayLike<number>, share: number): number | null {
  if (sorted.length === 0) return null;
  const rank = share * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] as number;
  const above = sorted[Math.ceil(rank)] as number;
  return below + (above - below) * (rank - Math.floor(rank));
}

/** How an observation ended, as the last two bits of a packed one. `open` is the largest: an end goes before a loss of sight at the same time. */
const CODES: Readonly<Record<Outcome, number>> = { qualified: 0, recycled: 1, disqualified: 2, open: 3 };
const OPEN = CODES.open;

/** One observation as a number that sorts by time: `ms` is a whole number from 0, time until it ended or, for `open`, until now. */
export function packObservation(ms: number, outcome: Outcome): number {
  return ms * 4 + CODES[outcome];
}

/** What is estimated to have happened by some time, as shares that sum to 1. */
export interface Shares {
  readonly qualified: number;
  readonly recycled: number;
  readonly disqualified: number;
  readonly open: number;
}

/** Estimates as steps: the shares hold from `times[i]` (ms) on, until the next. Before the first everything is open. */
export interface Curve {
  /** Distinct times at which something ended, ascending. */
  readonly times: readonly number[];
  readonly shares: readonly Shares[];
}

/**
 * Cumulative incidence of each outcome (Aalen–Johansen) and the share still open (Kaplan–Meier over all outcomes) from
 * packed observations in ascending order. Open observations count as at risk as long as they were seen.
 */
export function estimate(sortedObservations: Float64Array): Curve {
  const times: number[] = [];
  const shares: Shares[] = [];
  const total = sortedObservations.length;
  const incidence: [number, number, number] = [0, 0, 0];
  let open = 1;
  for (let at = 0; at < total; ) {
    const time = Math.floor((sortedObservations[at] as number) / 4);
    const atRisk = total - at;
    const ended: [number, number, number] = [0, 0, 0];
    for (; at < total && Math.floor((sortedObservations[at] as number) / 4) === time; at += 1) {
      const code = (sortedObservations[at] as number) % 4;
      if (code !== OPEN) ended[code as 0 | 1 | 2] += 1;
    }
    const all = ended[0] + ended[1] + ended[2];
    if (all === 0) continue;
    for (const code of [0, 1, 2] as const) incidence[code] += (open * ended[code]) / atRisk;
    open *= (atRisk - all) / atRisk;
    const [qualified, recycled, disqualified] = incidence;
    times.push(time);
    shares.push({ qualified, recycled, disqualified, open });
  }
  return { times, shares };
}

const NOTHING_YET: Shares = { qualified: 0, recycled: 0, disqualified: 0, open: 1 };

/** The shares at each of the times (ms, ascending). */
export function sharesAt(curve: Curve, times: readonly number[]): readonly Shares[] {
  let next = 0;
  return times.map((time) => {
    while (next < curve.times.length && (curve.times[next] as number) <= time) next += 1;
    return curve.shares[next - 1] ?? NOTHING_YET;
  });
}

/** A product of many fractions may miss an exact half by a rounding error. */
const ROUNDING = 1e-9;

/** The earliest time (ms) by which at least `share` (0..1) have ended, however they ended; null while that is not reached. */
export function timeUntilEnded(curve: Curve, share: number): number | null {
  const step = curve.shares.findIndex(({ open }) => open <= 1 - share + ROUNDING);
  return curve.times[step] ?? null;
}

/** `part ÷ whole` as a fraction with 4 decimals, rounded half up; null when the whole is less than 1. */
export function rate(part: number, whole: number): number | null {
  return whole < 1 ? null : Math.round((part * 10_000) / whole) / 10_000;
}

/** A fraction with 4 decimals. */
export function fraction(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/** Milliseconds as hours with 2 decimals, rounded half up. */
export function hours(ms: number): number;
export function hours(ms: number | null): number | null;
export function hours(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms / 36_000) / 100;
}

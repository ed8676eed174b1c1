import { hours, Numbers, percentile, rate } from '../statistics.ts';
import { FLAGS, type Flag, type Pass, type PassRow } from '../types.ts';
import { MINUTE_MS } from '../wall-clock.ts';
import type { Trap, TrapEffect } from './document.ts';

/**
 * A burst is at least this many contacts of one company whose passes opened within the same minute of the clock: a
 * company's stage copied to its contacts, or a list of them promoted by hand.
 */
const BURST = 3;
/** The company that HubSpot calls a contact's primary one, as its id. */
const COMPANY = 'associatedcompanyid';
/** Above every minute since 1970 until the year 2097, so that company and minute fit into one number. */
const MINUTES = 2 ** 26;

/** What a pass fell into, as bits: one for each flag, then the burst. */
const bitOf = (flag: Flag) => 1 << FLAGS.indexOf(flag);
const BURST_BIT = 1 << FLAGS.length;
const MASKS = BURST_BIT * 2;
const INSTANT = bitOf('instant');
const OF_THE_CONTACT = ['merged', 'truncated', 'unmapped', 'future'] as const satisfies readonly Flag[];

/**
 * Collects every pass, those of one contact one after the other; `effects` (once, at the end) says what each trap does
 * to the rate and the median, given the direct SQLs. Bursts need the rows' property `associatedcompanyid`.
 */
export interface Traps {
  add(pass: Pass, row: PassRow): void;
  effects(directSql: number | null): readonly TrapEffect[];
}

/** Starts an empty collection. */
export function traps(): Traps {
  const bursts = burstsByCompany();
  const passes = new Numbers();
  return {
    add(pass, row) {
      const took = pass.outcome === 'qualified' ? (pass.decidedAt as number) - pass.openedAt + 1 : 0;
      bursts.add(pass, row);
      passes.push(took * MASKS + maskOf(pass, row));
    },
    effects(directSql) {
      const inBurst = bursts.find();
      const marked = new Numbers();
      for (let at = 0; at < passes.length; at += 1) {
        marked.push(passes.at(at) + (inBurst(at) ? BURST_BIT : 0));
      }
      return effectsOf(marked.sorted(), directSql);
    },
  };
}

function maskOf(pass: Pass, row: PassRow): number {
  let mask = 0;
  if (pass.impliedSql) mask |= bitOf('implied_sql');
  if (pass.instant) mask |= INSTANT;
  if (pass.cleared) mask |= bitOf('cleared');
  if (pass.imported) mask |= bitOf('imported');
  for (const flag of OF_THE_CONTACT) if (row.flags.includes(flag)) mask |= bitOf(flag);
  return mask;
}

/** Notes when each company's passes opened; `find` gives a test for the pass that was added at a place. */
function burstsByCompany() {
  const companies = new Map<string, number>();
  /** One for each pass: company and minute, -1 without a company. */
  const places = new Numbers();
  /** The same, but one for each contact only. */
  const openings = new Numbers();
  let [lastContact, last] = ['', -1];
  return {
    add(pass: Pass, { contactId, properties }: PassRow): void {
      const company = numberOf(properties[COMPANY] ?? '', companies);
      const place = company === null ? -1 : company * MINUTES + Math.floor(pass.openedAt / MINUTE_MS);
      places.push(place);
      if (place >= 0 && (contactId !== lastContact || place !== last)) openings.push(place);
      [lastContact, last] = [contactId, place];
    },
    find(): (at: number) => boolean {
      const bursts = repeated(openings.sorted());
      return (at) => bursts.has(places.at(at));
    },
  };
}

/** Numbers the companies as they come; null: none. */
function numberOf(company: string, known: Map<string, number>): number | null {
  if (company === '') return null;
  const number = known.get(company) ?? known.size;
  known.set(company, number);
  return number;
}

/** What is there often enough for a burst. `sorted` is ascending. */
function repeated(sorted: Float64Array): ReadonlySet<number> {
  const found = new Set<number>();
  for (let at = BURST - 1; at < sorted.length; at += 1) {
    const value = sorted[at] as number;
    if (sorted[at - BURST + 1] === value) found.add(value);
  }
  return found;
}

/** `sorted`: (time to qualify + 1 ms, or 0 when it did not) × MASKS + mask, ascending. */
function effectsOf(sorted: Float64Array, directSql: number | null): readonly TrapEffect[] {
  const counted = counts(sorted);
  const base = measure(sorted, counted, 0, INSTANT);
  const effects = [...FLAGS, 'burst' as const].map((trap): TrapEffect => {
    const bit = trap === 'burst' ? BURST_BIT : bitOf(trap);
    const passes = sum(counted.passes, (mask) => (mask & bit) !== 0);
    const included = bit === INSTANT ? measure(sorted, counted, 0, 0) : base;
    const without = passes === 0 ? base : measure(sorted, counted, bit, bit | INSTANT);
    return effect(trap, passes, included, without);
  });
  if (directSql === null) return effects;
  const all = sum(counted.passes, () => true);
  const qualified = sum(counted.qualified, () => true);
  const included = { ...base, rate: rate(qualified + directSql, all + directSql) };
  return [...effects, effect('direct_sql', directSql, included, base)];
}

interface Measure {
  readonly rate: number | null;
  readonly median: number | null;
}

function effect(trap: Trap, passes: number, included: Measure, without: Measure): TrapEffect {
  return {
    trap,
    passes,
    rateWith: included.rate,
    rateWithout: without.rate,
    medianHoursWith: included.median,
    medianHoursWithout: without.median,
  };
}

interface Counts {
  readonly passes: Uint32Array;
  readonly qualified: Uint32Array;
}

function counts(sorted: Float64Array): Counts {
  const passes = new Uint32Array(MASKS);
  const qualified = new Uint32Array(MASKS);
  for (const packed of sorted) {
    const mask = packed % MASKS;
    passes[mask] = (passes[mask] as number) + 1;
    if (packed >= MASKS) qualified[mask] = (qualified[mask] as number) + 1;
  }
  return { passes, qualified };
}

/** Rate and median hours of the passes with none of the bits; the median may leave out more than the rate. */
function measure(sorted: Float64Array, counted: Counts, notInRate: number, notInMedian: number): Measure {
  const counts = (mask: number) => (mask & notInRate) === 0;
  const times = sorted
    .filter((packed) => packed >= MASKS && ((packed % MASKS) & notInMedian) === 0)
    .map((packed) => Math.floor(packed / MASKS) - 1);
  return {
    rate: rate(sum(counted.qualified, counts), sum(counted.passes, counts)),
    median: hours(percentile(times, 0.5)),
  };
}

function sum(byMask: Uint32Array, where: (mask: number) => boolean): number {
  let total = 0;
  byMask.forEach((count, mask) => {
    if (where(mask)) total += count;
  });
  return total;
}

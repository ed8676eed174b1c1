/**
 * The scorecard as a document: what `report --format json` prints and every other format shows. Instants are ISO 8601
 * UTC with milliseconds, rates and shares fractions with 4 decimals (null over nothing), times hours with 2 decimals.
 */
import type { Flag } from '../types.ts';

/** From one instant to another. Weeks are `[from, to)`, delivery windows `(from, to]`. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** Passes whose promise fell due in the week, stopped or not; `due` = kept + missed. */
export interface SalesWeek extends Period {
  readonly due: number;
  readonly kept: number;
  readonly missed: number;
  readonly rate: number | null;
}

/** `pending` and `overdue`: open passes before and after their due time at the report date, whatever their week. */
export interface SalesBlock {
  readonly weeks: readonly SalesWeek[];
  readonly pending: number;
  readonly overdue: number;
}

/**
 * One delivery window. `fit` is null when no fit is asked for. `kept` is true once quota and fit share are reached and null
 * while the window may still reach them. `pace` is delivered ÷ (quota × elapsed share), for the current window only.
 * In groups `quota`, `kept` and `pace` are null: the promise is made for all leads together.
 */
export interface DeliveryWindow extends Period {
  readonly delivered: number;
  readonly fit: number | null;
  readonly quota: number | null;
  readonly kept: boolean | null;
  readonly pace: number | null;
}

/** The horizons of conversion within a number of days. */
export const HORIZONS = ['7', '30', '90'] as const;
/** One of `HORIZONS`: a number of days, as the text that keys the document. */
export type Horizon = (typeof HORIZONS)[number];

/** Passes of the cohort at least so many days old (`n`), and how many of them had qualified by that age. */
export interface Within {
  readonly n: number;
  readonly qualified: number;
  readonly rate: number | null;
}

/** The passes opened in a week, and how they stand at the report date. */
export interface Cohort extends Period {
  readonly passes: number;
  readonly qualified: number;
  readonly recycled: number;
  readonly disqualified: number;
  readonly open: number;
  readonly rate: number | null;
  readonly within: Readonly<Record<Horizon, Within>>;
}

/** Openings and qualifications of a week, whatever their cohort. The rate can exceed 1. */
export interface PeriodConversion extends Period {
  readonly mql: number;
  readonly sql: number;
  readonly rate: number | null;
}

/** Estimated shares (Aalen–Johansen) by the end of a day after the opening; null without any pass. */
export interface DayShares {
  readonly day: number;
  readonly qualified: number | null;
  readonly recycled: number | null;
  readonly disqualified: number | null;
  readonly open: number | null;
}

/** Times to qualify of one cohort, instants left out. */
export interface TimesWeek extends Period {
  readonly n: number;
  readonly medianHours: number | null;
  readonly p90Hours: number | null;
}

/** Of the passes opened in the weeks shown. `n` qualified and are behind the percentiles, `instant` qualified and are left out of them. */
export interface TimesBlock {
  readonly n: number;
  readonly instant: number;
  readonly medianHours: number | null;
  readonly p90Hours: number | null;
  readonly medianBusinessHours: number | null;
  readonly p90BusinessHours: number | null;
  readonly shareQualifiedByDay: readonly DayShares[];
  /** Kaplan–Meier, however the pass was decided; null while it is not reached. */
  readonly medianHoursToDecision: number | null;
  readonly weeks: readonly TimesWeek[];
}

/** What can mislead in a history: the flags, SQLs without an MQL, and bursts: at least 3 contacts of one company whose passes opened in the same minute. */
export type Trap = Flag | 'direct_sql' | 'burst';

/**
 * How much one trap moves the conversion rate and the median time to qualify of all passes remembered. *With* counts what fell into it like
 * any other (a `direct_sql` as a pass that qualified, an `instant` in the percentiles too), *without* leaves it out.
 */
export interface TrapEffect {
  readonly trap: Trap;
  readonly passes: number;
  readonly rateWith: number | null;
  readonly rateWithout: number | null;
  readonly medianHoursWith: number | null;
  readonly medianHoursWithout: number | null;
}

/** Of everything remembered, whatever the weeks. `direct_sql` and `flags` count contacts; in groups `direct_sql` is null where it was not counted. */
export interface QualityBlock {
  readonly contacts: number;
  readonly passes: number;
  readonly direct_sql: number | null;
  readonly flags: Readonly<Record<Flag, number>>;
  readonly traps: readonly TrapEffect[];
}

/** The figures of all leads, or of one group of them. */
export interface Blocks {
  readonly sales: SalesBlock;
  readonly marketing: { readonly windows: readonly DeliveryWindow[] };
  readonly conversion: { readonly weeks: readonly Cohort[]; readonly period: readonly PeriodConversion[] };
  readonly timeToQualify: TimesBlock;
  readonly quality: QualityBlock;
}

/** The whole document. `by` and `groups` only where a grouping was asked for; blank values stand under `(none)`. */
export interface Scorecard extends Blocks {
  readonly portal: string;
  readonly asOf: string;
  readonly timeZone: string;
  readonly weeks: number;
  readonly by?: string;
  readonly groups?: Readonly<Record<string, Blocks>>;
}

/** Below so many a rate says little: reports mark it as small. */
export const SMALL = 20;

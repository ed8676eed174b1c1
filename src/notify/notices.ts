/**
 * Which notices a change of state calls for (README, "Notices"). Pure: the state remembered before, what holds now, and
 * *now* come in; notices and the state to remember go out. Instants are epoch ms (UTC).
 */
import type { NoticeEvent } from '../config/types.ts';
import { isHandoffError } from '../errors.ts';
import type { OverduePass } from '../ports.ts';

/** A look that another process overtook by no more than this, ms, is out of date; by more, a clock was set back. */
const OVERTAKEN_MS = 10 * 60_000;

/** Contacts named in one digest; the rest is a number. */
export const DIGEST_CONTACTS = 50;

/** Whose notice it is. `timeZone` is the calendar's, for dates that people read. */
export interface Subject {
  readonly portal: string;
  /** HubSpot's number of the portal, for links; null: unknown, so no links. */
  readonly portalId: string | null;
  readonly timeZone: string;
}

/** A calendar week of the sales promise: passes due in `[from, to)`. */
export interface SalesWeek {
  readonly from: number;
  readonly to: number;
  readonly due: number;
  readonly kept: number;
  readonly missed: number;
}

/** A window of the marketing promise, `(from, to]`. `fit` null: no fit is promised. */
export interface DeliveryWindow {
  readonly from: number;
  readonly to: number;
  readonly delivered: number;
  readonly fit: number | null;
  readonly quota: number;
  readonly kept: boolean;
}

/** The figures of a scorecard notice. Rates are fractions 0..1; null: nothing to divide by. */
export interface ScorecardFigures {
  readonly sales: SalesWeek & { readonly rate: number | null };
  /** Open passes after and before their due time, now. */
  readonly overdue: number;
  readonly pending: number;
  /** The latest window that has ended; null: nothing is promised. */
  readonly marketing: DeliveryWindow | null;
  /** SQL entries ÷ MQL entries of the week. */
  readonly conversion: { readonly mql: number; readonly sql: number; readonly rate: number | null };
  /** Median hours from MQL to SQL over the weeks of the scorecard. */
  readonly medianHours: number | null;
  /** The same of the week and the window before those shown. */
  readonly before: Comparable;
}

/** What a scorecard notice compares with the period before. `attainment` and `conversion` are the rates; null: no figure. */
export interface Comparable {
  readonly attainment: number | null;
  readonly delivered: number | null;
  readonly conversion: number | null;
}

type About<Event extends NoticeEvent, Details> = Subject &
  Details & {
    /** The same change has the same id: told once, and receivers can tell a repeat. */
    readonly id: string;
    readonly event: Event;
    readonly at: number;
  };

/** What is sent, before it is put into a target's format. Ids, names of rules and counts; nothing personal. */
export type Notice =
  | About<'scorecard', { readonly figures: ScorecardFigures }>
  /** `contacts` are the longest overdue of them, at most `DIGEST_CONTACTS`; `total` counts all. */
  | About<'newly_overdue', { readonly total: number; readonly contacts: readonly OverduePass[] }>
  | About<'promise_missed', { readonly side: 'sales'; readonly period: SalesWeek }>
  | About<'promise_missed', { readonly side: 'marketing'; readonly period: DeliveryWindow }>
  | About<'sync_failing', Failure>
  | About<'sync_recovered', { readonly failingSince: number }>;

/** Why syncing fails: stable code, and a message without values or tokens. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** What has been told, per portal. */
export interface NoticeState {
  /** Keys of the passes known to be overdue. */
  readonly overdue: readonly string[];
  /** End of the latest week or window that was judged; null: none yet. */
  readonly judgedUntil: { readonly sales: number | null; readonly marketing: number | null };
  readonly failingSince: number | null;
  /** When the store was looked at for the latest change; absent: not yet. */
  readonly lookedAt?: number;
}

/** Nothing has been told yet. */
export const NOTHING_TOLD: NoticeState = {
  overdue: [],
  judgedUntil: { sales: null, marketing: null },
  failingSince: null,
};

/** What holds at *now*, as the store has it. */
export interface Present {
  readonly overdue: readonly OverduePass[];
  readonly salesWeeks: readonly SalesWeek[];
  readonly windows: readonly DeliveryWindow[];
  /** Everything modified up to here has been worked on; null: no run has been completed yet. */
  readonly workedUntil: number | null;
  /** When the latest complete run ended. */
  readonly lastCompleteRunAt: number | null;
}

/** Notices to send and the state to remember with them. */
export interface Change {
  readonly notices: readonly Notice[];
  readonly state: NoticeState;
}

/**
 * What has changed since it was last told. Nothing is judged on half the data: overdue leads are told once a first run
 * is complete, a week or window once everything up to its end has been worked on. Weeks and windows that had ended
 * before the first look are not told. `now` is when the look at the store began: one that another process overtook
 * tells nothing, or what it did not see yet would be told again.
 */
export function changeNotices(subject: Subject, told: NoticeState, present: Present, now: number): Change {
  const overtakenBy = (told.lookedAt ?? now) - now;
  if (present.workedUntil === null || (overtakenBy > 0 && overtakenBy < OVERTAKEN_MS))
    return { notices: [], state: told };
  const keys = present.overdue.map(overdueKey).toSorted();
  const sales = justEnded(present.salesWeeks, told.judgedUntil.sales, present.workedUntil);
  const marketing = justEnded(present.windows, told.judgedUntil.marketing, present.workedUntil);
  const recovered = told.failingSince !== null && (present.lastCompleteRunAt ?? 0) > told.failingSince;
  return {
    notices: [
      ...(recovered ? recoveredNotice(subject, told.failingSince, now) : []),
      ...overdueDigest(subject, newlyOverdue(told.overdue, keys), present.overdue, now),
      ...sales.ended.filter((week) => week.missed > 0).map((week) => missedSales(subject, week, now)),
      ...marketing.ended.filter((one) => !one.kept).map((one) => missedMarketing(subject, one, now)),
    ],
    state: {
      overdue: keys,
      judgedUntil: { sales: sales.judgedUntil, marketing: marketing.judgedUntil },
      failingSince: recovered ? null : told.failingSince,
      lookedAt: now,
    },
  };
}

/** Syncing has failed for good this time; told once until it works again. */
export function failureNotices(subject: Subject, told: NoticeState, failure: Failure, now: number): Change {
  if (told.failingSince !== null) return { notices: [], state: told };
  const { code, message } = failure;
  const notice: Notice = {
    ...subject,
    id: `sync_failing.${now}`,
    event: 'sync_failing',
    at: now,
    code,
    message,
  };
  return { notices: [notice], state: { ...told, failingSince: now } };
}

/** The scorecard of a schedule. One an hour at most, so that a job run twice sends it once. */
export function scorecardNotice(subject: Subject, figures: ScorecardFigures, now: number): Notice {
  const id = `scorecard.${Math.floor(now / 3_600_000)}`;
  return { ...subject, id, event: 'scorecard', at: now, figures };
}

/** What changed since the period before: differences of rates (fractions, 4 decimals) and of leads; null without either figure. */
export function scorecardChange({ sales, marketing, conversion, before }: ScorecardFigures): Comparable {
  return {
    attainment: difference(sales.rate, before.attainment),
    delivered: difference(marketing?.delivered ?? null, before.delivered),
    conversion: difference(conversion.rate, before.conversion),
  };
}

function difference(now: number | null, before: number | null): number | null {
  if (now === null || before === null) return null;
  return Math.round((now - before) * 10_000) / 10_000;
}

/** Keys that are overdue now and were not before. */
export function newlyOverdue(before: readonly string[], now: readonly string[]): readonly string[] {
  const known = new Set(before);
  return now.filter((key) => !known.has(key));
}

/** An error as a notice may show it: ours as they are, others only as unexpected, for their messages may hold anything. */
export function describeFailure(error: unknown): Failure {
  if (isHandoffError(error)) return { code: error.code, message: error.message };
  return { code: 'unexpected', message: 'An unexpected error. The log of the worker says more.' };
}

/** A pass keeps its key as long as it is the same attempt of the same contact. */
function overdueKey(pass: OverduePass): string {
  return `${pass.contactId}/${pass.pass}`;
}

function overdueDigest(
  subject: Subject,
  newKeys: readonly string[],
  overdue: readonly OverduePass[],
  now: number,
): Notice[] {
  if (newKeys.length === 0) return [];
  const isNew = new Set(newKeys);
  const contacts = overdue
    .filter((pass) => isNew.has(overdueKey(pass)))
    .toSorted((a, b) => a.dueAt - b.dueAt)
    .slice(0, DIGEST_CONTACTS);
  const id = `newly_overdue.${now}`;
  return [{ ...subject, id, event: 'newly_overdue', at: now, total: newKeys.length, contacts }];
}

/** Periods that ended since the last look, oldest first. The first look only takes note of where it stands. */
function justEnded<Period extends { readonly to: number }>(
  periods: readonly Period[],
  judgedUntil: number | null,
  workedUntil: number,
): { readonly ended: readonly Period[]; readonly judgedUntil: number } {
  if (judgedUntil === null) return { ended: [], judgedUntil: workedUntil };
  const ended = periods
    .filter(({ to }) => to > judgedUntil && to <= workedUntil)
    .toSorted((a, b) => a.to - b.to);
  return { ended, judgedUntil: ended.at(-1)?.to ?? judgedUntil };
}

function missedSales(subject: Subject, week: SalesWeek, now: number): Notice {
  const { from, to, due, kept, missed } = week;
  const id = `promise_missed.sales.${to}`;
  const period = { from, to, due, kept, missed };
  return { ...subject, id, event: 'promise_missed', at: now, side: 'sales', period };
}

function missedMarketing(subject: Subject, window: DeliveryWindow, now: number): Notice {
  const { from, to, delivered, fit, quota, kept } = window;
  const id = `promise_missed.marketing.${to}`;
  const period = { from, to, delivered, fit, quota, kept };
  return { ...subject, id, event: 'promise_missed', at: now, side: 'marketing', period };
}

function recoveredNotice(subject: Subject, failingSince: number, now: number): Notice[] {
  return [{ ...subject, id: `sync_recovered.${now}`, event: 'sync_recovered', at: now, failingSince }];
}

/**
 * The nouns of handoff, shared by every part. Pure types: this folder knows no I/O, no clock and no logger;
 * *now* is always an argument. All instants are epoch milliseconds (UTC) unless a name says otherwise.
 * The definitions behind them: README, "What the numbers mean".
 */

/** What a lifecycle stage means for the hand-over (README: Roles). */
export type Role = 'before' | 'mql' | 'accepted' | 'sql' | 'after' | 'lost';
/** Every role, in the order of the way through them; `lost` stands outside it. */
export const ROLES = ['before', 'mql', 'accepted', 'sql', 'after', 'lost'] as const satisfies readonly Role[];

/** One entry of a contact's `lifecyclestage` history. A blank `value` is a clear. */
export interface HistoryEntry {
  readonly value: string;
  readonly timestamp: number;
  /** HubSpot's word for where the value came from, e.g. `CRM_UI`, `IMPORT`, `INTEGRATION`. */
  readonly sourceType: string;
  readonly sourceId?: string;
}

/** A contact as read from HubSpot, or as remembered. Property values are HubSpot's own strings. */
export interface Contact {
  readonly id: string;
  /** HubSpot's `updatedAt` (its `lastmodifieddate`), ms. */
  readonly updatedAt: number;
  readonly archived: boolean;
  /** In the order in which the API gave it (newest first, without a promise of it). */
  readonly history: readonly HistoryEntry[];
  /** True when entries older than `history` may be missing: HubSpot keeps 45 and the memory does not reach further back. */
  readonly truncated: boolean;
  /** Present values of the properties that rules, fit and groupings name (`hubspot_owner_id`, `numemployees`, …). */
  readonly properties: Readonly<Record<string, string>>;
  /** Ids of contacts that this one has absorbed by merging. */
  readonly mergedIds: readonly string[];
}

/** What to know of a history before trusting its numbers: the options of the property `flags`, in alphabetical order. */
export const FLAGS = [
  'cleared',
  'future',
  'implied_sql',
  'imported',
  'instant',
  'merged',
  'truncated',
  'unmapped',
] as const;
/** One of `FLAGS`. */
export type Flag = (typeof FLAGS)[number];

/** How the latest attempt to qualify a contact went: the options of the property `status` (README: Status). */
export const STATUSES = ['open', 'qualified', 'recycled', 'disqualified', 'direct_sql'] as const;
/** One of `STATUSES`. */
export type Status = (typeof STATUSES)[number];
/** How a pass stands or ended. A direct SQL is no pass. */
export type Outcome = Exclude<Status, 'direct_sql'>;

/** Where a sales promise stands: the first three while its clock runs, the others once it stopped. */
export const SLA_STATUSES = ['on_track', 'due_soon', 'overdue', 'met', 'met_late'] as const;
/** One of `SLA_STATUSES`. */
export type SlaStatus = (typeof SLA_STATUSES)[number];

/** ISO weekday: 1 Monday … 7 Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Minutes after local midnight, `[open, close)`; close may be 1440. Sorted, not overlapping. */
export interface OpenHours {
  readonly open: number;
  readonly close: number;
}

/** When business hours are: the zone, the week and the days off. `dueAt` and business time are counted by it. */
export interface Calendar {
  /** IANA zone, e.g. `Europe/London`. */
  readonly timeZone: string;
  /** Opening hours by ISO weekday, index 0 = Monday … 6 = Sunday; an empty list is a day off. At least one day has hours. */
  readonly week: readonly (readonly OpenHours[])[];
  /** Local dates `YYYY-MM-DD` without business hours. */
  readonly holidays: readonly string[];
}

/** A length of time: plain elapsed time, or time inside business hours. */
export interface Duration {
  readonly ms: number;
  readonly business: boolean;
}

/** A wall-clock point of the week in the calendar's zone. `minute` counts from local midnight. */
export interface WeekPoint {
  readonly weekday: Weekday;
  readonly minute: number;
}

/** A condition on one property: any of these values (exact), or a number between bounds (inclusive). Blank meets none. */
export type Condition =
  | { readonly anyOf: readonly string[] }
  | { readonly atLeast?: number; readonly atMost?: number };
/** All must hold. */
export type Conditions = Readonly<Record<string, Condition>>;

/** What stops the clock of a sales promise: any decision, acceptance (or any decision), or qualification alone. */
export type StopsOn = 'decision' | 'acceptance' | 'qualified';

/** One promise of sales: which leads it is for and by when it is kept. Rules stand in order, the first that fits applies. */
export interface SlaRule {
  readonly name: string;
  /** Digest of the rule's meaning and of the calendar it counts in. */
  readonly version: string;
  readonly when: Conditions;
  readonly target:
    | { readonly within: Duration }
    | { readonly by: WeekPoint; readonly cutoff?: WeekPoint; readonly onHoliday: 'next' | 'previous' };
  readonly stopsOn: StopsOn;
  readonly dueSoon: Duration;
}

/** The promise of marketing: so many leads per delivery window, and the share of them that fits. */
export interface MarketingPromise {
  /** Leads due in each delivery window. */
  readonly quota: number;
  /** When one delivery window ends and the next begins. */
  readonly window: WeekPoint;
  /** `share` is a fraction 0..1. */
  readonly fit?: { readonly share: number; readonly when: Conditions };
}

/** Everything the core needs to judge a contact of one portal. */
export interface Rules {
  /** Stage value → role, for the portal's present stages and retired ones. */
  readonly roles: ReadonlyMap<string, Role>;
  readonly clearGraceMs: number;
  readonly calendar: Calendar;
  /** The promises hold for passes opened at or after this instant; absent: all. */
  readonly since?: number;
  readonly sales: readonly SlaRule[];
  /** Digest of all sales rules in their order, the calendar and `since`: decided passes keep the judgement of the promise they were judged by. */
  readonly promise: string;
  readonly marketing?: MarketingPromise;
}

/** How a history row was used (for `explain`). */
export type RowUse =
  | 'used'
  | 'repeat' // same value at the same timestamp
  | 'future'
  | 'unmapped'
  | 'clear_dropped' // followed by a stage within the grace
  | 'clear_pending' // nothing after it and younger than the grace
  | 'same_stage'; // equal to the entry before it

/** A history entry after preparation, oldest first; `role` null is "no stage" (a clear that holds). */
export interface Step {
  readonly value: string;
  readonly timestamp: number;
  readonly sourceType: string;
  readonly role: Role | null;
}

/** The outcome of preparing a history. `rows` holds every entry, oldest first, with its fate. */
export interface PreparedHistory {
  readonly steps: readonly Step[];
  readonly rows: readonly { readonly entry: HistoryEntry; readonly use: RowUse }[];
  readonly flags: ReadonlySet<'future' | 'unmapped'>;
  /** When this preparation may turn out differently although nothing happens in HubSpot (a pending clear, a future entry). */
  readonly changesAt: number | null;
}

/** How a promise stands for one pass. `version` and `promise` are those of the rules it was judged by. */
export interface SlaJudgement {
  readonly rule: string;
  readonly version: string;
  readonly promise: string;
  /** Null when the promise is void (`stopsOn: qualified` and the pass ended otherwise in time). */
  readonly dueAt: number | null;
  readonly dueSoonAt: number | null;
  /** When the clock stopped; null while it runs. */
  readonly stoppedAt: number | null;
  /** Null when void. */
  readonly status: SlaStatus | null;
}

/** One attempt to qualify a lead (README: Pass). */
export interface Pass {
  /** 1-based number among the contact's passes. */
  readonly number: number;
  readonly openedAt: number;
  readonly acceptedAt: number | null;
  /** When it ended, however it ended; null while open. */
  readonly decidedAt: number | null;
  readonly outcome: Outcome;
  readonly impliedSql: boolean;
  readonly instant: boolean;
  /** Ended by a clear. */
  readonly cleared: boolean;
  /** The opening or the qualifying entry came from an import. */
  readonly imported: boolean;
  /** Business time between opening and qualification, ms; null unless qualified. */
  readonly businessMs: number | null;
  /** Null where no rule applies or the pass opened before `since`. */
  readonly sla: SlaJudgement | null;
}

/** A row of the scorecard: one pass with what its groupings need. `fit`, `flags` and `properties` are the contact's. */
export interface PassRow {
  readonly contactId: string;
  readonly pass: Pass;
  readonly fit: boolean | null;
  /** The contact's latest pass. */
  readonly latest: boolean;
  /** The contact's, which says `direct_sql` when an SQL followed the latest pass without an MQL; null: it has none. */
  readonly status: Status | null;
  readonly flags: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
}

/** Names of the properties handoff owns, without their prefix. */
export const PROPERTY_NAMES = [
  'status',
  'mql_date',
  'accepted_date',
  'sql_date',
  'decided_date',
  'hours_to_qualify',
  'business_hours_to_qualify',
  'pass',
  'transitions',
  'first_mql_date',
  'first_sql_date',
  'sla',
  'sla_status',
  'sla_due_date',
  'flags',
] as const;
/** One of `PROPERTY_NAMES`, without its prefix. */
export type PropertyName = (typeof PROPERTY_NAMES)[number];
/** Values as HubSpot takes them: ISO 8601 UTC with ms, plain numbers, `""` for blank. */
export type PropertyValues = Readonly<Record<PropertyName, string>>;
/** Values by unprefixed name, as a contact carries them now (any of HubSpot's notations; null or absent is blank). */
export type CurrentValues = Readonly<Partial<Record<PropertyName, string | null>>>;
/** The part of the values that differs and must be sent. Empty: nothing to write. */
export type Difference = Readonly<Partial<Record<PropertyName, string>>>;

/** Everything known of a contact at *now*. */
export interface Facts {
  readonly status: Status | null;
  readonly passes: readonly Pass[];
  /** For `direct_sql`: that SQL entry. */
  readonly directSqlAt: number | null;
  readonly firstSqlAt: number | null;
  readonly flags: readonly Flag[];
  /** Does the contact meet the marketing promise's fit conditions? Null when none are set. */
  readonly fit: boolean | null;
  /** The next instant at which these facts change by the passing of time alone; null: never. */
  readonly changesAt: number | null;
  readonly values: PropertyValues;
}

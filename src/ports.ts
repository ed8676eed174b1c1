/**
 * What the jobs need from outside, and what each adapter promises. Implementations: `hubspot/` (contact source,
 * property writer, portal), `store/` (fact store), `queue/` (rate gate, queue), the system clock in `app.ts`.
 */
import type {
  Contact,
  CurrentValues,
  Difference,
  Facts,
  HistoryEntry,
  Pass,
  PropertyName,
  Rules,
  SlaJudgement,
  Status,
} from './domain/types.ts';

/** Milliseconds since 1970, UTC. The only source of time outside tests. */
export interface Clock {
  now(): number;
}

// ---------------------------------------------------------------------------------------------- rate gate

/** HubSpot counts searches apart from everything else (5 a second); `other` covers definitions and account calls. */
export type CallKind = 'search' | 'read' | 'write' | 'other';
/** `live`: polls and people waiting. `backfill`: full runs and bursts of deadlines, which step back for live work. */
export type Lane = 'live' | 'backfill';

/** Limits as learnt from HubSpot's headers and account endpoints; absent: unknown. */
export interface LearntLimits {
  readonly burst?: { readonly max: number; readonly windowMs: number };
  readonly day?: { readonly max: number; readonly remaining: number; readonly resetsAt?: number };
}

export interface GateState {
  readonly burst: { readonly max: number; readonly used: number; readonly windowMs: number };
  readonly search: { readonly max: number; readonly used: number; readonly windowMs: number };
  readonly day: { readonly max: number | null; readonly remaining: number | null };
  /** Until when a 429 holds everybody back, by scope; absent: open. */
  readonly closedUntil: { readonly burst?: number; readonly search?: number; readonly day?: number };
}

/** One gate per portal and credential, shared by every process on the same engine. */
export interface RateGate {
  /**
   * Resolves when a call of this kind may go out now. Waits short times itself; throws RateLimitedError with the
   * wait when it would take longer than a few seconds (the queue then delays the job), and when the signal aborts.
   */
  acquire(portal: string, kind: CallKind, lane: Lane, signal?: AbortSignal): Promise<void>;
  /** Takes over limits seen in an answer. */
  learn(portal: string, limits: LearntLimits): Promise<void>;
  /** Holds back every caller of this portal (search calls, or all) until the instant. Never shortens an earlier hold. */
  close(portal: string, scope: 'burst' | 'search' | 'day', until: number): Promise<void>;
  state(portal: string): Promise<GateState>;
}

// ---------------------------------------------------------------------------------------------- HubSpot

/** A contact that a search or a list walk came upon. */
export interface Found {
  readonly id: string;
  /** `lastmodifieddate` as the search index has it, ms. */
  readonly modifiedAt: number;
}

/** Where a walk stands: the largest id seen. `null` at the start. */
export interface FindPage {
  readonly found: readonly Found[];
  /** Pass to the next call; null: no more. */
  readonly after: string | null;
}

/** A contact with what it carries of ours. */
export interface ReadContact {
  readonly contact: Contact;
  readonly current: CurrentValues;
}

/** What became of ids asked for: read, or missing with where they went. */
export interface ReadAnswer {
  readonly contacts: readonly ReadContact[];
  /** Ids HubSpot did not give; `reconcile` finds out what became of them. */
  readonly missing: readonly string[];
}

export type Whereabouts =
  | { readonly id: string; readonly now: 'live' }
  | { readonly id: string; readonly now: 'merged'; readonly into: string }
  | { readonly id: string; readonly now: 'archived' }
  /** Deleted for good, or for privacy. */
  | { readonly id: string; readonly now: 'gone' };

/** One portal, read. Every call goes through the rate gate and throws the classes of `errors.ts`. */
export interface ContactSource {
  /**
   * Contacts modified in `[from, to]` (ms; from null: since ever) that may concern us, in ascending id order, ids greater than
   * `after`. Finds those that ever entered an mql or sql stage or carry our status; where HubSpot cannot be asked that, all.
   */
  find(
    window: { readonly from: number | null; readonly to: number },
    after: string | null,
    lane: Lane,
    signal?: AbortSignal,
  ): Promise<FindPage>;
  /** Up to 100 contacts with stage history, our values and the named properties. */
  read(ids: readonly string[], lane: Lane, signal?: AbortSignal): Promise<ReadAnswer>;
  /** Up to 100 ids: live, merged into another, archived or gone? */
  locate(ids: readonly string[], lane: Lane, signal?: AbortSignal): Promise<readonly Whereabouts[]>;
}

export interface WriteInput {
  readonly id: string;
  readonly values: Difference;
  /** The stage the difference was computed from; an answer with another one is not taken for an echo. */
  readonly stage: string;
}

export type Receipt =
  | { readonly id: string; readonly ok: true; readonly updatedAt: number | null }
  /** `reason` is HubSpot's, with property values left out; `code` is stable. */
  | { readonly id: string; readonly ok: false; readonly code: string; readonly reason: string };

export interface PropertyWriter {
  /** Up to 100 inputs with distinct ids; one receipt each. Refused records are isolated, the others written. */
  write(inputs: readonly WriteInput[], lane: Lane, signal?: AbortSignal): Promise<readonly Receipt[]>;
}

/** Calls made, as `sync --json` shows them. `rejected` counts 429s. */
export type Calls = Record<CallKind | 'rejected', number>;

export interface Stage {
  readonly value: string;
  readonly label: string;
  readonly displayOrder: number;
}

export type PropertyProblem =
  | { readonly name: string; readonly problem: 'missing' }
  | { readonly name: string; readonly problem: 'wrong_type'; readonly found: string; readonly wanted: string }
  | { readonly name: string; readonly problem: 'missing_options'; readonly options: readonly string[] };

/** What is known of the portal itself. */
export interface Portal {
  account(): Promise<{ readonly portalId: string; readonly timeZone: string }>;
  /** In the portal's own order. */
  stages(): Promise<readonly Stage[]>;
  /** Our properties compared with what the portal has. */
  inspectProperties(): Promise<readonly PropertyProblem[]>;
  /** Creates the group and what is missing; throws ConfigurationError for a wrong type, CredentialsError with what to create by hand. Returns the names created. */
  ensureProperties(): Promise<readonly string[]>;
  /** Names of properties that rules and groupings use but the portal lacks. */
  unknownProperties(names: readonly string[]): Promise<readonly string[]>;
  /** Scopes of the token where HubSpot tells; null where it does not. */
  scopes(): Promise<readonly string[] | null>;
  /** Today's use of the daily limit where HubSpot tells. */
  dailyUse(): Promise<{ readonly limit: number; readonly used: number; readonly resetsAt: number } | null>;
  /** Owner id → name and team, for the report. */
  owners(): Promise<ReadonlyMap<string, { readonly name: string; readonly team: string | null }>>;
}

/** What of a portal's contacts is of interest. */
export interface ContactScope {
  /** Stage values with role `mql` or `sql`, retired ones included. */
  readonly entryStages: readonly string[];
  /** Properties that rules, fit and groupings name. */
  readonly properties: readonly string[];
}

/** All of one portal, as `app.ts` wires it. */
export interface HubSpot {
  readonly portal: Portal;
  /** `calls` is counted up by every call made through what is returned. */
  contacts(
    scope: ContactScope,
    calls: Calls,
  ): { readonly source: ContactSource; readonly writer: PropertyWriter };
  /** Calls made through `portal`. */
  readonly calls: Calls;
}

/** One portal made ready for the jobs: its rules as they stand in HubSpot now, and its contacts. */
export interface PortalWork {
  readonly name: string;
  readonly rules: Rules;
  /** Digest of everything in the configuration and the portal's stages that decides values. */
  readonly fingerprint: string;
  contacts(calls: Calls): { readonly source: ContactSource; readonly writer: PropertyWriter };
  /** What a change since that fingerprint asks for: nothing, a recomputation of what is remembered, or reading everything. */
  changeSince(fingerprint: string | null): {
    readonly needs: 'nothing' | 'recompute' | 'full';
    readonly reasons: readonly string[];
  };
}

// ---------------------------------------------------------------------------------------------- fact store

/** What is remembered of a contact. No names, no addresses. */
export interface StoredContact {
  readonly contact: Contact;
  readonly status: Status | null;
  /** What we believe the contact carries, unprefixed; used to recompute without reading. */
  readonly values: CurrentValues;
  readonly passes: readonly Pass[];
}

/** What one qualification wants remembered. Replaces everything known of the id. */
export interface SavedContact {
  readonly contact: Contact;
  readonly facts: Facts;
  /** The values the contact carries after the write (or without one). */
  readonly values: CurrentValues;
  /** `updatedAt` that identifies an echo: of our write's answer, else of the read; null: none, read it again. */
  readonly seenModifiedAt: number | null;
}

/** `changes`: modified since the last run. `full`: all. `recompute`: remembered contacts, without reading HubSpot; `rejudge`: the same, and decided passes are judged anew. */
export type RunMode = 'changes' | 'full' | 'recompute' | 'rejudge';
export type RunState = 'finding' | 'working' | 'done' | 'interrupted';

/** Counts that add up: found = written + unchanged + skipped + failed. `cleared` is the part of `written` that lost its values. */
export interface RunCounts {
  readonly found: number;
  readonly read: number;
  readonly passes: number;
  readonly written: number;
  readonly unchanged: number;
  readonly cleared: number;
  readonly failed: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  readonly calls: Calls;
}
/** Why a contact that was found needed nothing. */
export type SkipReason = 'echo' | 'archived' | 'merged' | 'gone' | 'duplicate';

export interface Run {
  readonly id: string;
  readonly portal: string;
  readonly mode: RunMode;
  readonly state: RunState;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  /** Last sign of life, ms. */
  readonly touchedAt: number;
  /** The fixed window of `lastmodifieddate`, ms. */
  readonly window: { readonly from: number | null; readonly to: number };
  /** Where the search stands. */
  readonly after: string | null;
  /** Digest of the configuration the run works under. */
  readonly fingerprint: string;
  readonly counts: RunCounts;
  readonly batches: { readonly done: number; readonly pending: number };
  /** Why it was interrupted: stable code and message. */
  readonly stoppedBy: { readonly code: string; readonly message: string } | null;
}

export interface Batch {
  readonly run: string;
  readonly seq: number;
  readonly ids: readonly string[];
}

export interface Failure {
  readonly id: string;
  readonly code: string;
  readonly reason: string;
  readonly failedAt: number;
  readonly attempts: number;
}

export interface PortalState {
  readonly portalId: string | null;
  /** Everything modified up to here has been worked on, ms; null: never. */
  readonly cursor: number | null;
  readonly lastFullAt: number | null;
  /** Digests of the configuration of the last complete run; empty: none yet. See `config/fingerprint.ts`. */
  readonly fingerprint: string | null;
}

/** A row of the report: one pass with what the groupings need. */
export interface PassRow {
  readonly contactId: string;
  readonly pass: Pass;
  readonly fit: boolean | null;
  readonly latest: boolean;
  readonly flags: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
}

/** Survives everything. Every method is atomic. Portals never see each other. */
export interface FactStore {
  portal(name: string): Promise<PortalState>;
  savePortal(name: string, change: Partial<PortalState>): Promise<void>;

  /** Remembered contacts among these ids; absorbed ids are not among them. */
  contacts(portal: string, ids: readonly string[]): Promise<ReadonlyMap<string, StoredContact>>;
  /** `seenModifiedAt` of these ids, to tell echoes. */
  seen(portal: string, ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** One transaction: contacts, their passes, absorbed ids removed, failures of these ids cleared. `fullRun`: mark as seen by that run. */
  save(portal: string, saved: readonly SavedContact[]): Promise<void>;
  archive(portal: string, ids: readonly string[], archived: boolean): Promise<void>;
  /** Erases every trace of these contacts. */
  forget(portal: string, ids: readonly string[]): Promise<void>;
  /** Ids whose facts change by time at or before `now`, ordered by that instant then id. */
  due(
    portal: string,
    now: number,
    limit: number,
  ): Promise<readonly { readonly id: string; readonly changesAt: number }[]>;
  /** Every remembered id in ascending numeric order greater than `after`, `limit` at a time. */
  ids(portal: string, after: string | null, limit: number): Promise<readonly string[]>;
  /** Remembered, not archived ids that no `markSeen` of this run named. */
  unseenBy(portal: string, run: string, limit: number): Promise<readonly string[]>;
  markSeen(portal: string, run: string, ids: readonly string[]): Promise<void>;

  fail(portal: string, failures: readonly Omit<Failure, 'attempts'>[]): Promise<void>;
  failures(portal: string): Promise<readonly Failure[]>;
  clearFailures(portal: string, ids: readonly string[]): Promise<void>;

  /** Starts a run, unless one of this portal is unfinished: then that one is returned. */
  startRun(run: Pick<Run, 'id' | 'portal' | 'mode' | 'startedAt' | 'window' | 'fingerprint'>): Promise<Run>;
  run(id: string): Promise<Run | null>;
  unfinishedRun(portal: string): Promise<Run | null>;
  /** Latest finished run of the portal. */
  lastRun(portal: string): Promise<Run | null>;
  /** Adds batches and moves the search position, in one transaction. `found` and `skipped` are added to the counts. */
  addBatches(
    run: string,
    batches: readonly (readonly string[])[],
    progress: {
      readonly after: string | null;
      readonly counts: Partial<RunCounts>;
      readonly touchedAt: number;
      readonly finished: boolean;
    },
  ): Promise<readonly Batch[]>;
  pendingBatches(run: string, limit: number, afterSeq: number): Promise<readonly Batch[]>;
  batch(run: string, seq: number): Promise<Batch | null>;
  /** Marks a batch done and adds its counts, once: a second call for the same batch changes nothing. */
  finishBatch(run: string, seq: number, counts: Partial<RunCounts>, touchedAt: number): Promise<void>;
  /** Done when the search is finished and no batch is pending; moves the portal's cursor in the same transaction. Returns whether this call finished it. */
  tryFinishRun(run: string, now: number, portalChange: Partial<PortalState>): Promise<boolean>;
  /** `interrupted`, with the reason; or back to life. */
  interruptRun(
    run: string,
    by: { readonly code: string; readonly message: string },
    now: number,
  ): Promise<void>;
  resumeRun(run: string, now: number): Promise<void>;
  addCalls(run: string, calls: Calls): Promise<void>;

  /** Streams every pass of live contacts, for the report. `properties: false` leaves them empty, which is faster. */
  passRows(portal: string, options?: { readonly properties?: boolean }): AsyncIterable<PassRow>;
  /** Streams every remembered live contact, for as-of, what-if and recomputation counts. */
  storedContacts(portal: string): AsyncIterable<StoredContact>;
  /** Contacts and direct SQLs that no pass row shows. */
  contactCounts(portal: string): Promise<{
    readonly contacts: number;
    readonly directSql: number;
    readonly flags: Readonly<Record<string, number>>;
  }>;

  /** Small named values (state of notices). */
  getState(portal: string, key: string): Promise<string | null>;
  setState(portal: string, key: string, value: string | null): Promise<void>;
  close(): Promise<void>;
}

export type { CurrentValues, HistoryEntry, PropertyName, SlaJudgement };

/** What the jobs remember, and what the store promises. Part of `ports.ts`, which is where it is imported from. */
import type { Contact, CurrentValues, Facts, Pass, PassRow, Status } from './domain/types.ts';
import type { Calls } from './ports.ts';

export type { PassRow } from './domain/types.ts';

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
/**
 * `finding`: its search goes on. `working`: batches are left. `interrupted`: to be taken up by the next start.
 * `done`: for good.
 */
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

/** One sync of a portal, from its search to its last batch. All instants are ms since 1970, UTC. */
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

/** Up to 100 contact ids of a run, written down before they are queued. `seq` numbers them within the run. */
export interface Batch {
  readonly run: string;
  readonly seq: number;
  readonly ids: readonly string[];
}

/**
 * A contact that could not be synced; every run tries it again. `code` is stable, `reason` HubSpot's without values,
 * `failedAt` in ms UTC, `attempts` how often so far.
 */
export interface Failure {
  readonly id: string;
  readonly code: string;
  readonly reason: string;
  readonly failedAt: number;
  readonly attempts: number;
}

/**
 * What is remembered of a portal as a whole. Instants are ms since 1970, UTC; `lastFullAt` is the start of the last
 * complete full run, null: none. `portalId` is HubSpot's number of the account.
 */
export interface PortalState {
  readonly portalId: string | null;
  /** Everything modified up to here has been worked on, ms; null: never. */
  readonly cursor: number | null;
  readonly lastFullAt: number | null;
  /** Digests of the configuration of the last complete run; empty: none yet. See `config/fingerprint.ts`. */
  readonly fingerprint: string | null;
}

/** An open pass after its due time. */
export interface OverduePass {
  readonly contactId: string;
  /** 1-based number of the pass. */
  readonly pass: number;
  /** Name of the rule that applies. */
  readonly rule: string;
  readonly dueAt: number;
}

/** Survives everything. Every method is atomic. Portals never see each other. */
export interface FactStore {
  portal(name: string): Promise<PortalState>;
  savePortal(name: string, change: Partial<PortalState>): Promise<void>;

  /** Remembered contacts among these ids; absorbed ids are not among them. */
  contacts(portal: string, ids: readonly string[]): Promise<ReadonlyMap<string, StoredContact>>;
  /** `seenModifiedAt` of these ids, to tell echoes. */
  seen(portal: string, ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** One transaction: contacts, their passes, absorbed ids removed, failures of these ids cleared but for those that `failed` counts on. */
  save(
    portal: string,
    saved: readonly SavedContact[],
    failed?: readonly Omit<Failure, 'attempts'>[],
  ): Promise<void>;
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
  /** Remembered ids that no `markSeen` of this run named: the live ones, or the archived ones. */
  unseenBy(portal: string, run: string, limit: number, archived?: boolean): Promise<readonly string[]>;
  markSeen(portal: string, run: string, ids: readonly string[]): Promise<void>;

  fail(portal: string, failures: readonly Omit<Failure, 'attempts'>[]): Promise<void>;
  failures(portal: string): Promise<readonly Failure[]>;

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

  /** Open passes whose clock runs and whose due time is before `now`, longest overdue first, contacts in HubSpot only. */
  overdue(portal: string, now: number): Promise<readonly OverduePass[]>;
  /** Streams every pass of live contacts, for the report and the summary. `properties: false` leaves them empty, which is faster. */
  passRows(portal: string, options?: { readonly properties?: boolean }): AsyncIterable<PassRow>;
  /** Streams every remembered live contact, for as-of, what-if and recomputation counts. */
  storedContacts(portal: string): AsyncIterable<StoredContact>;
  /** Contacts with a status, the direct SQLs among them, and contacts per flag; archived ones left out. */
  contactCounts(portal: string): Promise<{
    readonly contacts: number;
    readonly directSql: number;
    readonly flags: Readonly<Record<string, number>>;
  }>;

  /** A name of this store, given once: queues of several stores on one Redis are told apart by it. */
  installation(): Promise<string>;
  /** Small named values (state of notices). */
  getState(portal: string, key: string): Promise<string | null>;
  setState(portal: string, key: string, value: string | null): Promise<void>;
  /** Changes a named value with no other process in between, and gives what it is now. `change` may be called again after a deadlock: it must do nothing else. */
  updateState(
    portal: string,
    key: string,
    change: (before: string | null) => string | null,
  ): Promise<string | null>;
  close(): Promise<void>;
}

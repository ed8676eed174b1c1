/**
 * What the jobs need from outside, and what each adapter promises. Implementations: `hubspot/` (contact source,
 * property writer, portal), `store/` (fact store), `queue/` (rate gate, queue), the system clock in `app.ts`.
 */
import type { Contact, CurrentValues, Difference, Rules } from './domain/types.ts';

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

/**
 * How a portal's gate stands: calls used in each window (`windowMs` in ms), what is left of the day. Null: HubSpot
 * has not told. `closedUntil` is in ms since 1970, UTC.
 */
export interface GateState {
  readonly burst: { readonly max: number; readonly used: number; readonly windowMs: number };
  readonly search: { readonly max: number; readonly used: number; readonly windowMs: number };
  readonly day: { readonly max: number | null; readonly remaining: number | null };
  /** Until when a 429 holds everybody back, by scope; absent: open. */
  readonly closedUntil: { readonly burst?: number; readonly search?: number; readonly day?: number };
}

/** Portals that share a credential share a gate, and so does every process on the same engine. */
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

/** A page of a walk: what was found on it, and the position behind it. */
export interface FindPage {
  readonly found: readonly Found[];
  /** Opaque: pass it to the next call. Null: no more; a walk starts with null. */
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
  /** Ids HubSpot did not give: merged, archived, deleted or not readable now; `locate` tells. */
  readonly missing: readonly string[];
}

/** Where a contact asked for by id is now. */
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

/** What is to be written to one contact. */
export interface WriteInput {
  readonly id: string;
  readonly values: Difference;
  /** The stage the difference was computed from; an answer with another one is not taken for an echo. */
  readonly stage: string;
}

/** What became of one input. `updatedAt` is the contact's `lastmodifieddate` after the write, ms; null: not told, or no echo. */
export type Receipt =
  | { readonly id: string; readonly ok: true; readonly updatedAt: number | null }
  /** `reason` is HubSpot's, with property values left out; `code` is stable. */
  | { readonly id: string; readonly ok: false; readonly code: string; readonly reason: string };

/** One portal, written. Throws as `ContactSource` does; a refused record is no error but a receipt. */
export interface PropertyWriter {
  /** Up to 100 inputs with distinct ids; one receipt each. Refused records are isolated, the others written. */
  write(inputs: readonly WriteInput[], lane: Lane, signal?: AbortSignal): Promise<readonly Receipt[]>;
}

/** Calls made, as `sync --json` shows them. `rejected` counts 429s. */
export type Calls = Record<CallKind | 'rejected', number>;

/** A lifecycle stage of the portal. `value` is HubSpot's internal name; stages with a lower `displayOrder` come first. */
export interface Stage {
  readonly value: string;
  readonly label: string;
  readonly displayOrder: number;
}

/** What is wrong with one of our properties in the portal. `name` carries its prefix. */
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

export type * from './fact-store.ts';

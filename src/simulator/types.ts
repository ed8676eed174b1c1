/** What a simulated portal can be asked to be like, and what a test gets hold of. Instants are epoch ms, UTC. */
import type { Clock } from '../ports.ts';
import type { Portal } from './portal.ts';

/** One entry of a property's history. A blank value is a clear. */
export interface Entry {
  readonly value: string;
  readonly timestamp: number;
  /** HubSpot's word, e.g. `CRM_UI`, `INTEGRATION`, `IMPORT`, `FORM`. */
  readonly sourceType: string;
  readonly sourceId: string;
}

/** A lifecycle stage as the portal's admin arranged it; the place in the list is its `displayOrder`. */
export interface SimulatedStage {
  /** Internal value: a default's name, or what HubSpot generated for a custom stage. */
  readonly value: string;
  readonly label: string;
}

/** A contact to put into the portal as it is, with a past that the API itself would not accept. */
export interface NewContact {
  /** Default: the next free id. Ids must grow. */
  readonly id?: string;
  /** Default: the first stage entry, or now. */
  readonly createdAt?: number;
  /** HubSpot's `lastmodifieddate`; default: the last stage entry that is not in the future, or `createdAt`. */
  readonly updatedAt?: number;
  readonly stages: readonly (Pick<Entry, 'value' | 'timestamp'> & Partial<Entry>)[];
  readonly properties?: Readonly<Record<string, string>>;
}

/** HubSpot's limits as the portal enforces them; see its usage guidelines for the real numbers of each plan. */
export interface SimulatedLimits {
  /** Calls per window and token, searches excluded. */
  readonly burst: number;
  readonly windowMs: number;
  readonly searchPerSecond: number;
  /** Calls per day, everything included; the day ends at midnight in the account's zone. */
  readonly day: number;
}

/** Chances, 0..1 each, that a call meets this fault. One draw per call, so one seed gives one sequence. */
export interface SimulatedFaults {
  /** A 429 although there was room. */
  readonly rate429: number;
  /** 500, 502, 503 or 504 before anything was done. */
  readonly rate5xx: number;
  /** The connection ends without an answer; every other time after the work was done. */
  readonly dropped: number;
  /** The work is done, and the answer breaks off half-way. */
  readonly cutOff: number;
  /** The answer comes `slowMs` late. */
  readonly slow: number;
  readonly slowMs: number;
}

/** What the portal is to be like. Where HubSpot leaves a question open, both readings can be asked for. */
export interface SimulatorOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** For synthetic contacts and faults. Default 1. */
  readonly seed?: number;
  /** Synthetic contacts; default 0. */
  readonly size?: number;
  /** CSV files or folders with leads (`leads.ts` says which formats); their contacts are added to the synthetic ones. */
  readonly leads?: readonly string[];
  /** The portal's own time, also for limits. Default: the system's. */
  readonly clock?: Clock;
  readonly latencyMs?: number;
  readonly limits?: Partial<SimulatedLimits>;
  readonly faults?: Partial<SimulatedFaults>;
  /** How long a change stays invisible to search. Default 0; real portals take seconds. */
  readonly indexLagMs?: number;
  readonly token?: string;
  /** Default: everything handoff uses. */
  readonly scopes?: readonly string[];
  /** IANA zone of the account. Default `Europe/London`. */
  readonly timeZone?: string;
  readonly portalId?: number;
  readonly stages?: readonly SimulatedStage[];
  /** False: the portal lacks the calculated `hs_v2_date_entered_…` properties. Default true. */
  readonly stageProperties?: boolean;
  /** Does a trace id on every input isolate bad records in batch update (documented for create only)? Default true. */
  readonly tracePartial?: boolean;
  /** Status of an answer that is partly good. Default 207; the 2026-09 reference knows only 200. */
  readonly partialStatus?: 200 | 207;
  /** Does writing the value that already stands there move `lastmodifieddate`? Default true. */
  readonly noOpBumps?: boolean;
  /** Does batch read follow the old id of a merged contact? Default false. */
  readonly batchReadFollowsMerges?: boolean;
  /** Do 429s carry `Retry-After` (seconds)? Default false. */
  readonly retryAfter?: boolean;
}

/** `SimulatorOptions` with every default filled in. */
export type Settings = Required<Omit<SimulatorOptions, 'limits' | 'faults' | 'stages'>> & {
  limits: SimulatedLimits;
  faults: SimulatedFaults;
  readonly stages: readonly SimulatedStage[];
};

/** Searches, reads and writes of contacts, and everything else. */
export type SimulatedCallKind = 'search' | 'read' | 'write' | 'other';

/** What the portal has been asked so far. */
export interface SimulatorStats {
  /** Calls that were let in, by kind. */
  readonly calls: Readonly<Record<SimulatedCallKind, number>>;
  /** 429s for limits really exceeded, by limit. */
  readonly violations: { readonly burst: number; readonly search: number; readonly day: number };
  /** The most calls that arrived within any one sliding window, let in or not. */
  readonly maxInWindow: { readonly burst: number; readonly search: number };
  /** Calls counted against the day. */
  readonly today: number;
  /** Faults injected, 429s included. */
  readonly faults: number;
}

/** A running simulated portal. */
export interface Simulator {
  /** For `HUBSPOT_BASE_URL`. */
  readonly url: string;
  readonly token: string;
  /** The portal from within: what users and admins do in HubSpot, and what tests look at. */
  readonly portal: Portal;
  /** What a person should know about the leads from files, as sentences. */
  readonly remarks: readonly string[];
  /** May be changed while it runs. */
  readonly settings: Settings;
  stats(): SimulatorStats;
  /** Starts counting afresh, windows included. */
  resetStats(): void;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

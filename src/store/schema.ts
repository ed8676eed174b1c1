/**
 * The tables, as both engines have them. Instants are epoch milliseconds (UTC), truth values 0 or 1, lists and records JSON
 * text. Contact ids are kept as numbers, so that they sort as HubSpot counts them; they are read back as text, because
 * they outgrow JavaScript's numbers. There is no column for a name, an address or anything else personal.
 */
import type { Outcome, SlaStatus, Status } from '../domain/types.ts';
import type { RunMode, RunState } from '../ports.ts';

type Bit = number;

/** What is known of a portal as a whole; one row each. */
export interface PortalTable {
  name: string;
  portal_id: string | null;
  cursor: number | null;
  last_full_at: number | null;
  fingerprint: string | null;
}

/** One remembered contact. `history` holds `[value, timestamp, sourceType, sourceId?]` rows in the API's order. */
export interface ContactTable {
  portal: string;
  id: bigint;
  updated_at: number;
  seen_modified_at: number | null;
  archived: Bit;
  status: Status | null;
  direct_sql_at: number | null;
  first_sql_at: number | null;
  /** Joined by `;`. */
  flags: string;
  fit: Bit | null;
  changes_at: number | null;
  truncated: Bit;
  merged_ids: string;
  properties: string;
  /** Unprefixed names and the values the contact carries. */
  carried: string;
  history: string;
}

/** One pass of a remembered contact. `sla_rule` null: no promise applies. */
export interface PassTable {
  portal: string;
  contact_id: bigint;
  number: number;
  opened_at: number;
  accepted_at: number | null;
  decided_at: number | null;
  outcome: Outcome;
  implied_sql: Bit;
  instant: Bit;
  cleared: Bit;
  imported: Bit;
  business_ms: number | null;
  sla_rule: string | null;
  sla_version: string | null;
  sla_promise: string | null;
  sla_due_at: number | null;
  sla_due_soon_at: number | null;
  sla_stopped_at: number | null;
  sla_status: SlaStatus | null;
}

/** Contacts that a full run came upon, remembered or not yet; emptied when the run is done. */
export interface SeenTable {
  portal: string;
  id: bigint;
  run: string;
}

/** A contact that HubSpot refused, until a later run succeeds. */
export interface FailureTable {
  portal: string;
  id: bigint;
  code: string;
  reason: string;
  failed_at: number;
  attempts: number;
}

/** One run. `searched`: its search is through. */
export interface RunTable {
  id: string;
  portal: string;
  mode: RunMode;
  state: RunState;
  searched: Bit;
  started_at: number;
  finished_at: number | null;
  touched_at: number;
  window_from: number | null;
  window_to: number;
  after: string | null;
  fingerprint: string;
  counts: string;
  next_seq: number;
  batches_done: number;
  batches_pending: number;
  stopped_code: string | null;
  stopped_message: string | null;
}

/** Ids of one batch still to be worked on; the row goes when it is done. */
export interface BatchTable {
  run: string;
  seq: number;
  ids: string;
}

/** Small named values. */
export interface StateTable {
  portal: string;
  key: string;
  value: string;
}

/** Which versions of the tables this store has been through. */
export interface MigrationTable {
  version: number;
  name: string;
  applied_at: number;
}

/** All tables by name. */
export interface Database {
  portal: PortalTable;
  contact: ContactTable;
  pass: PassTable;
  seen: SeenTable;
  failure: FailureTable;
  run: RunTable;
  batch: BatchTable;
  state: StateTable;
  migration: MigrationTable;
}

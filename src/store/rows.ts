/** Between the domain's contacts and passes and the rows they are kept in. */
import type { Selectable } from 'kysely';
import type { Contact, CurrentValues, HistoryEntry, Pass, SlaJudgement } from '../domain/types.ts';
import type { SavedContact, StoredContact } from '../ports.ts';
import type { ContactTable, PassTable } from './schema.ts';
import { keyOf } from './sql.ts';

/** The columns that make up a remembered contact, besides its id. */
export const CONTACT_COLUMNS = [
  'updated_at',
  'archived',
  'status',
  'truncated',
  'merged_ids',
  'properties',
  'carried',
  'history',
] as const satisfies readonly (keyof ContactTable)[];

/** A contact as selected: the columns above, and the id as text. */
export type ContactRow = Pick<Selectable<ContactTable>, (typeof CONTACT_COLUMNS)[number]> & {
  readonly contactId: string;
};

/** The columns that make up a pass, besides whose it is. */
export const PASS_COLUMNS = [
  'number',
  'opened_at',
  'accepted_at',
  'decided_at',
  'outcome',
  'implied_sql',
  'instant',
  'cleared',
  'imported',
  'business_ms',
  'sla_rule',
  'sla_version',
  'sla_promise',
  'sla_due_at',
  'sla_due_soon_at',
  'sla_stopped_at',
  'sla_status',
] as const satisfies readonly (keyof PassTable)[];

/** A pass as selected: the columns above, and its contact's id as text. */
export type PassColumns = Pick<Selectable<PassTable>, (typeof PASS_COLUMNS)[number]>;

type CompactEntry = readonly [value: string, timestamp: number, sourceType: string, sourceId?: string];

/** The row of a contact. */
export function contactRow(portal: string, saved: SavedContact): ContactTable {
  const { contact, facts } = saved;
  return {
    portal,
    id: keyOf(contact.id),
    updated_at: contact.updatedAt,
    seen_modified_at: saved.seenModifiedAt,
    archived: bit(contact.archived),
    status: facts.status,
    direct_sql_at: facts.directSqlAt,
    first_sql_at: facts.firstSqlAt,
    flags: facts.flags.join(';'),
    fit: facts.fit === null ? null : bit(facts.fit),
    changes_at: facts.changesAt,
    truncated: bit(contact.truncated),
    merged_ids: JSON.stringify(contact.mergedIds),
    properties: JSON.stringify(contact.properties),
    carried: JSON.stringify(saved.values),
    history: JSON.stringify(contact.history.map(compactEntry)),
  };
}

/** The row of a pass. */
export function passRow(portal: string, contactId: string, pass: Pass): PassTable {
  const { sla } = pass;
  return {
    portal,
    contact_id: keyOf(contactId),
    number: pass.number,
    opened_at: pass.openedAt,
    accepted_at: pass.acceptedAt,
    decided_at: pass.decidedAt,
    outcome: pass.outcome,
    implied_sql: bit(pass.impliedSql),
    instant: bit(pass.instant),
    cleared: bit(pass.cleared),
    imported: bit(pass.imported),
    business_ms: pass.businessMs,
    sla_rule: sla?.rule ?? null,
    sla_version: sla?.version ?? null,
    sla_promise: sla?.promise ?? null,
    sla_due_at: sla?.dueAt ?? null,
    sla_due_soon_at: sla?.dueSoonAt ?? null,
    sla_stopped_at: sla?.stoppedAt ?? null,
    sla_status: sla?.status ?? null,
  };
}

/** A remembered contact from its row and its passes in their order. */
export function storedContact(row: ContactRow, passes: readonly Pass[]): StoredContact {
  const contact: Contact = {
    id: row.contactId,
    updatedAt: row.updated_at,
    archived: row.archived === 1,
    history: (JSON.parse(row.history) as CompactEntry[]).map(historyEntry),
    truncated: row.truncated === 1,
    properties: readProperties(row.properties),
    mergedIds: JSON.parse(row.merged_ids) as string[],
  };
  return { contact, status: row.status, values: JSON.parse(row.carried) as CurrentValues, passes };
}

/** The properties kept with a contact. */
export function readProperties(json: string): Readonly<Record<string, string>> {
  return JSON.parse(json) as Record<string, string>;
}

/** The flags kept with a contact. */
export function readFlags(joined: string): string[] {
  return joined === '' ? [] : joined.split(';');
}

/** A pass from its row. */
export function readPass(row: PassColumns): Pass {
  return {
    number: row.number,
    openedAt: row.opened_at,
    acceptedAt: row.accepted_at,
    decidedAt: row.decided_at,
    outcome: row.outcome,
    impliedSql: row.implied_sql === 1,
    instant: row.instant === 1,
    cleared: row.cleared === 1,
    imported: row.imported === 1,
    businessMs: row.business_ms,
    sla: readJudgement(row),
  };
}

function readJudgement(row: PassColumns): SlaJudgement | null {
  if (row.sla_rule === null) return null;
  return {
    rule: row.sla_rule,
    version: row.sla_version ?? '',
    promise: row.sla_promise ?? '',
    dueAt: row.sla_due_at,
    dueSoonAt: row.sla_due_soon_at,
    stoppedAt: row.sla_stopped_at,
    status: row.sla_status,
  };
}

function compactEntry(entry: HistoryEntry): CompactEntry {
  const { value, timestamp, sourceType, sourceId } = entry;
  return sourceId === undefined ? [value, timestamp, sourceType] : [value, timestamp, sourceType, sourceId];
}

function historyEntry([value, timestamp, sourceType, sourceId]: CompactEntry): HistoryEntry {
  return sourceId === undefined
    ? { value, timestamp, sourceType }
    : { value, timestamp, sourceType, sourceId };
}

function bit(truth: boolean): number {
  return truth ? 1 : 0;
}

/** From the store's rows to the scorecard. */

import type { Scorecard } from '../domain/scorecard/document.ts';
import {
  type ContactCounts,
  groupOf,
  type ScorecardInput,
  scorecardBuilder,
} from '../domain/scorecard/scorecard.ts';
import { FLAGS, type PassRow } from '../domain/types.ts';
import type { StoredContact } from '../ports.ts';

/** Short names for the properties people group by most. */
const GROUPINGS: Readonly<Record<string, string>> = {
  owner: 'hubspot_owner_id',
  source: 'hs_analytics_source',
};

/** The internal name of the property that `--by` means. */
export function groupProperty(by: string): string {
  return Object.hasOwn(GROUPINGS, by) ? (GROUPINGS[by] as string) : by;
}

/**
 * Reads every row once. Rows of one contact must follow each other, judged as of `asOf` where that is not now.
 * `by` may be a short name. `countsByGroup` (see `countContacts`) is for groupings only.
 */
export async function buildScorecard(
  rows: AsyncIterable<PassRow> | Iterable<PassRow>,
  input: ScorecardInput & {
    readonly counts: ContactCounts;
    readonly countsByGroup?: ReadonlyMap<string, ContactCounts>;
  },
): Promise<Scorecard> {
  const { by } = input;
  const builder = scorecardBuilder(by === undefined ? input : { ...input, by: groupProperty(by) });
  for await (const row of rows) builder.add(row);
  return builder.finish(input.counts, input.countsByGroup);
}

/** Contacts with a status per value of a property (or its short name), for the groups of a scorecard. */
export async function countContacts(
  contacts: AsyncIterable<StoredContact> | Iterable<StoredContact>,
  by: string,
): Promise<ReadonlyMap<string, ContactCounts>> {
  const property = groupProperty(by);
  const groups = new Map<string, { contacts: number; directSql: number; flags: Record<string, number> }>();
  for await (const { contact, status, values } of contacts) {
    if (status === null) continue;
    const value = groupOf(contact.properties, property);
    const group = groups.get(value) ?? { contacts: 0, directSql: 0, flags: {} };
    groups.set(value, group);
    group.contacts += 1;
    if (status === 'direct_sql') group.directSql += 1;
    const carried = (values.flags ?? '').split(';');
    for (const flag of FLAGS) if (carried.includes(flag)) group.flags[flag] = (group.flags[flag] ?? 0) + 1;
  }
  return groups;
}

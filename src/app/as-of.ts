/** What is remembered, judged as of another moment or by other rules. */
import { qualify } from '../domain/facts.ts';
import type { ContactCounts } from '../domain/scorecard/scorecard.ts';
import { groupOf } from '../domain/scorecard/scorecard.ts';
import type { Facts, PassRow } from '../domain/types.ts';
import { dayOfDate, instantAt } from '../domain/wall-clock.ts';
import type { FactStore, OverduePass, StoredContact } from '../ports.ts';
import { groupProperty } from '../report/scorecard.ts';
import type { PortalView } from './portals.ts';

/** An instant (ms), or a local date `YYYY-MM-DD` of the calendar's zone, which means its end. */
export type AsOf = number | { readonly date: string };

/** The instant (ms) that is meant. Of a day that has not ended yet, what is known is what is known now. */
export function instantOf(asOf: AsOf, timeZone: string, now: number): number {
  if (typeof asOf === 'number') return asOf;
  const day = dayOfDate(asOf.date);
  const isToday = instantAt(timeZone, day, 0) <= now && now < instantAt(timeZone, day + 1, 0);
  return isToday ? now : instantAt(timeZone, day + 1, 0) - 1;
}

/** A remembered contact with its facts at that moment. */
export interface JudgedContact {
  readonly stored: StoredContact;
  readonly facts: Facts;
}

/**
 * Every remembered contact judged at `asOf` (ms) from the part of its history that lay behind then. `forget`: nobody
 * remembers how decided passes were judged; all are judged by the view's own rules.
 */
export async function* contactsAsOf(
  store: FactStore,
  view: PortalView,
  asOf: number,
  { forget = false }: { readonly forget?: boolean } = {},
): AsyncGenerator<JudgedContact> {
  for await (const stored of store.storedContacts(view.config.name)) {
    const history = stored.contact.history.filter((entry) => entry.timestamp <= asOf);
    const contact = { ...stored.contact, history };
    yield { stored, facts: qualify(contact, view.rules, asOf, forget ? null : stored, { rejudge: false }) };
  }
}

/** The rows of the scorecard. */
export async function* passesOf(contacts: AsyncIterable<JudgedContact>): AsyncGenerator<PassRow> {
  for await (const { stored, facts } of contacts) {
    const { id, properties } = stored.contact;
    const shared = { contactId: id, status: facts.status, fit: facts.fit, flags: facts.flags, properties };
    for (const pass of facts.passes) yield { ...shared, pass, latest: pass === facts.passes.at(-1) };
  }
}

/** Open passes after their due time at that moment, longest overdue first. */
export async function overdueAsOf(
  store: FactStore,
  view: PortalView,
  asOf: number,
): Promise<readonly OverduePass[]> {
  const found: OverduePass[] = [];
  for await (const { pass, contactId } of passesOf(contactsAsOf(store, view, asOf))) {
    const { sla } = pass;
    if (sla?.status !== 'overdue' || sla.dueAt === null) continue;
    found.push({ contactId, pass: pass.number, rule: sla.rule, dueAt: sla.dueAt });
  }
  return found.sort((a, b) => a.dueAt - b.dueAt);
}

interface Tally {
  contacts: number;
  directSql: number;
  flags: Record<string, number>;
}

/** Counts contacts with a status while they are read on, in all and by group. */
export function asOfCounts(by: string | null): {
  readonly all: ContactCounts;
  readonly byGroup: ReadonlyMap<string, ContactCounts>;
  counting(contacts: AsyncIterable<JudgedContact>): AsyncGenerator<JudgedContact>;
} {
  const all = newTally();
  const byGroup = new Map<string, Tally>();
  return {
    all,
    byGroup,
    async *counting(contacts) {
      for await (const one of contacts) {
        count(all, one.facts);
        if (by !== null && one.facts.status !== null) {
          const value = groupOf(one.stored.contact.properties, groupProperty(by));
          const tally = byGroup.get(value) ?? newTally();
          byGroup.set(value, tally);
          count(tally, one.facts);
        }
        yield one;
      }
    },
  };
}

function newTally(): Tally {
  return { contacts: 0, directSql: 0, flags: {} };
}

function count(tally: Tally, { status, flags }: Facts): void {
  if (status === null) return;
  tally.contacts += 1;
  if (status === 'direct_sql') tally.directSql += 1;
  for (const flag of flags) tally.flags[flag] = (tally.flags[flag] ?? 0) + 1;
}

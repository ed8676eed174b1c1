/**
 * The one place where a contact is worked on: read (or remembered) → joined with what is remembered → facts →
 * difference → HubSpot → store. `qualify-contacts` runs it; `plan` runs it without the last two steps.
 */
import { difference } from '../src/domain/difference.ts';
import { qualify } from '../src/domain/facts.ts';
import { joinContact } from '../src/domain/history.ts';
import type { Contact, CurrentValues, Difference, Facts, Rules } from '../src/domain/types.ts';
import type {
  ContactSource,
  FactStore,
  Lane,
  PropertyWriter,
  ReadContact,
  Receipt,
  RunCounts,
  SavedContact,
  SkipReason,
  StoredContact,
  Whereabouts,
} from '../src/ports.ts';
import { noCounts } from './counts.ts';

/** What a piece of work needs; `now` is read once, so that all contacts of a batch are judged at one instant. */
export interface WorkContext {
  readonly portal: string;
  readonly rules: Rules;
  readonly source: ContactSource;
  readonly writer: PropertyWriter;
  readonly store: FactStore;
  readonly lane: Lane;
  readonly now: number;
  /** Judge decided passes by the present rules. */
  readonly rejudge: boolean;
  readonly signal?: AbortSignal;
}

/** A contact with its facts and what must be sent. */
export interface Worked {
  readonly contact: Contact;
  readonly facts: Facts;
  readonly current: CurrentValues;
  readonly difference: Difference;
}

/** A contact that could not be synced, with a stable code and HubSpot's reason. */
export interface Failed {
  readonly id: string;
  readonly code: string;
  readonly reason: string;
}

/** What a batch came to. `found` of `counts` is left at 0: finding counts it. */
export interface WorkResult {
  readonly counts: RunCounts;
  readonly failed: readonly Failed[];
}

/** The outcome of looking at contacts, before anything is written. */
export interface Looked {
  readonly worked: readonly Worked[];
  readonly skipped: Partial<Record<SkipReason, number>>;
  readonly gone: readonly string[];
  readonly archived: readonly string[];
}

/** Reads contacts from HubSpot, follows those that were merged, archived or deleted, and computes the rest. */
export async function lookAtContacts(ids: readonly string[], context: WorkContext): Promise<Looked> {
  const distinct = [...new Set(ids)];
  const answer = await context.source.read(distinct, context.lane, context.signal);
  const whereabouts =
    answer.missing.length === 0
      ? []
      : await context.source.locate(answer.missing, context.lane, context.signal);
  const survivors = await readSurvivors(answer.contacts, whereabouts, context);
  const contacts = withAbsorbed([...answer.contacts, ...survivors], whereabouts);
  const worked = await compute(contacts, context);
  return {
    worked,
    skipped: countSkipped(ids.length - distinct.length, whereabouts, survivors.length),
    gone: idsThatAre(whereabouts, 'gone'),
    archived: idsThatAre(whereabouts, 'archived'),
  };
}

/** Takes contacts from the store instead of HubSpot; those not remembered are left out as gone. */
export async function recallContacts(ids: readonly string[], context: WorkContext): Promise<Looked> {
  const remembered = await context.store.contacts(context.portal, ids);
  const worked: Worked[] = [];
  const skipped: Partial<Record<SkipReason, number>> = {};
  for (const id of ids) {
    const known = remembered.get(id);
    if (known === undefined) skipped.gone = (skipped.gone ?? 0) + 1;
    else if (known.contact.archived) skipped.archived = (skipped.archived ?? 0) + 1;
    else worked.push(judge(known.contact, known.values, known, context));
  }
  return { worked, skipped, gone: [], archived: [] };
}

/** Writes what differs, remembers everything, and says what became of each contact. */
export async function carryOut(looked: Looked, context: WorkContext): Promise<WorkResult> {
  const toWrite = looked.worked.filter((one) => Object.keys(one.difference).length > 0);
  const receipts = await send(toWrite, context);
  const failed = failuresOf(receipts);
  await context.store.save(
    context.portal,
    looked.worked.map((one) => toSave(one, receipts.get(one.contact.id))),
    failed.map((failure) => ({ ...failure, failedAt: context.now })),
  );
  if (looked.gone.length > 0) await context.store.forget(context.portal, looked.gone);
  if (looked.archived.length > 0) await context.store.archive(context.portal, looked.archived, true);
  return {
    counts: countWork(looked, toWrite.length - failed.length, failed.length, toWrite, receipts),
    failed,
  };
}

async function readSurvivors(
  alreadyRead: readonly ReadContact[],
  whereabouts: readonly Whereabouts[],
  context: WorkContext,
): Promise<readonly ReadContact[]> {
  const have = new Set(alreadyRead.map((one) => one.contact.id));
  const wanted = new Set<string>();
  for (const place of whereabouts) {
    if (place.now === 'merged' && !have.has(place.into)) wanted.add(place.into);
    if (place.now === 'live' && !have.has(place.id)) wanted.add(place.id);
  }
  if (wanted.size === 0) return [];
  const answer = await context.source.read([...wanted], context.lane, context.signal);
  return answer.contacts;
}

/** A merged id that HubSpot resolved counts as absorbed, even where `hs_merged_object_ids` leaves it out (chained merges do). */
function withAbsorbed(
  read: readonly ReadContact[],
  whereabouts: readonly Whereabouts[],
): readonly ReadContact[] {
  const absorbed = new Map<string, string[]>();
  for (const place of whereabouts) {
    if (place.now === 'merged') absorbed.set(place.into, [...(absorbed.get(place.into) ?? []), place.id]);
  }
  if (absorbed.size === 0) return read;
  return read.map((one) => {
    const mergedIds = [...new Set([...one.contact.mergedIds, ...(absorbed.get(one.contact.id) ?? [])])];
    return { ...one, contact: { ...one.contact, mergedIds } };
  });
}

async function compute(read: readonly ReadContact[], context: WorkContext): Promise<Worked[]> {
  const ids = read.flatMap((one) => [one.contact.id, ...one.contact.mergedIds]);
  const remembered = await context.store.contacts(context.portal, [...new Set(ids)]);
  return read.map(({ contact, current }) => {
    const own = remembered.get(contact.id);
    const absorbed = contact.mergedIds.flatMap((id) => remembered.get(id)?.contact ?? []);
    return judge(joinContact(contact, own?.contact, absorbed), current, own, context);
  });
}

function judge(
  contact: Contact,
  current: CurrentValues,
  remembered: StoredContact | undefined,
  context: WorkContext,
): Worked {
  const facts = qualify(contact, context.rules, context.now, remembered ?? null, {
    rejudge: context.rejudge,
  });
  return { contact, facts, current, difference: difference(facts.values, current) };
}

async function send(toWrite: readonly Worked[], context: WorkContext): Promise<Map<string, Receipt>> {
  if (toWrite.length === 0) return new Map();
  const inputs = toWrite.map((one) => ({
    id: one.contact.id,
    values: one.difference,
    stage: one.contact.history[0]?.value ?? '',
  }));
  const receipts = await context.writer.write(inputs, context.lane, context.signal);
  return new Map(receipts.map((receipt) => [receipt.id, receipt]));
}

function toSave(one: Worked, receipt: Receipt | undefined): SavedContact {
  const { contact, facts, current } = one;
  if (receipt === undefined) return { contact, facts, values: current, seenModifiedAt: contact.updatedAt };
  if (!receipt.ok) return { contact, facts, values: current, seenModifiedAt: null };
  return { contact, facts, values: { ...current, ...one.difference }, seenModifiedAt: receipt.updatedAt };
}

function failuresOf(receipts: ReadonlyMap<string, Receipt>): Failed[] {
  const failed: Failed[] = [];
  for (const receipt of receipts.values()) {
    if (!receipt.ok) failed.push({ id: receipt.id, code: receipt.code, reason: receipt.reason });
  }
  return failed;
}

function countWork(
  looked: Looked,
  written: number,
  failed: number,
  toWrite: readonly Worked[],
  receipts: ReadonlyMap<string, Receipt>,
): RunCounts {
  const cleared = toWrite.filter(
    (one) => one.facts.status === null && receipts.get(one.contact.id)?.ok === true,
  );
  return {
    ...noCounts(),
    read: looked.worked.length,
    passes: looked.worked.reduce((sum, one) => sum + one.facts.passes.length, 0),
    written,
    unchanged: looked.worked.length - written - failed,
    cleared: cleared.length,
    failed,
    skipped: looked.skipped,
  };
}

function countSkipped(
  duplicates: number,
  whereabouts: readonly Whereabouts[],
  survivors: number,
): Partial<Record<SkipReason, number>> {
  const skipped: Partial<Record<SkipReason, number>> = {};
  const count = (reason: SkipReason, by: number) => {
    if (by > 0) skipped[reason] = (skipped[reason] ?? 0) + by;
  };
  count('duplicate', duplicates);
  count('archived', idsThatAre(whereabouts, 'archived').length);
  count('gone', idsThatAre(whereabouts, 'gone').length);
  // A survivor that was read in the place of a merged id is counted as itself.
  count('merged', whereabouts.filter((one) => one.now === 'merged' || one.now === 'live').length - survivors);
  return skipped;
}

function idsThatAre(whereabouts: readonly Whereabouts[], now: Whereabouts['now']): string[] {
  return whereabouts.filter((one) => one.now === now).map((one) => one.id);
}

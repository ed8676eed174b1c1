/**
 * The one place where a contact is worked on: read (or remembered) → joined with what is remembered → facts →
 * difference → HubSpot → store. `qualify-contacts` runs it; `plan` runs it without the last two steps.
 */
import { difference } from '../src/domain/difference.ts';
import { qualify } from '../src/domain/facts.ts';
import { joinContact } from '../src/domain/history.ts';
import type { Contact, CurrentValues, Difference, Facts, Pass, Rules } from '../src/domain/types.ts';
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
} from '../src/ports.ts';
import { noCounts } from './counts.ts';
import { followMissing } from './missing-contacts.ts';

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
  /** Identifies what was seen when nothing is written; see `SavedContact`. */
  readonly seenModifiedAt: number | null;
  /** Taken from the store, not read. */
  readonly recalled: boolean;
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
  /** Not given by HubSpot, although they are there. */
  readonly failed: readonly Failed[];
}

const UNREADABLE = 'HubSpot did not give the contact with its stage history';

/** Reads contacts from HubSpot, follows those that were merged, archived or deleted, and computes the rest. */
export async function lookAtContacts(ids: readonly string[], context: WorkContext): Promise<Looked> {
  const distinct = [...new Set(ids)];
  const answer = await context.source.read(distinct, context.lane, context.signal);
  const { contacts, skipped, gone, archived, unreadable } = await followMissing(answer, context);
  const duplicates = ids.length - distinct.length;
  const { worked, failed } = await compute(contacts, context);
  return {
    worked,
    skipped: duplicates > 0 ? { ...skipped, duplicate: duplicates } : skipped,
    gone,
    archived,
    failed: [...failed, ...unreadable.map((id) => ({ id, code: 'unreadable', reason: UNREADABLE }))],
  };
}

/** Takes contacts from the store instead of HubSpot; those not remembered are left out as gone. */
export async function recallContacts(ids: readonly string[], context: WorkContext): Promise<Looked> {
  const { store, portal } = context;
  const [remembered, seen] = [await store.contacts(portal, ids), await store.seen(portal, ids)];
  const worked: Worked[] = [];
  const failed: Failed[] = [];
  const skipped: Partial<Record<SkipReason, number>> = {};
  for (const id of ids) {
    const known = remembered.get(id);
    if (known === undefined) skipped.gone = (skipped.gone ?? 0) + 1;
    else if (known.contact.archived) skipped.archived = (skipped.archived ?? 0) + 1;
    else {
      const judged = judge(known.contact, known.values, known.passes, context);
      if ('code' in judged) failed.push(judged);
      else worked.push({ ...judged, seenModifiedAt: seen.get(id) ?? null, recalled: true });
    }
  }
  return { worked, skipped, gone: [], archived: [], failed };
}

/** Writes what differs, remembers everything, and says what became of each contact. */
export async function carryOut(looked: Looked, context: WorkContext): Promise<WorkResult> {
  const toWrite = looked.worked.filter((one) => Object.keys(one.difference).length > 0);
  const receipts = await send(toWrite, context);
  const refused = failuresOf(receipts);
  const failed = [...looked.failed, ...refused];
  await context.store.save(
    context.portal,
    looked.worked.map((one) => toSave(one, receipts.get(one.contact.id))),
    failed.map((failure) => ({ ...failure, failedAt: context.now })),
  );
  if (looked.gone.length > 0) await context.store.forget(context.portal, looked.gone);
  if (looked.archived.length > 0) await context.store.archive(context.portal, looked.archived, true);
  return {
    counts: countWork(looked, toWrite, refused.length, receipts),
    failed,
  };
}

async function compute(
  read: readonly ReadContact[],
  context: WorkContext,
): Promise<{ readonly worked: Worked[]; readonly failed: Failed[] }> {
  const worked: Worked[] = [];
  const failed: Failed[] = [];
  const ids = read.flatMap((one) => [one.contact.id, ...one.contact.mergedIds]);
  const remembered = await context.store.contacts(context.portal, [...new Set(ids)]);
  for (const { contact, current } of read) {
    const own = remembered.get(contact.id);
    const absorbed = contact.mergedIds.flatMap((id) => remembered.get(id) ?? []);
    const joined = joinContact(
      contact,
      own?.contact,
      absorbed.map((one) => one.contact),
    );
    const passes = [...(own?.passes ?? []), ...absorbed.flatMap((one) => one.passes)];
    const judged = judge(joined, current, passes, context);
    if ('code' in judged) failed.push(judged);
    else worked.push(judged);
  }
  return { worked, failed };
}

/** One contact that cannot be judged is a fault of ours, and costs the others of its batch nothing. */
function judge(
  contact: Contact,
  current: CurrentValues,
  judged: readonly Pass[],
  { rules, now, rejudge }: WorkContext,
): Worked | Failed {
  try {
    const facts = qualify(contact, rules, now, { passes: judged }, { rejudge });
    const differing = difference(facts.values, current);
    return {
      contact,
      facts,
      current,
      difference: differing,
      seenModifiedAt: contact.updatedAt,
      recalled: false,
    };
  } catch {
    return {
      id: contact.id,
      code: 'internal',
      reason: 'handoff could not judge its history: please report this',
    };
  }
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
  const { contact, facts, current, seenModifiedAt } = one;
  if (receipt === undefined) return { contact, facts, values: current, seenModifiedAt };
  if (!receipt.ok) return { contact, facts, values: current, seenModifiedAt: null };
  // A write that followed no read may lie over a change nobody has seen: the contact is read again.
  const echo = one.recalled ? null : receipt.updatedAt;
  return { contact, facts, values: { ...current, ...one.difference }, seenModifiedAt: echo };
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
  toWrite: readonly Worked[],
  refused: number,
  receipts: ReadonlyMap<string, Receipt>,
): RunCounts {
  const cleared = toWrite.filter(
    (one) => one.facts.status === null && receipts.get(one.contact.id)?.ok === true,
  );
  return {
    ...noCounts(),
    read: looked.worked.length,
    passes: looked.worked.reduce((sum, one) => sum + one.facts.passes.length, 0),
    written: toWrite.length - refused,
    unchanged: looked.worked.length - toWrite.length,
    cleared: cleared.length,
    failed: looked.failed.length + refused,
    skipped: looked.skipped,
  };
}

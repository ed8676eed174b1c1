/** A contact inside the simulated portal. Kept lean: a portal may hold hundreds of thousands. */
import type { Entry } from './types.ts';

/** HubSpot keeps this many values of each contact property (knowledge.hubspot.com, export property history). */
const KEPT_VALUES = 45;

/** A change of a property other than the stage. */
interface Change extends Entry {
  readonly name: string;
}

/** A contact; nothing in it is changed in place except its own fields. */
export interface SimulatedContact {
  readonly id: string;
  /** The id as a number: HubSpot orders by it. */
  readonly number: number;
  readonly createdAt: number;
  updatedAt: number;
  archivedAt: number | null;
  /** `lifecyclestage` history by ascending timestamp, later-made entries behind earlier ones of the same instant. */
  stages: readonly Entry[];
  /** Present values of all other properties; a blank one is absent. */
  values: Readonly<Record<string, string>>;
  /** Changes of those values, oldest first. A value without any stands there since creation. */
  changes: readonly Change[];
  /** Ids this contact was merged from. */
  readonly mergedIds: readonly string[];
}

/** The present stage; blank: none. */
export function presentStage(contact: SimulatedContact): string {
  return contact.stages[contact.stages.length - 1]?.value ?? '';
}

/** The value of a stored property other than the stage; blank: none. */
export function storedValue(contact: SimulatedContact, name: string): string {
  return Object.hasOwn(contact.values, name) ? (contact.values[name] ?? '') : '';
}

/** Adds a stage entry in its place by time. */
export function addStage(contact: SimulatedContact, entry: Entry): void {
  const last = contact.stages[contact.stages.length - 1];
  if (last === undefined || last.timestamp <= entry.timestamp) {
    contact.stages = [...contact.stages, entry];
    return;
  }
  contact.stages = [...contact.stages, entry].sort((a, b) => a.timestamp - b.timestamp);
}

/** Sets a property other than the stage, keeping what was there as history. */
export function setValue(contact: SimulatedContact, name: string, entry: Entry): void {
  const before = storedValue(contact, name);
  const known = before === '' || contact.changes.some((change) => change.name === name);
  const added: Change[] = known ? [] : [{ ...creationEntry(contact, before), name }];
  contact.changes = [...contact.changes, ...added, { ...entry, name }];
  contact.values = { ...contact.values, [name]: entry.value };
}

/** History of a property as HubSpot gives it: newest first, at most 45 values. */
export function historyOf(contact: SimulatedContact, name: string): Entry[] {
  const ascending = name === 'lifecyclestage' ? contact.stages : valueHistory(contact, name);
  return ascending.slice(-KEPT_VALUES).reverse();
}

function valueHistory(contact: SimulatedContact, name: string): readonly Entry[] {
  const changes = contact.changes.filter((change) => change.name === name);
  const value = storedValue(contact, name);
  return changes.length > 0 || value === '' ? changes : [creationEntry(contact, value)];
}

function creationEntry(contact: SimulatedContact, value: string): Entry {
  return { value, timestamp: contact.createdAt, sourceType: 'FORM', sourceId: '' };
}

/**
 * What two contacts become when they are merged: a new id, both histories pooled, the primary's values first. Of two entries
 * with one instant only the primary's survives (knowledge.hubspot.com/records/merge-records).
 */
export function mergedContact(
  primary: SimulatedContact,
  other: SimulatedContact,
  identity: { readonly id: string; readonly at: number },
): SimulatedContact {
  const taken = new Set(primary.stages.map((entry) => entry.timestamp));
  const pooled = [...primary.stages, ...other.stages.filter((entry) => !taken.has(entry.timestamp))];
  const changed = new Set(primary.changes.map((change) => `${change.name} ${change.timestamp}`));
  const changes = [
    ...primary.changes,
    ...other.changes.filter((change) => !changed.has(`${change.name} ${change.timestamp}`)),
  ];
  const stages = pooled.sort((a, b) => a.timestamp - b.timestamp);
  return {
    id: identity.id,
    number: Number(identity.id),
    createdAt: Math.min(primary.createdAt, other.createdAt),
    updatedAt: identity.at,
    archivedAt: null,
    stages,
    values: { ...other.values, ...withoutBlanks(primary.values) },
    changes: changes.sort((a, b) => a.timestamp - b.timestamp),
    mergedIds: [...primary.mergedIds, ...other.mergedIds, primary.id, other.id],
  };
}

function withoutBlanks(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}

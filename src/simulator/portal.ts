/**
 * The portal from within: its contacts, definitions and rules, and what users and admins do to them. The HTTP handlers and
 * tests work on the same object.
 */
import {
  addStage,
  mergedContact,
  presentStage,
  type SimulatedContact,
  setValue,
  storedValue,
} from './contact.ts';
import {
  DEFAULT_GROUPS,
  type Definition,
  defaultDefinitions,
  type Group,
  importedDefinition,
} from './definitions.ts';
import { SearchIndex } from './search-index.ts';
import { type StageProperty, stageDate, stageProperties } from './stages.ts';
import type { Entry, NewContact, Settings } from './types.ts';
import { isoInstant } from './values.ts';

/** Stands for every contact created without anything else to tell them apart; never written to. */
const NOTHING: readonly never[] = [];

/** One simulated portal. Methods that name a contact follow merged ids and throw RangeError for ids it does not know. */
export class Portal {
  /** By present id, archived ones included. Merged-away and forgotten ids are absent. */
  readonly contacts = new Map<string, SimulatedContact>();
  readonly definitions = new Map<string, Definition>();
  readonly groups = new Map<string, Group>();
  readonly settings: Settings;
  readonly index: SearchIndex;
  readonly #merged = new Map<string, string>();
  readonly #conditional = new Map<string, Set<string>>();
  readonly #stageProperties: ReadonlyMap<string, StageProperty>;
  readonly #stageOrder: ReadonlyMap<string, number>;
  /** By ascending id: the order in which HubSpot lists them. */
  readonly #ordered: SimulatedContact[] = [];
  #lastNumber = 0;

  constructor(settings: Settings) {
    this.settings = settings;
    this.index = new SearchIndex(settings);
    this.#stageProperties = settings.stageProperties ? stageProperties(settings.stages) : new Map();
    this.#stageOrder = new Map(settings.stages.map((stage, place) => [stage.value, place]));
    for (const group of DEFAULT_GROUPS) this.groups.set(group.name, group);
    for (const definition of defaultDefinitions(settings.stages, settings.stageProperties)) {
      this.definitions.set(definition.name, definition);
    }
  }

  now(): number {
    return this.settings.clock.now();
  }

  /** All contacts by ascending id, archived ones included. */
  get ordered(): readonly SimulatedContact[] {
    return this.#ordered;
  }

  /** Puts a contact into the portal with its past. Unknown properties get a definition. Returns its id. */
  add(contact: NewContact): string {
    const id = contact.id ?? this.#nextId();
    const number = Number(id);
    if (!(number > this.#lastNumber))
      throw new RangeError(`contact ids must grow: ${id} is not after ${this.#lastNumber}`);
    const now = this.now();
    const stages = contact.stages
      .map(({ value, timestamp, sourceType = 'CRM_UI', sourceId = sourceOf(sourceType) }) => ({
        value,
        timestamp,
        sourceType,
        sourceId,
      }))
      .sort((a, b) => a.timestamp - b.timestamp);
    const createdAt = contact.createdAt ?? Math.min(stages[0]?.timestamp ?? now, now);
    const touched = stages.findLast((entry) => entry.timestamp <= now)?.timestamp ?? createdAt;
    for (const [name, value] of Object.entries(contact.properties ?? {})) this.#defineIfNew(name, value);
    this.#insert({
      ...{
        id,
        number,
        createdAt,
        updatedAt: contact.updatedAt ?? Math.max(createdAt, touched),
        archivedAt: null,
      },
      ...{ stages, values: contact.properties ?? {}, changes: NOTHING, mergedIds: NOTHING },
    });
    return id;
  }

  /** Makes sure that there is a property of this name; one that is there already stays as it is. */
  define(name: string, type: 'string' | 'number'): void {
    if (!this.definitions.has(name)) this.definitions.set(name, importedDefinition(name, type, this.now()));
  }

  /** Leaves ids out, so that they do not follow each other without gaps. */
  skipIds(count: number): void {
    this.#lastNumber += count;
  }

  /** A user moves the contact to a stage, backwards too; `""` clears it. `at` (default now) may lie in the past or future. */
  move(id: string, stage: string, at: number = this.now(), sourceType = 'CRM_UI'): void {
    const contact = this.#known(id);
    this.#touch(contact, () =>
      addStage(contact, { value: stage, timestamp: at, sourceType, sourceId: 'userId:1' }),
    );
  }

  /** A user or another app sets any property. */
  setProperty(id: string, name: string, value: string, sourceType = 'CRM_UI'): void {
    if (name === 'lifecyclestage') {
      this.move(id, value, this.now(), sourceType);
      return;
    }
    const contact = this.#known(id);
    this.#defineIfNew(name, value);
    const entry: Entry = { value, timestamp: this.now(), sourceType, sourceId: sourceOf(sourceType) };
    this.#touch(contact, () => setValue(contact, name, entry));
  }

  /** A write through the API: checked values; the stage only moves forward, and says nothing when it does not. */
  write(contact: SimulatedContact, values: Readonly<Record<string, string>>): void {
    const timestamp = this.now();
    const changed = Object.entries(values).filter(([name, value]) => this.#wouldChange(contact, name, value));
    if (changed.length === 0 && !this.settings.noOpBumps) return;
    this.#touch(contact, () => {
      for (const [name, value] of changed) {
        const entry: Entry = { value, timestamp, sourceType: 'INTEGRATION', sourceId: String(this.appId) };
        if (name === 'lifecyclestage') addStage(contact, entry);
        else setValue(contact, name, entry);
      }
    });
  }

  /** The id of the app whose token the portal knows; history entries of its writes carry it. */
  get appId(): number {
    return 3_456_789;
  }

  /** Merges the second contact into the first. Both ids are gone for good; returns the new one. */
  merge(primaryId: string, otherId: string, at: number = this.now()): string {
    const primary = this.#known(primaryId);
    const other = this.#known(otherId);
    if (primary === other) throw new RangeError(`contact ${primaryId} cannot be merged with itself`);
    const merged = mergedContact(primary, other, { id: this.#nextId(), at });
    for (const gone of [primary, other]) this.#remove(gone);
    for (const old of merged.mergedIds) this.#merged.set(old, merged.id);
    this.#insert(merged);
    this.index.created(merged, this.now());
    return merged.id;
  }

  /** To the recycle bin. */
  archive(id: string): void {
    const contact = this.#known(id);
    contact.archivedAt ??= this.now();
  }

  /** Out of the recycle bin. */
  restore(id: string): void {
    const contact = this.#known(id);
    this.#touch(contact, () => {
      contact.archivedAt = null;
    });
  }

  /** Deleted for privacy: nothing is left, old ids included. */
  forget(id: string): void {
    const contact = this.#known(id);
    this.#remove(contact);
    for (const old of contact.mergedIds) this.#merged.delete(old);
  }

  /**
   * From now on 2026-09 refuses to write these contacts while the property is blank: a conditional required property
   * (developers.hubspot.com changelog, CRM API write validation enforcement).
   */
  requireConditionally(ids: readonly string[], propertyName: string): void {
    this.#conditional.set(propertyName, new Set([...(this.#conditional.get(propertyName) ?? []), ...ids]));
  }

  /** Properties this write leaves blank although an admin's rule demands them. */
  missingConditional(contact: SimulatedContact, values: Readonly<Record<string, string>>): string[] {
    return [...this.#conditional]
      .filter(([name, ids]) => ids.has(contact.id) && (values[name] ?? this.value(contact, name)) === '')
      .map(([name]) => name);
  }

  /** The contact an id stands for: itself, or the one it was merged into. */
  resolve(id: string): SimulatedContact | undefined {
    return this.contacts.get(id) ?? this.contacts.get(this.#merged.get(id) ?? '');
  }

  /** Present value of any property, calculated ones included, as the API gives it; blank: none. */
  value(contact: SimulatedContact, name: string): string {
    switch (name) {
      case 'lifecyclestage':
        return presentStage(contact);
      case 'hs_object_id':
        return contact.id;
      case 'createdate':
        return isoInstant(contact.createdAt);
      case 'lastmodifieddate':
        return isoInstant(contact.updatedAt);
      case 'hs_merged_object_ids':
        return contact.mergedIds.join(';');
    }
    const calculated = this.#stageProperties.get(name);
    if (calculated === undefined) return storedValue(contact, name);
    const at = stageDate(contact.stages, calculated.stage.value, calculated.says);
    return at === null ? '' : isoInstant(at);
  }

  #wouldChange(contact: SimulatedContact, name: string, value: string): boolean {
    const before = this.value(contact, name);
    if (value === before) return false;
    if (name !== 'lifecyclestage' || value === '' || before === '') return true;
    return (this.#stageOrder.get(value) ?? -1) > (this.#stageOrder.get(before) ?? -1);
  }

  #touch(contact: SimulatedContact, change: () => void): void {
    const now = this.now();
    this.index.changing(contact, now);
    change();
    contact.updatedAt = now;
  }

  #known(id: string): SimulatedContact {
    const contact = this.resolve(id);
    if (contact === undefined) throw new RangeError(`the simulated portal has no contact ${id}`);
    return contact;
  }

  /** Real portals begin with small numbers too, but three digits are easily taken for something else. */
  #nextId(): string {
    return String(Math.max(1_000, this.#lastNumber) + 1);
  }

  #insert(contact: SimulatedContact): void {
    this.#lastNumber = contact.number;
    this.contacts.set(contact.id, contact);
    this.#ordered.push(contact);
  }

  #remove(contact: SimulatedContact): void {
    this.contacts.delete(contact.id);
    this.#ordered.splice(firstFrom(this.#ordered, contact.number), 1);
  }

  #defineIfNew(name: string, value: string): void {
    this.define(name, value !== '' && Number.isFinite(Number(value)) ? 'number' : 'string');
  }
}

/** Changes by hand carry the user who made them. */
function sourceOf(sourceType: string): string {
  return sourceType === 'CRM_UI' ? 'userId:1' : '';
}

/** Index of the first contact whose id is not below this one. */
export function firstFrom(ordered: readonly SimulatedContact[], number: number): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ordered[middle]?.number ?? Number.POSITIVE_INFINITY) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

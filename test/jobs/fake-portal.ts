/** A portal in memory: contacts with histories, what people do to them, and what can go wrong. */
import { ENTRIES_KEPT } from '../../src/domain/history.ts';
import type { CurrentValues, HistoryEntry, Rules } from '../../src/domain/types.ts';
import type {
  CallKind,
  Calls,
  Clock,
  ContactSource,
  FindPage,
  PortalWork,
  PropertyWriter,
  ReadContact,
  Receipt,
  Whereabouts,
  WriteInput,
} from '../../src/ports.ts';

interface FakeContact {
  readonly id: string;
  /** Newest first. */
  history: HistoryEntry[];
  properties: Record<string, string>;
  values: CurrentValues;
  mergedIds: string[];
  archived: boolean;
  updatedAt: number;
}

/** One call that reached the portal. */
export interface FakeCall {
  readonly kind: CallKind;
  readonly to: 'find' | 'read' | 'locate' | 'write';
  readonly ids: readonly string[];
}

/** A fault: the `nth` call to this method from now on (1: the next one), or every call when `nth` is absent. */
export interface Fault {
  readonly to: FakeCall['to'];
  readonly error: Error;
  readonly nth?: number;
}

export class FakePortal {
  readonly name: string;
  readonly calls: FakeCall[] = [];
  /** Successful writes by contact. */
  readonly writes = new Map<string, number>();
  /** Contacts a search gives at once. */
  pageSize = 200;
  rules: Rules;
  fingerprint = 'f1';
  /** What a changed fingerprint asks for. */
  changeNeeds: 'recompute' | 'full' = 'recompute';
  /** Runs before a write is carried out, e.g. somebody who is faster than we are. */
  beforeWrite: (() => void) | null = null;
  /** Runs once, before the next read is answered. */
  beforeRead: (() => void) | null = null;
  /** Thrown when the portal is made ready. */
  notReady: Error | null = null;
  readonly #clock: Clock;
  readonly #contacts = new Map<string, FakeContact>();
  readonly #absorbedBy = new Map<string, string>();
  readonly #refused = new Map<string, string>();
  #faults: { to: FakeCall['to']; error: Error; left: number | null }[] = [];
  #lastStamp = 0;
  #withheld: string | null = null;

  constructor(name: string, clock: Clock, rules: Rules) {
    this.name = name;
    this.#clock = clock;
    this.rules = rules;
  }

  // ------------------------------------------------------------------------------------------ people at work

  /** A contact with this history, newest first; modified now. */
  create(id: string, history: readonly HistoryEntry[], properties: Record<string, string> = {}): void {
    const updatedAt = this.#stamp();
    this.#contacts.set(id, {
      id,
      history: [...history],
      properties: { ...properties },
      values: {},
      mergedIds: [],
      archived: false,
      updatedAt,
    });
  }

  /** Somebody moves a contact to a stage (`''` clears it), now or at another instant. */
  move(id: string, value: string, timestamp: number = this.#clock.now()): void {
    const contact = this.contact(id);
    contact.history = [{ value, timestamp, sourceType: 'CRM_UI' }, ...contact.history].sort(
      (a, b) => b.timestamp - a.timestamp,
    );
    contact.updatedAt = this.#stamp();
  }

  /** Somebody edits something that is not of our concern, or one of our values. */
  edit(id: string, change: { properties?: Record<string, string>; values?: CurrentValues } = {}): void {
    const contact = this.contact(id);
    Object.assign(contact.properties, change.properties);
    contact.values = { ...contact.values, ...change.values };
    contact.updatedAt = this.#stamp();
  }

  /** Merges one contact into another: histories are pooled, the absorbed id leads to the survivor. */
  merge(absorbed: string, into: string, options: { readonly named?: boolean } = {}): void {
    const [from, survivor] = [this.contact(absorbed), this.contact(into)];
    survivor.history = [...survivor.history, ...from.history].sort((a, b) => b.timestamp - a.timestamp);
    if (options.named ?? true) survivor.mergedIds.push(absorbed, ...from.mergedIds);
    survivor.updatedAt = this.#stamp();
    this.#contacts.delete(absorbed);
    this.#absorbedBy.set(absorbed, into);
  }

  archive(id: string): void {
    this.contact(id).archived = true;
  }

  restore(id: string): void {
    const contact = this.contact(id);
    contact.archived = false;
    contact.updatedAt = this.#stamp();
  }

  /** Deleted for privacy: nothing is left. */
  erase(id: string): void {
    this.#contacts.delete(id);
  }

  contact(id: string): FakeContact {
    const contact = this.#contacts.get(id);
    if (contact === undefined) throw new Error(`the fake portal has no contact ${id}`);
    return contact;
  }

  /** What the contact carries of ours, blanks left out. */
  values(id: string): Record<string, string> {
    const carried = Object.entries(this.contact(id).values).filter(([, value]) => value);
    return Object.fromEntries(carried) as Record<string, string>;
  }

  // ------------------------------------------------------------------------------------------ faults

  /** Writes to this contact are refused until `accept`. */
  refuse(id: string, reason = 'a workflow forbids it'): void {
    this.#refused.set(id, reason);
  }

  accept(id: string): void {
    this.#refused.delete(id);
  }

  /** This contact is there, but reads leave it out; null: none. */
  withhold(id: string | null): void {
    this.#withheld = id;
  }

  fail({ to, error, nth }: Fault): void {
    this.#faults.push({ to, error, left: nth ?? null });
  }

  recover(): void {
    this.#faults = [];
  }

  /** Forgets the calls so far and returns them. */
  takeCalls(): FakeCall[] {
    return this.calls.splice(0);
  }

  // ------------------------------------------------------------------------------------------ ports

  /** The port, as the jobs are handed it. */
  work(): PortalWork {
    if (this.notReady !== null) throw this.notReady;
    const { fingerprint, changeNeeds } = this;
    return {
      name: this.name,
      rules: this.rules,
      fingerprint,
      contacts: (calls) => ({ source: this.#source(calls), writer: this.#writer(calls) }),
      changeSince(before) {
        if (before === fingerprint) return { needs: 'nothing', reasons: [] };
        return { needs: before === null ? 'full' : changeNeeds, reasons: ['test'] };
      },
    };
  }

  #source(calls: Calls): ContactSource {
    return {
      find: async (window, after) => {
        this.#call('find', 'search', [], calls);
        return this.#find(window, after);
      },
      read: async (ids) => {
        this.#call('read', 'read', ids, calls);
        const before = this.beforeRead;
        this.beforeRead = null;
        before?.();
        const contacts = ids.flatMap((id) => this.#read(id) ?? []);
        const given = new Set(contacts.map((one) => one.contact.id));
        return { contacts, missing: ids.filter((id) => !given.has(id)) };
      },
      locate: async (ids) => {
        this.#call('locate', 'read', ids, calls);
        return ids.map((id) => this.#locate(id));
      },
    };
  }

  #writer(calls: Calls): PropertyWriter {
    return {
      write: async (inputs) => {
        this.beforeWrite?.();
        const ids = inputs.map((input) => input.id);
        if (ids.length > 100 || new Set(ids).size < ids.length) throw new Error('a write HubSpot forbids');
        this.#call('write', 'write', ids, calls);
        return inputs.map((input) => this.#write(input));
      },
    };
  }

  #find(window: { from: number | null; to: number }, after: string | null): FindPage {
    const matching = [...this.#contacts.values()]
      .filter((one) => !one.archived && this.#concerns(one))
      .filter((one) => one.updatedAt >= (window.from ?? 0) && one.updatedAt <= window.to)
      .filter((one) => after === null || BigInt(one.id) > BigInt(after))
      .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
    const page = matching.slice(0, this.pageSize);
    return {
      found: page.map((one) => ({ id: one.id, modifiedAt: one.updatedAt })),
      after: matching.length > page.length ? page.at(-1)!.id : null,
    };
  }

  #concerns(contact: FakeContact): boolean {
    const entered = contact.history.some(({ value }) =>
      ['mql', 'sql'].includes(this.rules.roles.get(value) ?? ''),
    );
    return entered || Boolean(contact.values.status);
  }

  #read(id: string): ReadContact | null {
    const contact = this.#contacts.get(id);
    if (contact === undefined || contact.archived || id === this.#withheld) return null;
    const { updatedAt, properties, mergedIds, values } = contact;
    const history = contact.history.slice(0, ENTRIES_KEPT);
    const truncated = history.length === ENTRIES_KEPT;
    return {
      contact: {
        id,
        updatedAt,
        archived: false,
        history,
        truncated,
        properties: { ...properties },
        mergedIds,
      },
      current: { ...values },
    };
  }

  #locate(id: string): Whereabouts {
    const into = this.#absorbedBy.get(id);
    if (into !== undefined) return { id, now: 'merged', into };
    const contact = this.#contacts.get(id);
    if (contact === undefined) return { id, now: 'gone' };
    return { id, now: contact.archived ? 'archived' : 'live' };
  }

  #write({ id, values, stage }: WriteInput): Receipt {
    const reason = this.#refused.get(id);
    if (reason !== undefined) return { id, ok: false, code: 'VALIDATION_ERROR', reason };
    const contact = this.#contacts.get(id);
    if (contact === undefined || contact.archived)
      return { id, ok: false, code: 'NOT_FOUND', reason: 'gone' };
    contact.values = { ...contact.values, ...values };
    contact.updatedAt = this.#stamp();
    this.writes.set(id, (this.writes.get(id) ?? 0) + 1);
    const isEcho = (contact.history[0]?.value ?? '') === stage;
    return { id, ok: true, updatedAt: isEcho ? contact.updatedAt : null };
  }

  #call(to: FakeCall['to'], kind: CallKind, ids: readonly string[], calls: Calls): void {
    this.calls.push({ to, kind, ids });
    calls[kind] += 1;
    const faults = this.#faults.filter((one) => one.to === to);
    for (const fault of faults) if (fault.left !== null) fault.left -= 1;
    const fault = faults.find((one) => one.left === null || one.left === 0);
    if (fault === undefined) return;
    this.#faults = this.#faults.filter((one) => one.left !== 0);
    throw fault.error;
  }

  /** The instant of a modification; no two are equal. */
  #stamp(): number {
    this.#lastStamp = Math.max(this.#clock.now(), this.#lastStamp + 1);
    return this.#lastStamp;
  }
}

/** What search sees: the portal as it was a moment ago (fresh writes take "a few moments": developers.hubspot.com, search). */
import type { SimulatedContact } from './contact.ts';
import type { Settings } from './types.ts';

/** Until `visibleAt` search still sees `before`; null: not yet the contact at all. */
interface Pending {
  readonly visibleAt: number;
  readonly before: SimulatedContact | null;
}

/** Remembers contacts as they were until the index has caught up. */
export class SearchIndex {
  readonly #settings: Pick<Settings, 'indexLagMs'>;
  readonly #pending = new Map<string, readonly Pending[]>();

  constructor(settings: Pick<Settings, 'indexLagMs'>) {
    this.#settings = settings;
  }

  /** To be told before a contact changes. */
  changing(contact: SimulatedContact, now: number): void {
    this.#remember(contact.id, { ...contact }, now);
  }

  /** To be told when a contact has come into being. */
  created(contact: SimulatedContact, now: number): void {
    this.#remember(contact.id, null, now);
  }

  /** The contact as search sees it now; null: not at all. Archived ones never appear. */
  seen(contact: SimulatedContact, now: number): SimulatedContact | null {
    if (contact.archivedAt !== null) return null;
    const waiting = this.#pending.get(contact.id);
    if (waiting === undefined) return contact;
    const first = waiting.find((pending) => pending.visibleAt > now);
    if (first !== undefined) return first.before?.archivedAt === null ? first.before : null;
    this.#pending.delete(contact.id);
    return contact;
  }

  #remember(id: string, before: SimulatedContact | null, now: number): void {
    const lag = this.#settings.indexLagMs;
    if (lag <= 0) return;
    const waiting = this.#pending.get(id)?.filter((pending) => pending.visibleAt > now) ?? [];
    this.#pending.set(id, [...waiting, { visibleAt: now + lag, before }]);
  }
}

/** What became of contacts that HubSpot did not give: merged into others, archived, gone, or there after all. */
import type { ContactSource, Lane, ReadAnswer, ReadContact, SkipReason, Whereabouts } from '../src/ports.ts';

/** The missing contacts of one read, each accounted for once: as a contact read, a skip or unreadable. */
export interface Followed {
  /** All contacts read: those of the first answer, survivors of merges, and those there after all. */
  readonly contacts: readonly ReadContact[];
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Ids to be forgotten: deleted, or merged into a contact that was. */
  readonly gone: readonly string[];
  readonly archived: readonly string[];
  /** Live, yet not given when asked for twice. */
  readonly unreadable: readonly string[];
}

interface Context {
  readonly source: ContactSource;
  readonly lane: Lane;
  readonly signal?: AbortSignal;
}

/** Follows every missing id to its end, through chains of merges. Costs nothing when none is missing. */
export async function followMissing(answer: ReadAnswer, context: Context): Promise<Followed> {
  const read = new Map(answer.contacts.map((one) => [one.contact.id, one]));
  const places = await locateAll(answer.missing, read, context);
  const absorbed = new Map<string, string[]>();
  const [gone, archived, unreadable] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const skipped = { merged: answer.contacts.length - read.size, archived: 0, gone: 0 };
  for (const id of answer.missing) {
    const way = wayOf(id, places);
    const end = way.at(-1)!;
    if (read.has(end)) {
      absorbed.set(end, [...(absorbed.get(end) ?? []), ...way.slice(0, -1)]);
      skipped.merged += 1;
    } else if (places.get(end)?.now === 'gone') {
      for (const one of way) gone.add(one);
      skipped.gone += 1;
    } else if (places.get(end)?.now === 'archived') {
      for (const one of way) archived.add(one);
      skipped.archived += 1;
    } else unreadable.add(id);
  }
  return {
    contacts: [...read.values()].map((one) => withAbsorbed(one, absorbed.get(one.contact.id) ?? [])),
    skipped: Object.fromEntries(Object.entries(skipped).filter(([, count]) => count > 0)),
    gone: [...gone],
    archived: [...archived],
    unreadable: [...unreadable],
  };
}

/** Asks where ids are, and reads what is found there, until nothing new comes up. Adds to `read`. */
async function locateAll(
  missing: readonly string[],
  read: Map<string, ReadContact>,
  { source, lane, signal }: Context,
): Promise<ReadonlyMap<string, Whereabouts>> {
  const places = new Map<string, Whereabouts>();
  let unknown = missing;
  while (unknown.length > 0) {
    const wanted = new Set<string>();
    for (const place of await source.locate(unknown, lane, signal)) {
      places.set(place.id, place);
      const there = place.now === 'merged' ? place.into : place.id;
      if (place.now === 'live' || (place.now === 'merged' && !read.has(there) && !places.has(there)))
        wanted.add(there);
    }
    if (wanted.size === 0) break;
    const answer = await source.read([...wanted], lane, signal);
    for (const one of answer.contacts) read.set(one.contact.id, one);
    unknown = answer.missing.filter((id) => !places.has(id));
  }
  return places;
}

/** The id, and those it was merged into one after the other. */
function wayOf(id: string, places: ReadonlyMap<string, Whereabouts>): string[] {
  const way = [id];
  for (let place = places.get(id); place?.now === 'merged'; place = places.get(place.into)) {
    if (way.includes(place.into)) break;
    way.push(place.into);
  }
  return way;
}

/** A merged id that led here counts as absorbed, even where `hs_merged_object_ids` leaves it out (chained merges do). */
function withAbsorbed(one: ReadContact, ids: readonly string[]): ReadContact {
  if (ids.length === 0) return one;
  const mergedIds = [...new Set([...one.contact.mergedIds, ...ids])];
  return { ...one, contact: { ...one.contact, mergedIds } };
}

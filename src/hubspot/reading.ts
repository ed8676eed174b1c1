/** Reading contacts by id, and finding out what became of those that cannot be read. */
import { ENTRIES_KEPT } from '../domain/history.ts';
import { PROPERTY_NAMES, type PropertyName } from '../domain/types.ts';
import { RejectedError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Calls, Lane, ReadAnswer, ReadContact, Whereabouts } from '../ports.ts';
import type { Call, Http } from './http.ts';
import type { Paths } from './paths.ts';
import { BatchAnswer, ContactObject, instantOf } from './schema.ts';

/** Contacts per read with history: half of what a plain read allows (HubSpot/hubspot-api-python#143). */
const WITH_HISTORY = 50;
const WITHOUT_HISTORY = 100;

const STAGE = 'lifecyclestage';
const MODIFIED = 'lastmodifieddate';
/** The complete list of absorbed ids; `hs_calculated_merged_vids` misses chained merges (fivetran/dbt_hubspot#168). */
const MERGED = 'hs_merged_object_ids';

/** What reading needs. `prefix` begins the names of our properties; `calls` is counted up. */
export interface ReadOptions {
  readonly http: Http;
  readonly paths: Paths;
  readonly calls: Calls;
  readonly prefix: string;
  readonly log: Logger;
  /** Properties that rules, fit and groupings name. */
  readonly properties: readonly string[];
}

/** Reads up to 100 contacts with their stage history, two requests side by side. */
export async function readContacts(
  options: ReadOptions,
  ids: readonly string[],
  lane: Lane,
  signal?: AbortSignal,
): Promise<ReadAnswer> {
  const chunks = cut([...new Set(ids)].filter(isRecordId), WITH_HISTORY);
  const answers = await Promise.all(chunks.map((chunk) => batchRead(options, chunk, lane, signal)));
  const asked = new Set(ids);
  // A merged id may be answered under the surviving one; who asked for the old one is told by `locate`.
  const given = new Map(
    answers
      .flat()
      .filter(({ id }) => asked.has(id))
      .map((one) => [one.id, one]),
  );
  const whole = [...given.values()].filter(isWhole);
  if (whole.length < given.size) {
    const ids = [...given.values()].filter((one) => !isWhole(one)).map(({ id }) => id);
    options.log.warn({ ids }, 'contacts in a stage came back without its history');
  }
  const read = new Set(whole.map(({ id }) => id));
  return {
    contacts: whole.map((one) => toReadContact(one, options)),
    missing: [...asked].filter((id) => !read.has(id)),
  };
}

/** Says of each id whether it is live, archived, merged into another or gone. */
export async function locateContacts(
  options: ReadOptions,
  ids: readonly string[],
  lane: Lane,
  signal?: AbortSignal,
): Promise<readonly Whereabouts[]> {
  const archived = new Set<string>();
  for (const chunk of cut(ids.filter(isRecordId), WITHOUT_HISTORY)) {
    for (const { id } of await batchReadArchived(options, chunk, lane, signal)) archived.add(id);
  }
  const places: Whereabouts[] = [];
  for (const id of ids) {
    places.push(archived.has(id) ? { id, now: 'archived' } : await locateOne(options, id, lane, signal));
  }
  return places;
}

function batchRead(options: ReadOptions, ids: readonly string[], lane: Lane, signal?: AbortSignal) {
  const own = PROPERTY_NAMES.map((name) => options.prefix + name);
  const wanted = [...new Set([...own, ...options.properties, STAGE, MODIFIED, MERGED])];
  const body = { inputs: toInputs(ids), properties: wanted, propertiesWithHistory: [STAGE] };
  return postRead(options, { query: { archived: 'false' }, body, lane, signal });
}

function batchReadArchived(options: ReadOptions, ids: readonly string[], lane: Lane, signal?: AbortSignal) {
  const body = { inputs: toInputs(ids), properties: [MODIFIED], propertiesWithHistory: [] };
  return postRead(options, { query: { archived: 'true' }, body, lane, signal });
}

function toInputs(ids: readonly string[]): readonly { readonly id: string }[] {
  return ids.map((id) => ({ id }));
}

async function postRead(
  { http, paths, calls }: ReadOptions,
  call: Pick<Call<unknown>, 'query' | 'body' | 'lane' | 'signal'>,
) {
  const request = { ...call, method: 'POST', path: paths.batchRead, kind: 'read', calls } as const;
  return (await http.call({ ...request, schema: BatchAnswer })).results;
}

/**
 * A single read follows merges: the old id answers with the surviving contact, whose id differs
 * (developers.hubspot.com/changelog, "Updated merge functionality for contacts and companies").
 */
async function locateOne(
  { http, paths, calls }: ReadOptions,
  id: string,
  lane: Lane,
  signal?: AbortSignal,
): Promise<Whereabouts> {
  if (!isRecordId(id)) return { id, now: 'gone' };
  try {
    const contact = await http.call({
      ...{
        method: 'GET',
        path: paths.contact(id),
        query: { properties: MODIFIED },
        kind: 'read',
        lane,
        signal,
        calls,
      },
      schema: ContactObject,
    });
    return contact.id === id ? { id, now: 'live' } : { id, now: 'merged', into: contact.id };
  } catch (error) {
    if (error instanceof RejectedError && error.status === 404) return { id, now: 'gone' };
    throw error;
  }
}

/** A contact in a stage without any history came back without it; taking that for the truth would clear its values. */
function isWhole(contact: ContactObject): boolean {
  const history = contact.propertiesWithHistory?.[STAGE] ?? [];
  return history.length > 0 || text(contact, STAGE) === '';
}

function toReadContact(contact: ContactObject, { prefix, properties }: ReadOptions): ReadContact {
  const history = (contact.propertiesWithHistory?.[STAGE] ?? []).map(
    ({ value, timestamp, sourceType, sourceId }) => ({
      ...{ value, timestamp, sourceType },
      ...(sourceId == null ? {} : { sourceId }),
    }),
  );
  const named = properties
    .map((name) => [name, text(contact, name)] as const)
    .filter(([, value]) => value !== '');
  const current = PROPERTY_NAMES.map((name): [PropertyName, string] => [name, text(contact, prefix + name)]);
  return {
    contact: {
      id: contact.id,
      updatedAt: instantOf(text(contact, MODIFIED)) ?? instantOf(contact.updatedAt) ?? 0,
      archived: false,
      history,
      truncated: history.length >= ENTRIES_KEPT,
      properties: Object.fromEntries(named),
      mergedIds: text(contact, MERGED)
        .split(';')
        .filter((id) => /^\d+$/.test(id)),
    },
    current: Object.fromEntries(current.filter(([, value]) => value !== '')),
  };
}

/** Anything else would have the whole batch refused. */
function isRecordId(id: string): boolean {
  return /^\d+$/.test(id);
}

function text(contact: ContactObject, name: string): string {
  return String(contact.properties?.[name] ?? '');
}

function cut<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}

/** Finding contacts that may concern us: by search where HubSpot can be asked that, else by walking the list. */
import { PROPERTY_NAMES } from '../domain/types.ts';
import { RejectedError, UnavailableError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Calls, ContactSource, Found, Lane } from '../ports.ts';
import { entryPropertiesOf } from './entry-properties.ts';
import type { Http } from './http.ts';
import type { Paths } from './paths.ts';
import { ContactsPage, type FoundObject, instantOf, PropertiesPage } from './schema.ts';

/** Limits of a search (developers.hubspot.com, "Search the CRM"). */
const SEARCH_PAGE = 200;
const FILTER_GROUPS = 5;
const FILTERS = 18;
const FILTERS_A_GROUP = 6;
/** The window and the position, in every group. */
const SHARED_FILTERS = 2;
const BODY_CHARACTERS = 3_000;
const LIST_PAGE = 100;

type Window = Parameters<ContactSource['find']>[0];
type Filter = {
  readonly propertyName: string;
  readonly operator: string;
  readonly value?: string;
  readonly highValue?: string;
};

/** By which properties contacts of interest can be found. */
export interface Marks {
  /** At least one of them is set on every contact that was ever handed over or has a status of ours. */
  readonly main: readonly string[];
  /** The rest of our properties in parts that fit one search: they are set elsewhere only where they are wrong. */
  readonly leftovers: readonly (readonly string[])[];
}

/** What finding works with. `marks` null: HubSpot cannot be asked for our contacts. */
export interface FindOptions {
  readonly portal: string;
  readonly http: Http;
  readonly paths: Paths;
  readonly calls: Calls;
  readonly log: Logger;
  marks(lane: Lane, signal?: AbortSignal): Promise<Marks | null>;
}

/** `find` of the contact source. */
export function finder(options: FindOptions): ContactSource['find'] {
  let refused = false;
  return async (window, after, lane, signal) => {
    const marks = refused ? null : await options.marks(lane, signal);
    if (marks !== null) {
      try {
        return await searchByMarks(options, marks, window, after, lane, signal);
      } catch (error) {
        if (!(error instanceof RejectedError)) throw error;
        refused = true;
        options.log.warn(
          { portal: options.portal, err: error },
          'search by stage refused, looking at all contacts',
        );
      }
    }
    // A position of another way of looking says nothing here, which then begins anew.
    if (window.from === null) return walk(options, after?.startsWith(LEFT) ? null : after, lane, signal);
    const id = isIdPosition(after) ? after : null;
    return search(options, searchBody(window, id, []), id, lane, signal);
  };
}

/** Begins a position among the leftovers: the number of the part, and an id. */
const LEFT = 'left:';

/** The main search to its end, and when everything is looked at, the leftovers part by part. */
async function searchByMarks(
  options: FindOptions,
  { main, leftovers }: Marks,
  window: Window,
  after: string | null,
  lane: Lane,
  signal?: AbortSignal,
): ReturnType<ContactSource['find']> {
  const [part = -1, id = isIdPosition(after) ? after : null] = leftPosition(after);
  const body =
    part < 0 ? searchBody(window, id, main) : searchBody(window, id, leftovers[part] ?? [], absentFrom(main));
  const page = await search(options, body, id, lane, signal);
  const parts = window.from === null ? leftovers.length : 0;
  if (page.after !== null) return { ...page, after: part < 0 ? page.after : `${LEFT}${part}:${page.after}` };
  return { ...page, after: part + 1 < parts ? `${LEFT}${part + 1}:0` : null };
}

function leftPosition(after: string | null): [number, string] | [] {
  if (after === null || !after.startsWith(LEFT)) return [];
  const [part = '', id = '0'] = after.slice(LEFT.length).split(':');
  return [Number(part), id];
}

/** What a leftover must lack so that the main search has not found it already, as far as filters go round. */
function absentFrom(main: readonly string[]): readonly string[] {
  return main.length + SHARED_FILTERS + 1 <= FILTERS_A_GROUP ? main : main.slice(-1);
}

/** Looks up by which properties contacts of interest can be found; null: HubSpot cannot be asked that in one search. */
export async function lookUpMarks(
  { http, paths, calls }: Pick<FindOptions, 'http' | 'paths' | 'calls'>,
  stages: readonly string[],
  prefix: string,
  lane: Lane,
  signal?: AbortSignal,
): Promise<Marks | null> {
  const { results } = await http.call({
    ...{ method: 'GET', path: paths.properties, kind: 'other', lane, signal, calls },
    schema: PropertiesPage,
  });
  const entries = entryPropertiesOf(stages, results);
  if (entries === null) return null;
  const known = new Set(results.map(({ name }) => name));
  const own = PROPERTY_NAMES.map((name) => prefix + name).filter((name) => known.has(name));
  const status = own.filter((name) => name === `${prefix}status`);
  const main = [...new Set([...entries, ...status])];
  const longest = JSON.stringify(searchBody({ from: 0, to: Date.UTC(2100, 0) }, LONGEST_ID, main)).length;
  if (main.length > FILTER_GROUPS || longest > BODY_CHARACTERS) return null;
  const filtersEach = SHARED_FILTERS + 1 + absentFrom(main).length;
  const others = status.length === 0 ? [] : own.filter((name) => !status.includes(name));
  return { main, leftovers: cut(others, Math.floor(FILTERS / filtersEach)) };
}

function cut<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}

const LONGEST_ID = '9'.repeat(19);

/**
 * Pages by id within a fixed window: the offset paging of a search ends at 10,000, and a mass update gives more contacts
 * than that one `lastmodifieddate` (airbytehq/airbyte#43317, #44899).
 */
export function searchBody(
  window: Window,
  after: string | null,
  marks: readonly string[],
  absent: readonly string[] = [],
): object {
  const shared: Filter[] = [
    window.from === null
      ? { propertyName: 'lastmodifieddate', operator: 'LTE', value: String(window.to) }
      : {
          propertyName: 'lastmodifieddate',
          operator: 'BETWEEN',
          value: String(window.from),
          highValue: String(window.to),
        },
    { propertyName: 'hs_object_id', operator: 'GT', value: after ?? '0' },
  ];
  const lacking = absent.map((propertyName) => ({ propertyName, operator: 'NOT_HAS_PROPERTY' }));
  const groups = marks.map((propertyName) => ({
    filters: [...shared, { propertyName, operator: 'HAS_PROPERTY' }, ...lacking],
  }));
  return {
    filterGroups: groups.length === 0 ? [{ filters: shared }] : groups,
    sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
    properties: ['lastmodifieddate'],
    limit: SEARCH_PAGE,
    after: '0',
  };
}

async function search(
  options: FindOptions,
  body: object,
  after: string | null,
  lane: Lane,
  signal?: AbortSignal,
) {
  const { http, paths, calls } = options;
  const { results, paging } = await http.call({
    ...{ method: 'POST', path: paths.search, body, kind: 'search', lane, signal, calls },
    schema: ContactsPage,
  });
  const found = inOrder(results.map(toFound), after);
  const last = found.at(-1)?.id ?? null;
  const more = found.length === SEARCH_PAGE || paging?.next != null;
  if (more && last === null) {
    throw new UnavailableError(
      'HubSpot gave a page of contacts without any id to go on from; try again later',
    );
  }
  return { found, after: more ? last : null };
}

/**
 * Pages with HubSpot's own position: the id of the next contact (developers.hubspot.com, "Using object APIs"), so that
 * changes during the walk shift nothing. Ours is the one before it, which means the same to a search that takes over.
 */
async function walk(
  { http, paths, calls }: FindOptions,
  after: string | null,
  lane: Lane,
  signal?: AbortSignal,
) {
  const query = {
    limit: String(LIST_PAGE),
    properties: 'lastmodifieddate',
    archived: 'false',
    ...(after === null ? {} : { after: tokenOf(after) }),
  };
  const { results, paging } = await http.call({
    ...{ method: 'GET', path: paths.contacts, query, kind: 'read', lane, signal, calls },
    schema: ContactsPage,
  });
  const next = paging?.next?.after;
  return { found: results.map(toFound), after: next === undefined ? null : positionBefore(next, after) };
}

/** Begins a position that is HubSpot's own token and no id (its older examples show such). */
const TOKEN = 'page:';

/** The position just before the contact at which HubSpot goes on. */
function positionBefore(next: string, after: string | null): string {
  const isId = /^\d+$/.test(next);
  const position = isId ? String(BigInt(next) - 1n) : TOKEN + next;
  const isStuck = isId && isIdPosition(after) ? BigInt(position) <= BigInt(after) : position === after;
  if (isStuck) throw new UnavailableError('HubSpot gave the same page of contacts twice; try again later');
  return position;
}

function tokenOf(after: string): string {
  return after.startsWith(TOKEN) ? after.slice(TOKEN.length) : String(BigInt(after) + 1n);
}

function isIdPosition(after: string | null): after is string {
  return after !== null && /^\d+$/.test(after);
}

/** Ids must rise; an index that answers otherwise would send us round in circles. */
function inOrder(found: readonly Found[], after: string | null): readonly Found[] {
  let last = after === null ? -1n : BigInt(after);
  for (const { id } of found) {
    if (BigInt(id) <= last) {
      throw new UnavailableError(
        `HubSpot gave contact ${id} after ${last}, out of the order asked for; try again later`,
      );
    }
    last = BigInt(id);
  }
  return found;
}

function toFound(contact: FoundObject): Found {
  const told = contact.properties?.['lastmodifieddate'];
  return { id: contact.id, modifiedAt: instantOf(told == null ? contact.updatedAt : String(told)) ?? 0 };
}

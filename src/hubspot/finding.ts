/** Finding contacts that may concern us: by search where HubSpot can be asked that, else by walking the list. */
import { RejectedError, UnavailableError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Calls, ContactSource, Found, Lane } from '../ports.ts';
import { entryPropertiesOf } from './entry-properties.ts';
import type { Http } from './http.ts';
import type { Paths } from './paths.ts';
import { ContactsPage, type FoundObject, instantOf, PropertiesPage } from './schema.ts';

/** Limits of a search (developers.hubspot.com, "Search the CRM"); ours has three filters in each group, so never more than 18 in all. */
const SEARCH_PAGE = 200;
const FILTER_GROUPS = 5;
const BODY_CHARACTERS = 3_000;
const LIST_PAGE = 100;

type Window = Parameters<ContactSource['find']>[0];
type Filter = {
  readonly propertyName: string;
  readonly operator: string;
  readonly value?: string;
  readonly highValue?: string;
};

/** What finding works with; `marks` are properties of which at least one is set on every contact of interest. */
export interface FindOptions {
  readonly portal: string;
  readonly http: Http;
  readonly paths: Paths;
  readonly calls: Calls;
  readonly log: Logger;
  marks(lane: Lane, signal?: AbortSignal): Promise<readonly string[] | null>;
}

/** `find` of the contact source. */
export function finder(options: FindOptions): ContactSource['find'] {
  let refused = false;
  return async (window, after, lane, signal) => {
    const marks = refused ? null : await options.marks(lane, signal);
    // A token of the list says nothing to a search, which then begins anew.
    const id = isIdPosition(after) ? after : null;
    if (marks !== null) {
      try {
        return await search(options, searchBody(window, id, marks), id, lane, signal);
      } catch (error) {
        if (!(error instanceof RejectedError)) throw error;
        refused = true;
        options.log.warn(
          { portal: options.portal, err: error },
          'search by stage refused, looking at all contacts',
        );
      }
    }
    if (window.from === null) return walk(options, after, lane, signal);
    return search(options, searchBody(window, id, []), id, lane, signal);
  };
}

/** Looks up by which properties contacts of interest can be found; null: HubSpot cannot be asked that in one search. */
export async function lookUpMarks(
  { http, paths, calls }: Pick<FindOptions, 'http' | 'paths' | 'calls'>,
  stages: readonly string[],
  statusProperty: string,
  lane: Lane,
  signal?: AbortSignal,
): Promise<readonly string[] | null> {
  const { results } = await http.call({
    ...{ method: 'GET', path: paths.properties, kind: 'other', lane, signal, calls },
    schema: PropertiesPage,
  });
  const entries = entryPropertiesOf(stages, results);
  if (entries === null) return null;
  const own = results.some(({ name }) => name === statusProperty) ? [statusProperty] : [];
  const marks = [...new Set([...entries, ...own])];
  return marks.length <= FILTER_GROUPS &&
    JSON.stringify(searchBody({ from: 0, to: Date.UTC(2100, 0) }, LONGEST_ID, marks)).length <=
      BODY_CHARACTERS
    ? marks
    : null;
}

const LONGEST_ID = '9'.repeat(19);

/**
 * Pages by id within a fixed window: the offset paging of a search ends at 10,000, and a mass update gives more contacts
 * than that one `lastmodifieddate` (airbytehq/airbyte#43317, #44899).
 */
export function searchBody(window: Window, after: string | null, marks: readonly string[]): object {
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
  const groups = marks.map((propertyName) => ({
    filters: [...shared, { propertyName, operator: 'HAS_PROPERTY' }],
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
  return after !== null && !after.startsWith(TOKEN);
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

/** `POST objects/contacts/search`, with its ceilings (developers.hubspot.com, search the CRM). */
import { asList, asObject, asStrings, asText, type Call, type Json, pageSize } from './call.ts';
import type { SimulatedContact } from './contact.ts';
import type { Portal } from './portal.ts';
import { record } from './records.ts';
import { type Answer, invalid } from './refusal.ts';
import { groupsTest, numericReader } from './search-filters.ts';

const MOST_GROUPS = 5;
const MOST_FILTERS_IN_GROUP = 6;
const MOST_FILTERS = 18;
const LONGEST_BODY = 3_000;
/** No query gives more records than this, however it is paged. */
const REACHABLE = 10_000;
const PAGE = 200;

interface Sort {
  readonly property: string;
  readonly descending: boolean;
}

/** Searches the index, which may lag behind. Archived contacts never appear. */
export function searchContacts(call: Call): Answer {
  if (call.bodyLength > LONGEST_BODY)
    throw invalid(`The request body must not exceed ${LONGEST_BODY} characters`);
  const { body, portal } = call;
  const limit = pageSize(body.limit, 10, PAGE);
  const offset = readOffset(body.after);
  if (offset + limit > REACHABLE)
    throw invalid(`The maximum number of results per search query is ${REACHABLE}`);
  const groups = readGroups(body);
  const sort = readSort(body);
  const matches = sorted(portal, findMatches(portal, groups), sort);
  const wanted = { properties: asStrings(body.properties, 'properties'), withHistory: [] };
  const results = matches.slice(offset, offset + limit).map((contact) => record(portal, contact, wanted));
  const next = offset + limit < matches.length ? { paging: { next: { after: String(offset + limit) } } } : {};
  return { status: 200, body: { total: matches.length, results, ...next } };
}

function findMatches(portal: Portal, groups: readonly Json[]): SimulatedContact[] {
  const test = groupsTest(portal, groups);
  const now = portal.now();
  const matches: SimulatedContact[] = [];
  for (const contact of portal.ordered) {
    const seen = portal.index.seen(contact, now);
    if (seen !== null && test(seen)) matches.push(seen);
  }
  return matches;
}

function readOffset(after: unknown): number {
  if (after === undefined || after === null || after === '') return 0;
  const offset = Number(after);
  if (Number.isInteger(offset) && offset >= 0) return offset;
  throw invalid('after must be a number');
}

function readGroups(body: Json): Json[] {
  const groups = asList(body.filterGroups, 'filterGroups').map((group) => asObject(group, 'filterGroups'));
  if (groups.length > MOST_GROUPS) throw invalid(`A maximum of ${MOST_GROUPS} filterGroups is allowed`);
  const sizes = groups.map((group) => {
    const filters = asList(group.filters, 'filters');
    for (const filter of filters) asObject(filter, 'filters');
    return filters.length;
  });
  if (sizes.some((size) => size > MOST_FILTERS_IN_GROUP)) {
    throw invalid(`A maximum of ${MOST_FILTERS_IN_GROUP} filters is allowed in each filterGroup`);
  }
  if (sizes.some((size) => size === 0)) throw invalid('A filterGroup must have filters');
  if (sizes.reduce((sum, size) => sum + size, 0) > MOST_FILTERS) {
    throw invalid(`A maximum of ${MOST_FILTERS} filters is allowed`);
  }
  return groups;
}

function readSort(body: Json): Sort {
  const sorts = asList(body.sorts, 'sorts');
  if (sorts.length > 1) throw invalid('Only one sort is allowed');
  const given = sorts[0];
  if (given === undefined) return { property: 'createdate', descending: false };
  if (typeof given === 'string')
    return { property: given.replace(/^-/, ''), descending: given.startsWith('-') };
  const { propertyName, direction = 'ASCENDING' } = asObject(given, 'sorts');
  if (direction !== 'ASCENDING' && direction !== 'DESCENDING') {
    throw invalid(`Invalid input JSON: direction ${String(direction)} is not known`);
  }
  return { property: asText(propertyName, 'propertyName'), descending: direction === 'DESCENDING' };
}

/** Matches come by ascending id, so the usual order costs nothing. Blank values stand last. */
function sorted(
  portal: Portal,
  matches: SimulatedContact[],
  { property, descending }: Sort,
): SimulatedContact[] {
  const definition = portal.definitions.get(property);
  if (definition === undefined || definition.archived)
    throw invalid(`Cannot sort by ${property}: it does not exist`);
  const turn = descending ? -1 : 1;
  if (property === 'hs_object_id') return descending ? matches.reverse() : matches;
  if (definition.type === 'number' || definition.type === 'datetime' || definition.type === 'date') {
    const rank = numericReader(portal, property);
    const order = (contact: SimulatedContact) =>
      Number.isNaN(rank(contact)) ? Number.POSITIVE_INFINITY : turn * rank(contact);
    return matches.sort((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b)));
  }
  return matches.sort((a, b) => turn * portal.value(a, property).localeCompare(portal.value(b, property)));
}

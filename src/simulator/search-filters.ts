/** Search filters, turned into tests on a contact. Operators as developers.hubspot.com (search the CRM) lists them. */
import { asList, asStrings, asText, type Json } from './call.ts';
import type { SimulatedContact } from './contact.ts';
import type { Definition } from './definitions.ts';
import type { Portal } from './portal.ts';
import { invalid } from './refusal.ts';
import { parseInstant } from './values.ts';

/** Does this contact match? */
export type Test = (contact: SimulatedContact) => boolean;

/** One filter as a test. Throws 400 for what HubSpot does not understand. */
function filterTest(portal: Portal, filter: Json): Test {
  const name = asText(filter.propertyName, 'propertyName');
  const operator = asText(filter.operator, 'operator');
  const definition = portal.definitions.get(name);
  if (definition === undefined || definition.archived) {
    throw invalid('There was a problem with the request.', {
      errors: [
        {
          message: `Property "${name}" does not exist`,
          code: 'PROPERTY_DOESNT_EXIST',
          context: { propertyName: [name] },
        },
      ],
    });
  }
  const present = (contact: SimulatedContact) => portal.value(contact, name) !== '';
  const numeric = ['number', 'date', 'datetime'].includes(definition.type);
  const rank = numericReader(portal, name);
  const wanted = (key: 'value' | 'highValue') => wantedNumber(filter[key], definition, key);
  switch (operator) {
    case 'HAS_PROPERTY':
      return present;
    case 'NOT_HAS_PROPERTY':
      return (contact) => !present(contact);
    case 'EQ':
    case 'NEQ':
    case 'IN':
    case 'NOT_IN':
      return membershipTest(portal, filter, definition, operator, numeric ? rank : null);
    case 'CONTAINS_TOKEN':
    case 'NOT_CONTAINS_TOKEN':
      return tokenTest(portal, filter, name, operator);
    case 'BETWEEN': {
      const [low, high] = [wanted('value'), wanted('highValue')];
      return (contact) => rank(contact) >= low && rank(contact) <= high;
    }
    case 'LT':
    case 'LTE':
    case 'GT':
    case 'GTE':
      return comparison(operator, rank, wanted('value'));
    default:
      throw invalid(`Invalid input JSON: operator ${operator} is not known`);
  }
}

/** Reads a property as a number for comparing and sorting; blank is NaN, which compares as false with everything. */
export function numericReader(portal: Portal, name: string): (contact: SimulatedContact) => number {
  if (name === 'hs_object_id') return (contact) => contact.number;
  if (name === 'lastmodifieddate') return (contact) => contact.updatedAt;
  if (name === 'createdate') return (contact) => contact.createdAt;
  return (contact) => toNumber(portal.value(contact, name)) ?? Number.NaN;
}

function comparison(
  operator: 'LT' | 'LTE' | 'GT' | 'GTE',
  rank: (contact: SimulatedContact) => number,
  wanted: number,
): Test {
  switch (operator) {
    case 'LT':
      return (contact) => rank(contact) < wanted;
    case 'LTE':
      return (contact) => rank(contact) <= wanted;
    case 'GT':
      return (contact) => rank(contact) > wanted;
    case 'GTE':
      return (contact) => rank(contact) >= wanted;
  }
}

function membershipTest(
  portal: Portal,
  filter: Json,
  definition: Definition,
  operator: 'EQ' | 'NEQ' | 'IN' | 'NOT_IN',
  rank: ((contact: SimulatedContact) => number) | null,
): Test {
  const many = operator === 'IN' || operator === 'NOT_IN';
  const values = many ? asStrings(filter.values, 'values') : [asText(filter.value, 'value')];
  if (values.length === 0) throw invalid(`Invalid input JSON: ${operator} needs values`);
  const positive = operator === 'EQ' || operator === 'IN';
  if (rank !== null) {
    const numbers = new Set(values.map((value) => wantedNumber(value, definition, 'value')));
    return (contact) => numbers.has(rank(contact)) === positive;
  }
  // Enumeration values are case-sensitive; plain text is indexed in lower case, and lists are not lowered for the caller.
  const exact = definition.type === 'enumeration' || definition.type === 'bool';
  const wanted = new Set(exact || many ? values : values.map((value) => value.toLowerCase()));
  return (contact) => {
    const value = portal.value(contact, definition.name);
    return wanted.has(exact ? value : value.toLowerCase()) === positive;
  };
}

function tokenTest(portal: Portal, filter: Json, name: string, operator: string): Test {
  const wanted = asText(filter.value, 'value').toLowerCase();
  const parts = wanted.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const token = new RegExp(`^${parts.join('.*')}$`);
  const positive = operator === 'CONTAINS_TOKEN';
  return (contact) => {
    const tokens = portal
      .value(contact, name)
      .toLowerCase()
      .split(/[^\p{L}\p{N}_]+/u);
    return tokens.some((part) => part !== '' && token.test(part)) === positive;
  };
}

function wantedNumber(value: unknown, definition: Definition, key: string): number {
  const number = toNumber(asText(value, key));
  if (number !== null) return number;
  throw invalid(
    `There was a problem with the request: ${key} of ${definition.name} is not a ${definition.type}`,
  );
}

function toNumber(text: string): number | null {
  if (text === '') return null;
  const number = Number(text);
  return Number.isNaN(number) ? parseInstant(text) : number;
}

/** The groups of a search body as one test: filters of a group must all hold, one group is enough. None: everything. */
export function groupsTest(portal: Portal, groups: readonly Json[]): Test {
  const tests = groups.map((group) =>
    asList(group.filters, 'filters').map((filter) => filterTest(portal, filter as Json)),
  );
  if (tests.length === 0) return () => true;
  return (contact) => tests.some((group) => group.every((test) => test(contact)));
}

/** Which contacts are found, by which calls, page after page. */
import { describe, expect, it } from 'vitest';
import { RateLimitedError, UnavailableError } from '../../src/errors.ts';
import { entryPropertiesOf } from '../../src/hubspot/entry-properties.ts';
import { searchBody } from '../../src/hubspot/finding.ts';
import { type MockedCall, mockHttp } from '../support/http-mock.ts';
import { CONTACTS, failure, PROPERTIES, SEARCH, testContacts } from './support.ts';

const http = mockHttp('https://api.hubapi.com');

const WINDOW = { from: Date.UTC(2026, 10, 1), to: Date.UTC(2026, 10, 23) };
const EVER = { from: null, to: WINDOW.to };
const MQL = 'hs_v2_date_entered_marketingqualifiedlead';
const SQL = 'hs_v2_date_entered_salesqualifiedlead';

interface SearchBody {
  readonly filterGroups: readonly {
    readonly filters: readonly { propertyName: string; operator: string }[];
  }[];
  readonly limit: number;
  readonly after?: string;
}

function property(name: string, label = name) {
  return { name, label, type: 'datetime', fieldType: 'date', options: [] };
}

function definitions(...names: string[]) {
  http.on('GET', PROPERTIES, { body: { results: names.map((name) => property(name)) } });
}

function found(ids: readonly (string | number)[], modified = '2026-11-20T10:00:00.000Z') {
  return ids.map((id) => ({ id: String(id), properties: { lastmodifieddate: modified } }));
}

function idsFrom(first: number, count: number) {
  return Array.from({ length: count }, (_, at) => first + at);
}

/** Answers a search as HubSpot does from these ids: numerically greater than the position, at most 200. */
function searching(ids: readonly number[]) {
  return ({ body }: MockedCall) => {
    const { filterGroups, limit } = body as SearchBody;
    const position = filterGroups[0]?.filters.find((filter) => filter.propertyName === 'hs_object_id');
    const left = ids.filter((id) => id > Number((position as unknown as { value: string }).value));
    const page = left.slice(0, limit);
    const paging = left.length > page.length ? { paging: { next: { after: String(page.length) } } } : {};
    return { body: { total: left.length, results: found(page), ...paging } };
  };
}

describe('a search', () => {
  it('asks for what entered our stages or carries our status, within the window', async () => {
    definitions(MQL, SQL, 'handoff_status', 'email');
    http.on('POST', SEARCH, { body: { total: 1, results: found([7]) } });
    const { source, calls } = testContacts();

    const page = await source.find(WINDOW, '6', 'live');

    const shared = [
      {
        propertyName: 'lastmodifieddate',
        operator: 'BETWEEN',
        value: String(WINDOW.from),
        highValue: String(WINDOW.to),
      },
      { propertyName: 'hs_object_id', operator: 'GT', value: '6' },
    ];
    expect(http.calls[1]?.body).toMatchObject({
      filterGroups: [MQL, SQL, 'handoff_status'].map((propertyName) => ({
        filters: [...shared, { propertyName, operator: 'HAS_PROPERTY' }],
      })),
      sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
      limit: 200,
    });
    expect(page).toEqual({ found: [{ id: '7', modifiedAt: Date.UTC(2026, 10, 20, 10) }], after: null });
    expect(calls).toMatchObject({ search: 1, other: 1, read: 0 });
  });

  it('since ever has an upper bound only', async () => {
    definitions(MQL, SQL);
    http.on('POST', SEARCH, { body: { results: [] } });

    await testContacts().source.find(EVER, null, 'backfill');

    expect(http.calls[1]?.body).toMatchObject({
      filterGroups: [
        { filters: [{ operator: 'LTE', value: String(EVER.to) }, { operator: 'GT', value: '0' }, {}] },
        {},
      ],
    });
  });

  it('keeps to the filter limits and the length of a body, at its longest', () => {
    const marks = idsFrom(1, 5).map((n) => `${n}`.padEnd(100, 'x'));

    const body = searchBody(WINDOW, '9'.repeat(19), marks) as SearchBody;

    expect(body.filterGroups.length).toBeLessThanOrEqual(5);
    expect(body.filterGroups.flatMap(({ filters }) => filters).length).toBeLessThanOrEqual(18);
    expect(JSON.stringify(body).length).toBeLessThanOrEqual(3_000);
  });

  it('gets through 10,450 contacts with one lastmodifieddate by id, across a change in the number of digits', async () => {
    const ids = idsFrom(95_000, 10_450);
    definitions(MQL, SQL);
    const pages = Math.ceil(ids.length / 200);
    for (let page = 0; page < pages; page += 1) http.on('POST', SEARCH, searching(ids));
    const { source, calls } = testContacts();

    const all: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof source.find>> = await source.find(WINDOW, after, 'live');
      all.push(...page.found.map(({ id }) => id));
      after = page.after;
    } while (after !== null);

    expect(all).toEqual(ids.map(String));
    expect(calls.search).toBe(pages);
    const offsets = http.calls.slice(1).map(({ body }) => (body as SearchBody).after ?? '0');
    expect(new Set(offsets)).toEqual(new Set(['0']));
  });

  it('leaves out an element that is not as documented, and takes updatedAt where lastmodifieddate is blank', async () => {
    definitions(MQL, SQL);
    const results = [
      null,
      { id: 'abc' },
      { id: 8, properties: { lastmodifieddate: null }, updatedAt: '2026-11-20T10:00:00Z' },
      { id: '9' },
    ];
    http.on('POST', SEARCH, { body: { results } });

    const page = await testContacts().source.find(WINDOW, null, 'live');

    expect(page.found.map(({ id }) => id)).toEqual(['8', '9']);
    expect(page.found[0]?.modifiedAt).toBe(Date.UTC(2026, 10, 20, 10));
  });

  it.each([
    ['out of order', ['9', '10', '8'], null],
    ['in the order of text', ['10', '9'], null],
    ['not beyond the position', ['10'], '10'],
    ['twice', ['10', '10'], null],
  ])('ends with an outage when ids come %s', async (_, ids, after) => {
    definitions(MQL, SQL);
    http.on('POST', SEARCH, { body: { results: found(ids) } });

    const error = await failure(testContacts().source.find(WINDOW, after, 'live'));

    expect(error).toBeInstanceOf(UnavailableError);
  });

  it('goes on after a full page, whatever HubSpot says of the next one', async () => {
    definitions(MQL, SQL);
    http.on('POST', SEARCH, { body: { results: found(idsFrom(1, 200)) } });

    const page = await testContacts().source.find(WINDOW, null, 'live');

    expect(page.after).toBe('200');
  });

  it('does not take a page without any id for the end', async () => {
    definitions(MQL, SQL);
    http.on('POST', SEARCH, { body: { results: [{}], paging: { next: { after: '200' } } } });

    await expect(testContacts().source.find(WINDOW, null, 'live')).rejects.toThrow(UnavailableError);
  });

  it('looks the properties up once, and again after a failure', async () => {
    http.on('GET', PROPERTIES, { status: 403 });
    definitions(MQL, SQL);
    http.on('POST', SEARCH, { body: { results: [] } }).on('POST', SEARCH, { body: { results: [] } });
    const { source, calls } = testContacts();

    await failure(source.find(WINDOW, null, 'live'));
    await source.find(WINDOW, null, 'live');
    await source.find(WINDOW, null, 'live');

    expect(calls.other).toBe(2);
  });
});

describe('where HubSpot cannot be asked for our contacts', () => {
  const PLAIN = {
    filterGroups: [{ filters: [{ propertyName: 'lastmodifieddate' }, { propertyName: 'hs_object_id' }] }],
  };

  it('changes are searched for by date alone', async () => {
    definitions(MQL);
    http.on('POST', SEARCH, { body: { results: found([3]) } });

    const page = await testContacts().source.find(WINDOW, null, 'live');

    expect(http.calls[1]?.body).toMatchObject(PLAIN);
    expect(page.found).toHaveLength(1);
  });

  it.each([6, 5])(
    'so are they with %i stages and our status: more than there are filter groups',
    async (stages) => {
      const entryStages = idsFrom(1, stages).map((n) => `stage${n}`);
      definitions(...entryStages.map((stage) => `hs_v2_date_entered_${stage}`), 'handoff_status');
      http.on('POST', SEARCH, { body: { results: [] } });

      await testContacts({ entryStages }).source.find(WINDOW, null, 'live');

      expect(http.calls[1]?.body).toMatchObject(PLAIN);
    },
  );

  it("everything is read from the list, by HubSpot's own position", async () => {
    definitions('email');
    http.on('GET', CONTACTS, { body: { results: found([1, 51]), paging: { next: { after: '101' } } } });
    http.on('GET', CONTACTS, { body: { results: found([101, 102]) } });
    const { source, calls } = testContacts();

    const first = await source.find(EVER, null, 'backfill');
    const second = await source.find(EVER, first.after, 'backfill');

    expect(first.after).toBe('100');
    expect(http.calls.slice(1).map(({ query }) => query)).toEqual([
      { limit: '100', properties: 'lastmodifieddate', archived: 'false' },
      { limit: '100', properties: 'lastmodifieddate', archived: 'false', after: '101' },
    ]);
    expect([...first.found, ...second.found].map(({ id }) => id)).toEqual(['1', '51', '101', '102']);
    expect(second.after).toBeNull();
    expect(calls).toMatchObject({ read: 2, search: 0 });
  });

  it.each(['1', '51'])('a list that goes on at %s ends with an outage instead of for ever', async (next) => {
    definitions('email');
    http.on('GET', CONTACTS, { body: { results: found([52]), paging: { next: { after: next } } } });

    await expect(testContacts().source.find(EVER, '51', 'backfill')).rejects.toThrow(UnavailableError);
  });

  it('a list may go on at a token that is no id; the same one twice ends with an outage', async () => {
    definitions('email');
    for (const id of [52, 53]) {
      http.on('GET', CONTACTS, { body: { results: found([id]), paging: { next: { after: 'NTI1==' } } } });
    }
    const { source } = testContacts();

    const first = await source.find(EVER, null, 'backfill');
    await expect(source.find(EVER, first.after, 'backfill')).rejects.toThrow(UnavailableError);
    expect(http.calls.at(-1)?.query).toMatchObject({ after: 'NTI1==' });
  });

  it('a refused search falls back, and is not tried again', async () => {
    definitions(MQL, SQL);
    http.on('POST', SEARCH, { status: 400, body: { category: 'VALIDATION_ERROR' } });
    http.on('POST', SEARCH, { body: { results: found([3]) } });
    http.on('GET', CONTACTS, { body: { results: found([1]) } });
    const { source } = testContacts();

    const changed = await source.find(WINDOW, null, 'live');
    const all = await source.find(EVER, null, 'live');

    expect(changed.found.map(({ id }) => id)).toEqual(['3']);
    expect(all.found.map(({ id }) => id)).toEqual(['1']);
  });

  it('a search that must wait does not fall back', async () => {
    definitions(MQL, SQL);
    http.on('POST', SEARCH, { status: 423 });

    await expect(testContacts().source.find(WINDOW, null, 'live')).rejects.toThrow(RateLimitedError);
  });
});

describe("the portal's own entry properties", () => {
  const labelled = (name: string, label: string) => ({
    name: `hs_v2_date_entered_${name}`,
    label,
    options: [],
  });
  const named = (...names: string[]) => names.map((name) => labelled(name, ''));
  const stages = {
    name: 'lifecyclestage',
    label: 'Lifecycle stage',
    options: [{ value: 'ein-wert', label: 'Sales Qualified Lead', displayOrder: 0 }],
  };

  it.each([
    ['its value', '2497212665', named('2497212665', '249721266')],
    ['its value among longer ones', 'lead', named('lead', 'lead_7', 'leadership')],
    ['its value with other signs', 'SQL-Stage', named('sql_stage')],
    ['its value without the odd signs', 'sql.stage!', named('sqlstage')],
    ['its value with a number', 'SQL-Stage', named('sql_stage_1234')],
    [
      'its label',
      'ein-wert',
      [labelled('x1', 'Date entered "Sales Qualified Lead (Lifecycle Stage Pipeline)"'), stages],
    ],
    ['its label alone', 'ein-wert', [labelled('x1', 'Date entered Sales Qualified Lead'), stages]],
  ])('are found by %s', (_, stage, properties) => {
    expect(entryPropertiesOf([stage], properties as Parameters<typeof entryPropertiesOf>[1])).toEqual([
      properties[0]?.name,
    ]);
  });

  it.each([
    ['missing', 'lead', named('leads', 'subscriber')],
    ['part of another number', '153', named('153180554')],
    ['one of two', 'SQL-Stage', named('sql_stage_1', 'sql_stage_2')],
    ['of signs that no name can have', '商談', named('_1', 'x')],
  ])('are not guessed when %s', (_, stage, properties) => {
    expect(entryPropertiesOf([stage], properties)).toBeNull();
  });
});

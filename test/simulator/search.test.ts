import { describe, expect, it } from 'vitest';
import { addContacts, NOON, results, type TestPortal, testPortal } from './support.ts';

const SEARCH = '/crm/objects/2026-09/contacts/search';

type Filter = Readonly<Record<string, unknown>>;

async function found(portal: TestPortal, ...groups: Filter[][]): Promise<string[]> {
  const filterGroups = groups.map((filters) => ({ filters }));
  const body = {
    filterGroups,
    sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
    limit: 200,
  };
  return results(await portal.call('POST', SEARCH, body)).map(({ id }) => id);
}

describe('filters', () => {
  const CASES: readonly [string, Filter[][], string[]][] = [
    ['HAS_PROPERTY', [[{ propertyName: 'country', operator: 'HAS_PROPERTY' }]], ['1001', '1002']],
    ['NOT_HAS_PROPERTY', [[{ propertyName: 'country', operator: 'NOT_HAS_PROPERTY' }]], ['1003']],
    [
      'HAS_PROPERTY of a calculated one',
      [[{ propertyName: 'hs_v2_date_entered_customer', operator: 'HAS_PROPERTY' }]],
      ['1003'],
    ],
    ['EQ, upper or lower case', [[{ propertyName: 'country', operator: 'EQ', value: 'SPAIN' }]], ['1001']],
    [
      'EQ of an option, as it is written',
      [[{ propertyName: 'lifecyclestage', operator: 'EQ', value: 'Lead' }]],
      [],
    ],
    ['NEQ', [[{ propertyName: 'lifecyclestage', operator: 'NEQ', value: 'lead' }]], ['1003']],
    ['IN', [[{ propertyName: 'lifecyclestage', operator: 'IN', values: ['customer'] }]], ['1003']],
    [
      'IN of text wants lower case',
      [[{ propertyName: 'country', operator: 'IN', values: ['Spain', 'france'] }]],
      ['1002'],
    ],
    [
      'NOT_IN',
      [[{ propertyName: 'lifecyclestage', operator: 'NOT_IN', values: ['customer'] }]],
      ['1001', '1002'],
    ],
    ['numbers, not text', [[{ propertyName: 'numemployees', operator: 'GT', value: '9' }]], ['1002']],
    [
      'ids as numbers',
      [
        [
          { propertyName: 'hs_object_id', operator: 'GT', value: '1001' },
          { propertyName: 'hs_object_id', operator: 'LT', value: '10000' },
        ],
      ],
      ['1002', '1003'],
    ],
    [
      'BETWEEN instants',
      [
        [
          {
            propertyName: 'lastmodifieddate',
            operator: 'BETWEEN',
            value: String(NOON - 2_000),
            highValue: String(NOON - 1_000),
          },
        ],
      ],
      ['1001', '1002'],
    ],
    [
      'an instant in ISO',
      [[{ propertyName: 'lastmodifieddate', operator: 'GTE', value: '2026-11-23T11:59:59Z' }]],
      ['1002', '1003'],
    ],
    ['LTE', [[{ propertyName: 'lastmodifieddate', operator: 'LTE', value: String(NOON - 2_000) }]], ['1001']],
    ['CONTAINS_TOKEN', [[{ propertyName: 'country', operator: 'CONTAINS_TOKEN', value: 'fra*' }]], ['1002']],
    [
      'groups: one is enough',
      [
        [{ propertyName: 'country', operator: 'EQ', value: 'spain' }],
        [{ propertyName: 'lifecyclestage', operator: 'EQ', value: 'customer' }],
      ],
      ['1001', '1003'],
    ],
  ];

  it.each(CASES)('%s', async (_name, groups, ids) => {
    const portal = await testPortal();
    portal.portal.add({
      stages: [{ value: 'lead', timestamp: NOON - 2_000 }],
      properties: { country: 'Spain', numemployees: '9' },
    });
    portal.portal.add({
      stages: [{ value: 'lead', timestamp: NOON - 1_000 }],
      properties: { country: 'France', numemployees: '10' },
    });
    portal.portal.add({ stages: [{ value: 'customer', timestamp: NOON }] });
    expect(await found(portal, ...groups)).toEqual(ids);
  });
});

describe('paging', () => {
  it('reaches 10,000 and not one more', async () => {
    const portal = await testPortal({ limits: { searchPerSecond: 1_000 } });
    addContacts(portal.portal, 10_050);
    const last = await portal.call('POST', SEARCH, { limit: 200, after: '9800' });
    expect(last.json).toMatchObject({ total: 10_050, paging: { next: { after: '10000' } } });
    expect((await portal.call('POST', SEARCH, { limit: 1, after: '10000' })).status).toBe(400);
  });

  it('sorts either way, by the number where it is one', async () => {
    const portal = await testPortal();
    for (const numemployees of ['10', '9', ''])
      portal.portal.add({ stages: [], properties: { numemployees } });
    const order = async (direction: string) => {
      const reply = await portal.call('POST', SEARCH, {
        sorts: [{ propertyName: 'numemployees', direction }],
      });
      return results(reply).map(({ id }) => id);
    };
    expect(await order('ASCENDING')).toEqual(['1002', '1001', '1003']);
    expect(await order('DESCENDING')).toEqual(['1001', '1002', '1003']);
  });
});

describe('the index', () => {
  const mqls = [{ propertyName: 'lifecyclestage', operator: 'EQ', value: 'marketingqualifiedlead' }];

  it('lags: a change is found only after a while, and what was before until then', async () => {
    const portal = await testPortal({ indexLagMs: 10_000 });
    const [id] = addContacts(portal.portal, 1);
    portal.portal.move(id!, 'marketingqualifiedlead');
    portal.pass(6_000);
    portal.portal.setProperty(id!, 'country', 'Spain');
    const country = [{ propertyName: 'country', operator: 'HAS_PROPERTY' }];
    expect([await found(portal, mqls), await found(portal, country)]).toEqual([[], []]);
    portal.pass(4_000);
    expect([await found(portal, mqls), await found(portal, country)]).toEqual([[id], []]);
    portal.pass(6_000);
    expect(await found(portal, country)).toEqual([id]);
  });

  it('does not know a merged contact at once, and forgets archived ones at once', async () => {
    const portal = await testPortal({ indexLagMs: 10_000 });
    const [a, b, c] = addContacts(portal.portal, 3);
    const merged = portal.portal.merge(a!, b!);
    portal.portal.archive(c!);
    expect(await found(portal)).toEqual([]);
    portal.pass(10_000);
    expect(await found(portal)).toEqual([merged]);
  });
});

import { describe, expect, it } from 'vitest';
import { addContacts, errors, testPortal } from './support.ts';

const OBJECTS = '/crm/objects/2026-09/contacts';
const PROPERTIES = '/crm/properties/2026-09/contacts';
const inputs = (n: number) => Array.from({ length: n }, (_, i) => ({ id: String(1_001 + i) }));
const filter = { propertyName: 'lifecyclestage', operator: 'HAS_PROPERTY' };
const groups = (n: number, filters: number) =>
  Array.from({ length: n }, () => ({ filters: Array.from({ length: filters }, () => filter) }));
const update = (properties: unknown) => ({ inputs: [{ id: '1001', properties }] });
const definition = {
  name: 'grade',
  label: 'Grade',
  type: 'string',
  fieldType: 'text',
  groupName: 'contactinformation',
};

/** Method, path, body → status and category, or the code of the first of `errors`. */
const REFUSALS: readonly [string, string, string, unknown, number, string][] = [
  ['list: more than 100', 'GET', `${OBJECTS}?limit=101`, undefined, 400, 'VALIDATION_ERROR'],
  ['list: none', 'GET', `${OBJECTS}?limit=0`, undefined, 400, 'VALIDATION_ERROR'],
  [
    'list: more than 50 with history',
    'GET',
    `${OBJECTS}?limit=51&propertiesWithHistory=lifecyclestage`,
    undefined,
    400,
    'VALIDATION_ERROR',
  ],
  ['list: a strange cursor', 'GET', `${OBJECTS}?after=x`, undefined, 400, 'VALIDATION_ERROR'],
  ['list: a long address', 'GET', `${OBJECTS}?properties=${'p'.repeat(17_000)}`, undefined, 414, ''],
  ['read: nobody', 'GET', `${OBJECTS}/5`, undefined, 404, 'OBJECT_NOT_FOUND'],
  ['read: not archived', 'GET', `${OBJECTS}/1001?archived=true`, undefined, 404, 'OBJECT_NOT_FOUND'],
  ['update: nobody', 'PATCH', `${OBJECTS}/5`, { properties: {} }, 404, 'OBJECT_NOT_FOUND'],
  ['batch read: nothing', 'POST', `${OBJECTS}/batch/read`, { inputs: [] }, 400, 'VALIDATION_ERROR'],
  [
    'batch read: more than 100',
    'POST',
    `${OBJECTS}/batch/read`,
    { inputs: inputs(101), properties: [] },
    400,
    'VALIDATION_ERROR',
  ],
  [
    'batch read: more than 50 with history',
    'POST',
    `${OBJECTS}/batch/read`,
    { inputs: inputs(51), propertiesWithHistory: ['lifecyclestage'] },
    400,
    'VALIDATION_ERROR',
  ],
  [
    'batch update: more than 100',
    'POST',
    `${OBJECTS}/batch/update`,
    { inputs: inputs(101).map((i) => ({ ...i, properties: {} })) },
    400,
    'VALIDATION_ERROR',
  ],
  [
    'batch update: one id twice',
    'POST',
    `${OBJECTS}/batch/update`,
    { inputs: [...inputs(1), ...inputs(1)].map((i) => ({ ...i, properties: {} })) },
    400,
    'VALIDATION_ERROR',
  ],
  [
    'batch update: by email',
    'POST',
    `${OBJECTS}/batch/update`,
    { inputs: [{ id: 'a@example.com', idProperty: 'email', properties: {} }] },
    400,
    'VALIDATION_ERROR',
  ],
  [
    'batch update: unknown property',
    'POST',
    `${OBJECTS}/batch/update`,
    update({ nope: '1' }),
    400,
    'PROPERTY_DOESNT_EXIST',
  ],
  [
    'batch update: read-only property',
    'POST',
    `${OBJECTS}/batch/update`,
    update({ createdate: '1' }),
    400,
    'READ_ONLY_VALUE',
  ],
  [
    'batch update: calculated property',
    'POST',
    `${OBJECTS}/batch/update`,
    update({ hs_v2_date_entered_lead: '1' }),
    400,
    'READ_ONLY_VALUE',
  ],
  [
    'batch update: no such stage',
    'POST',
    `${OBJECTS}/batch/update`,
    update({ lifecyclestage: 'Lead' }),
    400,
    'INVALID_OPTION',
  ],
  [
    'batch update: not a number',
    'POST',
    `${OBJECTS}/batch/update`,
    update({ numemployees: '1,5' }),
    400,
    'INVALID_INTEGER',
  ],
  ['batch update: not a list', 'POST', `${OBJECTS}/batch/update`, { inputs: {} }, 400, 'VALIDATION_ERROR'],
  ['search: more than 200', 'POST', `${OBJECTS}/search`, { limit: 201 }, 400, 'VALIDATION_ERROR'],
  [
    'search: beyond 10,000',
    'POST',
    `${OBJECTS}/search`,
    { limit: 200, after: '9801' },
    400,
    'VALIDATION_ERROR',
  ],
  [
    'search: six groups',
    'POST',
    `${OBJECTS}/search`,
    { filterGroups: groups(6, 1) },
    400,
    'VALIDATION_ERROR',
  ],
  [
    'search: seven filters in a group',
    'POST',
    `${OBJECTS}/search`,
    { filterGroups: groups(1, 7) },
    400,
    'VALIDATION_ERROR',
  ],
  [
    'search: nineteen filters',
    'POST',
    `${OBJECTS}/search`,
    { filterGroups: [...groups(3, 6), ...groups(1, 1)] },
    400,
    'VALIDATION_ERROR',
  ],
  ['search: a long body', 'POST', `${OBJECTS}/search`, { query: 'q'.repeat(3_000) }, 400, 'VALIDATION_ERROR'],
  [
    'search: two sorts',
    'POST',
    `${OBJECTS}/search`,
    { sorts: ['createdate', 'hs_object_id'] },
    400,
    'VALIDATION_ERROR',
  ],
  [
    'search: unknown property',
    'POST',
    `${OBJECTS}/search`,
    { filterGroups: [{ filters: [{ ...filter, propertyName: 'nope' }] }] },
    400,
    'PROPERTY_DOESNT_EXIST',
  ],
  [
    'search: unknown operator',
    'POST',
    `${OBJECTS}/search`,
    { filterGroups: [{ filters: [{ ...filter, operator: 'LIKE' }] }] },
    400,
    'VALIDATION_ERROR',
  ],
  [
    'search: no value',
    'POST',
    `${OBJECTS}/search`,
    { filterGroups: [{ filters: [{ ...filter, operator: 'EQ' }] }] },
    400,
    'VALIDATION_ERROR',
  ],
  [
    'merge: with itself',
    'POST',
    `${OBJECTS}/merge`,
    { primaryObjectId: '1001', objectIdToMerge: '1001' },
    400,
    'VALIDATION_ERROR',
  ],
  ['forget: nobody', 'POST', `${OBJECTS}/gdpr-delete`, { objectId: '5' }, 404, 'OBJECT_NOT_FOUND'],
  ['property: there is none', 'GET', `${PROPERTIES}/nope`, undefined, 404, 'OBJECT_NOT_FOUND'],
  [
    'property: there is one',
    'POST',
    PROPERTIES,
    { ...definition, name: 'country' },
    409,
    'OBJECT_ALREADY_EXISTS',
  ],
  ['property: no label', 'POST', PROPERTIES, { ...definition, label: undefined }, 400, 'VALIDATION_ERROR'],
  [
    'property: no such group',
    'POST',
    PROPERTIES,
    { ...definition, groupName: 'nope' },
    400,
    'VALIDATION_ERROR',
  ],
  [
    'property: odd pairing',
    'POST',
    PROPERTIES,
    { ...definition, type: 'datetime', fieldType: 'datetime' },
    400,
    'VALIDATION_ERROR',
  ],
  ['property: upper case', 'POST', PROPERTIES, { ...definition, name: 'Grade' }, 400, 'VALIDATION_ERROR'],
  ['property: hs_ name', 'POST', PROPERTIES, { ...definition, name: 'hs_grade' }, 400, 'VALIDATION_ERROR'],
  [
    'property: one option twice',
    'POST',
    PROPERTIES,
    {
      ...definition,
      type: 'enumeration',
      fieldType: 'select',
      options: [
        { label: 'A', value: 'a' },
        { label: 'B', value: 'a' },
      ],
    },
    400,
    'VALIDATION_ERROR',
  ],
  ['property: HubSpot’s own', 'DELETE', `${PROPERTIES}/country`, undefined, 400, 'VALIDATION_ERROR'],
  [
    'group: there is one',
    'POST',
    `${PROPERTIES}/groups`,
    { name: 'contactlcs', label: 'L' },
    409,
    'OBJECT_ALREADY_EXISTS',
  ],
  ['group: in use', 'DELETE', `${PROPERTIES}/groups/contactlcs`, undefined, 400, 'VALIDATION_ERROR'],
  ['no such page', 'GET', '/crm/objects/2026-09/things', undefined, 404, ''],
  ['a version there never was', 'GET', '/crm/objects/2025-09/contacts', undefined, 404, ''],
  ['a method there is not', 'PUT', `${OBJECTS}/1001`, {}, 404, ''],
  ['no batch update of definitions', 'POST', `${PROPERTIES}/batch/update`, { inputs: [] }, 404, ''],
  ['broken JSON', 'POST', `${OBJECTS}/search`, '{"limit":', 400, 'VALIDATION_ERROR'],
];

describe('what the portal refuses', () => {
  it.each(REFUSALS)('%s', async (_name, method, path, body, status, category) => {
    const portal = await testPortal();
    addContacts(portal.portal, 2);
    const reply = await portal.call(method, path, body);
    expect(reply.status).toBe(status);
    if (category === '') return expect(reply.json.category).toBeUndefined();
    expect([reply.json.category, ...errors(reply).map(({ code }) => code)]).toContain(category);
    expect(reply.json).toMatchObject({
      status: 'error',
      correlationId: expect.stringMatching(/^[\da-f-]{36}$/),
    });
    expect(reply.headers.get('x-hubspot-correlation-id')).toBe(reply.json.correlationId);
  });
});

describe('who may call', () => {
  it('nobody without a token, or with another one', async () => {
    const portal = await testPortal();
    for (const authorization of ['', 'Bearer pat-eu1-other']) {
      const reply = await portal.call('GET', OBJECTS, undefined, { authorization });
      expect([reply.status, reply.json.category]).toEqual([401, 'INVALID_AUTHENTICATION']);
    }
  });

  it('names the scopes that are missing', async () => {
    const portal = await testPortal({ scopes: ['crm.objects.contacts.read', 'oauth'] });
    const reply = await portal.call('POST', PROPERTIES, definition);
    expect([reply.status, reply.json.category]).toEqual([403, 'MISSING_SCOPES']);
    expect(errors(reply)[0]?.context?.requiredGranularScopes).toEqual(['crm.schemas.contacts.write']);
    expect((await portal.call('GET', PROPERTIES)).status).toBe(200);
  });

  it('a token tells what it may do, without being let in first', async () => {
    const portal = await testPortal({ scopes: ['oauth'] });
    const path = '/oauth/v2/private-apps/get/access-token-info';
    const reply = await portal.call('POST', path, { tokenKey: portal.token }, { authorization: '' });
    expect(reply.json).toMatchObject({ hubId: 4_711_000, scopes: ['oauth'] });
    expect((await portal.call('POST', path, { tokenKey: 'other' }, { authorization: '' })).status).toBe(404);
  });
});

it('gives a page for people where JSON was not asked for', async () => {
  const portal = await testPortal();
  const reply = await portal.call('GET', `${OBJECTS}/5`, undefined, { accept: '*/*' });
  expect(reply.status).toBe(404);
  expect(reply.headers.get('content-type')).toContain('text/html');
});

it('answers v3 and both dated versions alike', async () => {
  const portal = await testPortal();
  const [id] = addContacts(portal.portal, 1);
  for (const path of [
    '/crm/v3/objects/contacts',
    '/crm/objects/2026-03/contacts',
    '/crm/objects/2026-09/0-1',
  ]) {
    expect((await portal.call('GET', `${path}/${id}`)).json.id).toBe(id);
  }
  expect((await portal.call('GET', '/account-info/v3/details')).json.timeZone).toBe('Europe/London');
  expect((await portal.call('GET', '/account-info/2026-09/details')).json.utcOffset).toBe('+00:00');
});

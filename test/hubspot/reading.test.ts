/** Reading contacts with their history, and finding those that cannot be read. */
import { describe, expect, it } from 'vitest';
import { PROPERTY_NAMES } from '../../src/domain/types.ts';
import { RejectedError } from '../../src/errors.ts';
import { type MockedCall, mockHttp } from '../support/http-mock.ts';
import { BATCH_READ, CONTACTS, testContacts } from './support.ts';

const http = mockHttp('https://api.hubapi.com');
const MODIFIED = '2026-11-20T10:00:00.123Z';

interface ReadBody {
  readonly inputs: readonly { readonly id: string }[];
  readonly properties: readonly string[];
  readonly propertiesWithHistory: readonly string[];
}

/** A contact as HubSpot gives it, one stage in its history. */
function contact(id: string, properties: Record<string, string | null> = {}) {
  return {
    id,
    properties: { lifecyclestage: 'lead', lastmodifieddate: MODIFIED, ...properties },
    propertiesWithHistory: { lifecyclestage: [entry('lead')] },
    updatedAt: '2026-11-20T10:00:05.000Z',
    archived: false,
  };
}

function entry(value: string, timestamp = '2026-11-02T09:00:00.000Z') {
  return { value, timestamp, sourceType: 'CRM_UI', sourceId: 'userId:1' };
}

/** Answers every id asked for. */
function everyId({ body }: MockedCall) {
  const { inputs } = body as ReadBody;
  return { body: { status: 'COMPLETE', results: inputs.map(({ id }) => contact(id)).reverse() } };
}

describe('a read', () => {
  it('asks for history, our values and the named properties', async () => {
    http.on('POST', BATCH_READ, everyId);

    await testContacts({ properties: ['numemployees', 'lifecyclestage'] }).source.read(['5'], 'live');

    const body = http.calls[0]?.body as ReadBody;
    expect(http.calls[0]?.query).toEqual({ archived: 'false' });
    expect(body.inputs).toEqual([{ id: '5' }]);
    expect(body.propertiesWithHistory).toEqual(['lifecyclestage']);
    expect([...body.properties].sort()).toEqual(
      [
        ...PROPERTY_NAMES.map((name) => `handoff_${name}`),
        'numemployees',
        'lifecyclestage',
        'lastmodifieddate',
        'hs_merged_object_ids',
      ].sort(),
    );
  });

  it('goes in chunks of 50, as history requires, each id once', async () => {
    const ids = Array.from({ length: 100 }, (_, at) => String(at + 1));
    http.on('POST', BATCH_READ, everyId).on('POST', BATCH_READ, everyId);
    const { source, calls } = testContacts();

    const { contacts, missing } = await source.read([...ids, '1'], 'backfill');

    expect(http.calls.map(({ body }) => (body as ReadBody).inputs.length)).toEqual([50, 50]);
    expect(contacts.map((one) => one.contact.id).sort()).toEqual([...ids].sort());
    expect(missing).toEqual([]);
    expect(calls.read).toBe(2);
  });

  it('gives contacts as the domain knows them', async () => {
    const given = {
      ...contact('5', {
        handoff_status: 'open',
        handoff_sla: null,
        numemployees: '120',
        country: '',
        hs_merged_object_ids: '3;4',
      }),
      propertiesWithHistory: {
        lifecyclestage: [
          {
            value: 'marketingqualifiedlead',
            timestamp: '2026-11-03T09:00:00.5Z',
            sourceType: 'API',
            sourceId: 77,
          },
          { value: null, timestamp: '2026-11-02T09:00:00Z' },
        ],
      },
    };
    http.on('POST', BATCH_READ, { body: { results: [given] } });

    const { contacts } = await testContacts({ properties: ['numemployees', 'country'] }).source.read(
      ['5'],
      'live',
    );

    expect(contacts).toEqual([
      {
        contact: {
          id: '5',
          updatedAt: Date.parse(MODIFIED),
          archived: false,
          history: [
            {
              value: 'marketingqualifiedlead',
              timestamp: Date.UTC(2026, 10, 3, 9, 0, 0, 500),
              sourceType: 'API',
              sourceId: '77',
            },
            { value: '', timestamp: Date.UTC(2026, 10, 2, 9), sourceType: '' },
          ],
          truncated: false,
          properties: { numemployees: '120' },
          mergedIds: ['3', '4'],
        },
        current: { status: 'open' },
      },
    ]);
  });

  it.each([
    [44, false],
    [45, true],
    [46, true],
  ])('with %i entries: older ones may be missing is %s', async (entries, truncated) => {
    const history = Array.from({ length: entries }, () => entry('lead'));
    const given = { ...contact('5'), propertiesWithHistory: { lifecyclestage: history } };
    http.on('POST', BATCH_READ, { body: { results: [given] } });

    const { contacts } = await testContacts().source.read(['5'], 'live');

    expect(contacts[0]?.contact.truncated).toBe(truncated);
  });

  it('takes updatedAt where lastmodifieddate is blank', async () => {
    http.on('POST', BATCH_READ, { body: { results: [contact('5', { lastmodifieddate: null })] } });

    const { contacts } = await testContacts().source.read(['5'], 'live');

    expect(contacts[0]?.contact.updatedAt).toBe(Date.UTC(2026, 10, 20, 10, 0, 5));
  });

  it.each([200, 207])('with errors under status %i names the ids that did not come', async (status) => {
    const errors = [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['6'] }, message: 'Could not get some' }];
    http.on('POST', BATCH_READ, { status, body: { results: [contact('5')], numErrors: 1, errors } });

    const { contacts, missing } = await testContacts().source.read(['5', '6'], 'live');

    expect(contacts.map((one) => one.contact.id)).toEqual(['5']);
    expect(missing).toEqual(['6']);
  });

  it('takes an id that is answered under another one for missing', async () => {
    http.on('POST', BATCH_READ, { body: { results: [contact('900'), contact('900'), contact('700')] } });

    const { contacts, missing } = await testContacts().source.read(['5', '900', '6'], 'live');

    expect(contacts.map((one) => one.contact.id)).toEqual(['900']);
    expect(missing).toEqual(['5', '6']);
  });

  it.each([
    ['without properties that can be read', { id: '6', properties: 'none' }],
    [
      'with an entry of no time',
      { ...contact('6'), propertiesWithHistory: { lifecyclestage: [entry('lead', 'soon')] } },
    ],
    ['in a stage, without history', { ...contact('6'), propertiesWithHistory: {} }],
    ['null', null],
  ])('loses no other contact to one %s', async (_, bad) => {
    http.on('POST', BATCH_READ, { body: { results: [contact('5'), bad, contact('7')] } });

    const { contacts, missing } = await testContacts().source.read(['5', '6', '7'], 'live');

    expect(contacts.map((one) => one.contact.id)).toEqual(['5', '7']);
    expect(missing).toEqual(['6']);
  });

  it('takes a contact without a stage as it is', async () => {
    const given = { ...contact('5', { lifecyclestage: null }), propertiesWithHistory: null };
    http.on('POST', BATCH_READ, { body: { results: [given] } });

    const { contacts } = await testContacts().source.read(['5'], 'live');

    expect(contacts[0]?.contact.history).toEqual([]);
  });

  it('does not ask for what is no id', async () => {
    const { source } = testContacts();

    await expect(source.read(['jane', ''], 'live')).resolves.toEqual({ contacts: [], missing: ['jane', ''] });
    await expect(source.read([], 'live')).resolves.toEqual({ contacts: [], missing: [] });
    await expect(source.locate(['jane/../1'], 'live')).resolves.toEqual([{ id: 'jane/../1', now: 'gone' }]);
  });
});

describe('missing contacts', () => {
  it('are archived, merged, live or gone', async () => {
    http.on('POST', BATCH_READ, { status: 207, body: { results: [{ ...contact('1'), archived: true }] } });
    http.on('GET', `${CONTACTS}/2`, { body: contact('900') });
    http.on('GET', `${CONTACTS}/3`, { body: contact('3') });
    http.on('GET', `${CONTACTS}/4`, { status: 404, body: '<html>Not found</html>' });
    const { source, calls } = testContacts();

    const places = await source.locate(['1', '2', '3', '4'], 'live');

    expect(places).toEqual([
      { id: '1', now: 'archived' },
      { id: '2', now: 'merged', into: '900' },
      { id: '3', now: 'live' },
      { id: '4', now: 'gone' },
    ]);
    expect(http.calls[0]?.query).toEqual({ archived: 'true' });
    expect(http.calls[0]?.body).toMatchObject({
      inputs: [{ id: '1' }, { id: '2' }, { id: '3' }, { id: '4' }],
      propertiesWithHistory: [],
    });
    expect(calls.read).toBe(4);
  });

  it('are not taken for gone because HubSpot refuses to say', async () => {
    http.on('POST', BATCH_READ, { body: { results: [] } }).on('GET', `${CONTACTS}/4`, { status: 400 });

    await expect(testContacts().source.locate(['4'], 'live')).rejects.toThrow(RejectedError);
  });
});

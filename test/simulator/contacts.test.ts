import { describe, expect, it } from 'vitest';
import { addContacts, errors, NOON, results, testPortal } from './support.ts';

const OBJECTS = '/crm/objects/2026-09/contacts';
const HOUR = 3_600_000;

function inputs(ids: readonly string[], properties: Record<string, string>, traced = true) {
  return {
    inputs: ids.map((id) => ({ id, properties, ...(traced ? { objectWriteTraceId: `trace-${id}` } : {}) })),
  };
}

describe('the list', () => {
  it('pages by the id of the next record, archived ones apart', async () => {
    const portal = await testPortal();
    const ids = addContacts(portal.portal, 7);
    portal.portal.archive(ids[1]!);
    const first = await portal.call('GET', `${OBJECTS}?limit=3`);
    expect(results(first).map(({ id }) => id)).toEqual([ids[0], ids[2], ids[3]]);
    expect(first.json.paging).toEqual({ next: { after: ids[4] } });
    const last = await portal.call('GET', `${OBJECTS}?limit=3&after=${ids[4]}`);
    expect(results(last).map(({ id }) => id)).toEqual(ids.slice(4));
    expect(last.json.paging).toBeUndefined();
    const archived = results(await portal.call('GET', `${OBJECTS}?archived=true`));
    expect(archived).toMatchObject([{ id: ids[1], archived: true, archivedAt: '2026-11-23T12:00:00Z' }]);
  });

  it('gives null for what is blank and nothing for what does not exist', async () => {
    const portal = await testPortal();
    addContacts(portal.portal, 1);
    const [contact] = results(await portal.call('GET', `${OBJECTS}?properties=country,nope,lifecyclestage`));
    expect(contact?.properties).toMatchObject({
      country: null,
      lifecyclestage: 'lead',
      hs_object_id: '1001',
    });
    expect(contact?.properties).not.toHaveProperty('nope');
  });
});

describe('history', () => {
  it('comes newest first, 45 values at most', async () => {
    const portal = await testPortal();
    const stages = Array.from({ length: 60 }, (_, i) => ({
      value: i % 2 === 0 ? 'lead' : '',
      timestamp: NOON - HOUR + i,
    }));
    const id = portal.portal.add({ stages });
    const reply = await portal.call('GET', `${OBJECTS}/${id}?propertiesWithHistory=lifecyclestage`);
    const history = (
      reply.json.propertiesWithHistory as { lifecyclestage: { value: string; timestamp: string }[] }
    ).lifecyclestage;
    expect(history).toHaveLength(45);
    expect(history[0]).toMatchObject({
      value: '',
      timestamp: new Date(NOON - HOUR + 59).toISOString(),
      sourceType: 'CRM_UI',
      updatedByUserId: 1,
    });
    expect(Date.parse(history[44]!.timestamp)).toBe(NOON - HOUR + 15);
  });

  it('tells who wrote: our own writes carry the app’s id', async () => {
    const portal = await testPortal();
    const [id] = addContacts(portal.portal, 1);
    portal.pass(1_000);
    await portal.call('PATCH', `${OBJECTS}/${id}`, { properties: { country: 'Spain' } });
    const reply = await portal.call('GET', `${OBJECTS}/${id}?propertiesWithHistory=country`);
    expect(reply.json.propertiesWithHistory).toEqual({
      country: [
        {
          value: 'Spain',
          timestamp: '2026-11-23T12:00:01Z',
          sourceType: 'INTEGRATION',
          sourceId: String(portal.portal.appId),
        },
      ],
    });
  });
});

describe('batch read', () => {
  it.each([207, 200] as const)(
    'names missing ids beside what it found, with status %i',
    async (partialStatus) => {
      const portal = await testPortal({ partialStatus });
      const [id] = addContacts(portal.portal, 1);
      const reply = await portal.call('POST', `${OBJECTS}/batch/read`, {
        inputs: [{ id }, { id: '5' }],
        properties: [],
      });
      expect(reply.status).toBe(partialStatus);
      expect(results(reply)).toHaveLength(1);
      expect(reply.json.numErrors).toBe(1);
      expect(errors(reply)).toMatchObject([{ category: 'OBJECT_NOT_FOUND', context: { ids: ['5'] } }]);
    },
  );

  it('gives archived contacts only when asked for them', async () => {
    const portal = await testPortal();
    const [id] = addContacts(portal.portal, 1);
    portal.portal.archive(id!);
    expect(results(await portal.call('POST', `${OBJECTS}/batch/read`, { inputs: [{ id }] }))).toEqual([]);
    expect(
      results(await portal.call('POST', `${OBJECTS}/batch/read?archived=true`, { inputs: [{ id }] })),
    ).toHaveLength(1);
  });
});

describe('batch update', () => {
  it('writes, in no order to rely on, and moves lastmodifieddate', async () => {
    const portal = await testPortal();
    const ids = addContacts(portal.portal, 4);
    portal.pass(5_000);
    const reply = await portal.call('POST', `${OBJECTS}/batch/update`, inputs(ids, { country: 'Spain' }));
    expect(reply.status).toBe(200);
    expect(results(reply).map(({ id }) => id)).not.toEqual(ids);
    expect(
      results(reply)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(ids);
    expect(results(reply)[0]).toMatchObject({
      updatedAt: '2026-11-23T12:00:05Z',
      properties: { country: 'Spain', lifecyclestage: 'lead' },
    });
  });

  it('isolates a bad record where every input has a trace id', async () => {
    const portal = await testPortal();
    const ids = addContacts(portal.portal, 2);
    const body = inputs(ids, { numemployees: '5' });
    body.inputs[1]!.properties = { numemployees: 'many' };
    const reply = await portal.call('POST', `${OBJECTS}/batch/update`, body);
    expect(reply.status).toBe(207);
    expect(results(reply).map(({ id }) => id)).toEqual([ids[0]]);
    expect(errors(reply)).toMatchObject([
      { category: 'VALIDATION_ERROR', context: { objectWriteTraceId: [`trace-${ids[1]}`] } },
    ]);
  });

  it.each([
    ['without trace ids', true, false],
    ['where trace ids count for nothing', false, true],
  ])('refuses everything for one bad record %s', async (_name, tracePartial, traced) => {
    const portal = await testPortal({ tracePartial });
    const ids = addContacts(portal.portal, 2);
    const body = inputs(ids, { country: 'Spain' }, traced);
    body.inputs[1]!.properties = { nope: '1' };
    expect((await portal.call('POST', `${OBJECTS}/batch/update`, body)).status).toBe(400);
    expect(portal.portal.value(portal.portal.resolve(ids[0]!)!, 'country')).toBe('');
  });

  it.each([true, false])('a write that changes nothing moves lastmodifieddate: %s', async (noOpBumps) => {
    const portal = await testPortal({ noOpBumps });
    const id = portal.portal.add({
      stages: [{ value: 'lead', timestamp: NOON - HOUR }],
      properties: { country: 'Spain' },
    });
    const reply = await portal.call('POST', `${OBJECTS}/batch/update`, inputs([id], { country: 'Spain' }));
    expect(results(reply)[0]?.updatedAt).toBe(noOpBumps ? '2026-11-23T12:00:00Z' : '2026-11-23T11:00:00Z');
  });

  it('clears with a blank and stores instants as HubSpot prints them', async () => {
    const portal = await testPortal();
    portal.portal.definitions.set('met', {
      ...portal.portal.definitions.get('createdate')!,
      name: 'met',
      readOnlyValue: false,
    });
    const [id] = addContacts(portal.portal, 1);
    for (const [sent, stored] of [
      ['2026-03-01T10:00:00.000Z', '2026-03-01T10:00:00Z'],
      ['1772359200123', '2026-03-01T10:00:00.123Z'],
      ['', null],
    ]) {
      const reply = await portal.call('POST', `${OBJECTS}/batch/update`, inputs([id!], { met: sent! }));
      expect(results(reply)[0]?.properties.met).toBe(stored);
    }
    expect(
      (await portal.call('POST', `${OBJECTS}/batch/update`, inputs([id!], { met: 'noon' }, false))).status,
    ).toBe(400);
  });
});

describe('the lifecycle stage', () => {
  it('moves only forward through the API, and says nothing when it does not', async () => {
    const portal = await testPortal();
    const [id] = addContacts(portal.portal, 1);
    const write = async (lifecyclestage: string) => {
      const reply = await portal.call('PATCH', `${OBJECTS}/${id}`, { properties: { lifecyclestage } });
      return [reply.status, (reply.json.properties as Record<string, unknown>).lifecyclestage];
    };
    expect(await write('salesqualifiedlead')).toEqual([200, 'salesqualifiedlead']);
    expect(await write('lead')).toEqual([200, 'salesqualifiedlead']);
    expect(await write('')).toEqual([200, null]);
    expect(await write('lead')).toEqual([200, 'lead']);
    expect(portal.portal.resolve(id!)?.stages.map(({ value }) => value)).toEqual([
      'lead',
      'salesqualifiedlead',
      '',
      'lead',
    ]);
  });

  it('has calculated dates, one of them under an altered name', async () => {
    const portal = await testPortal();
    const id = portal.portal.add({
      stages: [
        { value: 'nurture-2024', timestamp: NOON - 3 * HOUR },
        { value: 'lead', timestamp: NOON - 2 * HOUR },
        { value: 'nurture-2024', timestamp: NOON - HOUR },
      ],
    });
    const names =
      'hs_v2_date_entered_nurture_2024,hs_v2_date_exited_nurture_2024,hs_v2_date_entered_customer';
    expect((await portal.call('GET', `${OBJECTS}/${id}?properties=${names}`)).json.properties).toMatchObject({
      hs_v2_date_entered_nurture_2024: '2026-11-23T11:00:00Z',
      hs_v2_date_exited_nurture_2024: '2026-11-23T10:00:00Z',
      hs_v2_date_entered_customer: null,
    });
  });

  it('has none in a portal without them', async () => {
    const portal = await testPortal({ stageProperties: false });
    const names = results(await portal.call('GET', '/crm/properties/2026-09/contacts')).map(({ name }) =>
      String(name),
    );
    expect(names.filter((name) => name.startsWith('hs_v2_'))).toEqual([]);
    expect(names).toContain('lifecyclestage');
  });
});

describe('admins’ own rules', () => {
  it('hold on 2026-09 only, and name the property', async () => {
    const portal = await testPortal();
    const ids = addContacts(portal.portal, 2);
    portal.portal.requireConditionally([ids[0]!], 'industry');
    const write = (version: string) =>
      portal.call('POST', `/crm/objects/${version}/contacts/batch/update`, inputs(ids, { country: 'Spain' }));
    const reply = await write('2026-09');
    expect(reply.status).toBe(207);
    const [error] = errors(reply) as { errors: unknown }[];
    expect(error?.errors).toMatchObject([
      { code: 'MISSING_CONDITIONAL_REQUIRED_PROPERTY', context: { propertyName: ['industry'] } },
    ]);
    expect((await write('2026-03')).status).toBe(200);
    portal.portal.setProperty(ids[0]!, 'industry', 'pets');
    expect((await write('2026-09')).status).toBe(200);
  });
});

describe('merging, deleting, restoring, forgetting', () => {
  it('makes a new id, pools histories, and lets old ids live on in single reads and writes only', async () => {
    const portal = await testPortal();
    const [a, b] = [0, 1].map((i) =>
      portal.portal.add({
        stages: [
          { value: i === 0 ? 'lead' : 'subscriber', timestamp: NOON - 3 * HOUR },
          { value: 'marketingqualifiedlead', timestamp: NOON - (2 - i) * HOUR },
        ],
        properties: i === 0 ? { country: 'Spain' } : { country: 'France', industry: 'pets' },
      }),
    ) as [string, string];
    const merged = await portal.call('POST', `${OBJECTS}/merge`, { primaryObjectId: a, objectIdToMerge: b });
    const id = String(merged.json.id);
    expect([a, b]).not.toContain(id);
    const read = await portal.call('GET', `${OBJECTS}/${b}?properties=country,industry,hs_merged_object_ids`);
    expect(read.json).toMatchObject({
      id,
      properties: { country: 'Spain', industry: 'pets', hs_merged_object_ids: `${a};${b}` },
    });
    expect(
      portal.portal.resolve(a)?.stages.map(({ value, timestamp }) => [value, (NOON - timestamp) / HOUR]),
    ).toEqual([
      ['lead', 3],
      ['marketingqualifiedlead', 2],
      ['marketingqualifiedlead', 1],
    ]);
    expect(results(await portal.call('GET', OBJECTS)).map((contact) => contact.id)).toEqual([id]);
    expect(results(await portal.call('POST', `${OBJECTS}/search`, {})).map((contact) => contact.id)).toEqual([
      id,
    ]);
    expect(
      (await portal.call('PATCH', `${OBJECTS}/${a}`, { properties: { country: 'Italy' } })).json.id,
    ).toBe(id);
    const batch = await portal.call('POST', `${OBJECTS}/batch/update`, inputs([a], { country: 'Malta' }));
    expect([batch.status, errors(batch)[0]?.category]).toEqual([207, 'OBJECT_NOT_FOUND']);
  });

  it.each([true, false])('batch read follows merges: %s', async (batchReadFollowsMerges) => {
    const portal = await testPortal({ batchReadFollowsMerges });
    const [a, b] = addContacts(portal.portal, 2);
    const id = portal.portal.merge(a!, b!);
    const reply = await portal.call('POST', `${OBJECTS}/batch/read`, { inputs: [{ id: a }, { id: b }] });
    expect(results(reply).map((contact) => contact.id)).toEqual(batchReadFollowsMerges ? [id] : []);
  });

  it('resolves ids through a second merge', async () => {
    const portal = await testPortal();
    const [a, b, c] = addContacts(portal.portal, 3);
    const id = portal.portal.merge(c!, portal.portal.merge(a!, b!));
    expect((await portal.call('GET', `${OBJECTS}/${a}`)).json.id).toBe(id);
  });

  it('deletes to the bin and back', async () => {
    const portal = await testPortal();
    const [id] = addContacts(portal.portal, 1);
    expect((await portal.call('DELETE', `${OBJECTS}/${id}`)).status).toBe(204);
    expect((await portal.call('GET', `${OBJECTS}/${id}`)).status).toBe(404);
    expect((await portal.call('GET', `${OBJECTS}/${id}?archived=true`)).json.archived).toBe(true);
    expect((await portal.call('POST', `${OBJECTS}/search`, {})).json.total).toBe(0);
    portal.portal.restore(id!);
    expect((await portal.call('GET', `${OBJECTS}/${id}`)).json).toMatchObject({
      archived: false,
      updatedAt: '2026-11-23T12:00:00Z',
    });
  });

  it('forgets for good, old ids included', async () => {
    const portal = await testPortal();
    const [a, b] = addContacts(portal.portal, 2);
    const id = portal.portal.merge(a!, b!);
    expect((await portal.call('POST', `${OBJECTS}/gdpr-delete`, { objectId: id })).status).toBe(204);
    for (const gone of [a, b, id]) {
      expect((await portal.call('GET', `${OBJECTS}/${gone}`)).status).toBe(404);
      expect((await portal.call('GET', `${OBJECTS}/${gone}?archived=true`)).status).toBe(404);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { addContacts, errors, results, testPortal } from './support.ts';

const PROPERTIES = '/crm/properties/2026-09/contacts';
const GRADE = { name: 'grade', label: 'Grade', type: 'number', fieldType: 'number', groupName: 'marks' };

describe('definitions', () => {
  it('are made in a group, changed, and read back', async () => {
    const portal = await testPortal();
    expect(
      (await portal.call('POST', `${PROPERTIES}/groups`, { name: 'marks', label: 'Marks' })).status,
    ).toBe(201);
    expect((await portal.call('GET', `${PROPERTIES}/groups/marks`)).json).toMatchObject({
      label: 'Marks',
      archived: false,
    });
    expect((await portal.call('POST', PROPERTIES, GRADE)).status).toBe(201);
    const changed = await portal.call('PATCH', `${PROPERTIES}/grade`, { description: 'From 1 to 6' });
    expect(changed.json).toMatchObject({ label: 'Grade', description: 'From 1 to 6', type: 'number' });
    const [id] = addContacts(portal.portal, 1);
    const write = (grade: string) =>
      portal.call('PATCH', `/crm/objects/2026-09/contacts/${id}`, { properties: { grade } });
    expect([(await write('1.5')).status, (await write('good')).status]).toEqual([200, 400]);
  });

  it('come back from the bin with their old type', async () => {
    const portal = await testPortal();
    portal.portal.groups.set('marks', { name: 'marks', label: 'Marks', displayOrder: 0, archived: false });
    await portal.call('POST', PROPERTIES, GRADE);
    expect((await portal.call('DELETE', `${PROPERTIES}/grade`)).status).toBe(204);
    expect((await portal.call('GET', `${PROPERTIES}/grade`)).status).toBe(404);
    expect(results(await portal.call('GET', `${PROPERTIES}?archived=true`)).map(({ name }) => name)).toEqual([
      'grade',
    ]);
    const again = await portal.call('POST', PROPERTIES, { ...GRADE, type: 'string', fieldType: 'text' });
    expect([again.status, again.json.type]).toEqual([201, 'number']);
  });

  it('are made by the batch, good ones although others are bad', async () => {
    const portal = await testPortal();
    portal.portal.groups.set('marks', { name: 'marks', label: 'Marks', displayOrder: 0, archived: false });
    const all = await portal.call('POST', `${PROPERTIES}/batch/create`, { inputs: [GRADE] });
    expect(all.status).toBe(201);
    const some = await portal.call('POST', `${PROPERTIES}/batch/create`, {
      inputs: [GRADE, { ...GRADE, name: 'mark' }],
    });
    expect(some.status).toBe(207);
    expect(results(some).map(({ name }) => name)).toEqual(['mark']);
    expect(errors(some)).toMatchObject([{ category: 'OBJECT_ALREADY_EXISTS', context: { name: ['grade'] } }]);
  });

  it('say 409 with its sub-category for what exists', async () => {
    const portal = await testPortal();
    const reply = await portal.call('POST', PROPERTIES, {
      ...GRADE,
      name: 'country',
      groupName: 'contactlcs',
    });
    expect(reply.json.subCategory).toBe('Properties.PROPERTY_WITH_NAME_EXISTS');
  });

  it('replace the whole list of options', async () => {
    const portal = await testPortal();
    const options = ['a', 'b'].map((value) => ({ label: value, value }));
    const given = { ...GRADE, type: 'enumeration', fieldType: 'checkbox', groupName: 'contactlcs', options };
    await portal.call('POST', PROPERTIES, given);
    const [id] = addContacts(portal.portal, 1);
    const write = (grade: string) =>
      portal.call('PATCH', `/crm/objects/2026-09/contacts/${id}`, { properties: { grade } });
    expect((await write('b;a')).status).toBe(200);
    await portal.call('PATCH', `${PROPERTIES}/grade`, { options: [{ label: 'C', value: 'c' }] });
    const refused = await write('c;a');
    expect(errors(refused)).toMatchObject([{ code: 'INVALID_OPTION', context: { propertyName: ['grade'] } }]);
  });

  it('show the stages in the portal’s own order', async () => {
    const stages = [
      { value: 'lead', label: 'Lead' },
      { value: '77', label: 'Ready' },
      { value: 'salesqualifiedlead', label: 'SQL' },
    ];
    const portal = await testPortal({ stages });
    const stage = await portal.call('GET', `${PROPERTIES}/lifecyclestage`);
    expect(stage.json.options).toMatchObject(
      stages.map((option, displayOrder) => ({ ...option, displayOrder })),
    );
    expect((await portal.call('GET', `${PROPERTIES}/hs_v2_date_entered_77`)).json).toMatchObject({
      calculated: true,
      modificationMetadata: { readOnlyValue: true },
    });
  });
});

describe('dates', () => {
  it('must be midnight UTC before 2026-09', async () => {
    const portal = await testPortal();
    portal.portal.definitions.set('day', {
      ...portal.portal.definitions.get('country')!,
      name: 'day',
      type: 'date',
    });
    const [id] = addContacts(portal.portal, 1);
    const write = async (version: string, day: string) => {
      const reply = await portal.call('PATCH', `/crm/objects/${version}/contacts/${id}`, {
        properties: { day },
      });
      return errors(reply)[0]?.code ?? (reply.json.properties as Record<string, string>).day;
    };
    expect(await write('2026-03', '2026-03-01')).toBe('2026-03-01');
    expect(await write('2026-03', '2026-03-01T10:00:00Z')).toBe('INVALID_DATE');
    expect(await write('2026-09', '2026-03-02T10:00:00Z')).toBe('2026-03-02');
  });
});

describe('owners', () => {
  it('are those the contacts name, each in a team', async () => {
    const portal = await testPortal();
    for (const hubspot_owner_id of ['12', '7', '12', ''])
      portal.portal.add({ stages: [], properties: { hubspot_owner_id } });
    const page = await portal.call('GET', '/crm/owners/2026-09?limit=1');
    expect(results(page)).toMatchObject([{ id: '7', teams: [{ name: 'North' }] }]);
    expect(page.json.paging).toEqual({ next: { after: '1' } });
    expect((await portal.call('GET', '/crm/owners/2026-09/12')).json.id).toBe('12');
    expect((await portal.call('GET', '/crm/owners/2026-09/13')).status).toBe(404);
  });
});

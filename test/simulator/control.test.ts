import { describe, expect, it } from 'vitest';
import { addContacts, type TestPortal, testPortal } from './support.ts';

const anonymous = { authorization: '' };
const control = (portal: TestPortal, action: string, body: unknown) =>
  portal.call('POST', `/_control/${action}`, body, anonymous);

describe('the control calls', () => {
  it('are listed on the front page', async () => {
    const portal = await testPortal();
    const page = await portal.call('GET', '/', undefined, anonymous);
    for (const action of [
      'move',
      'set',
      'merge',
      'archive',
      'restore',
      'forget',
      'require',
      'limits',
      'faults',
    ]) {
      expect(page.text).toContain(`/_control/${action} `);
    }
  });

  it('do what users would do', async () => {
    const portal = await testPortal();
    const [a, b, c] = addContacts(portal.portal, 3);
    await control(portal, 'move', {
      id: a,
      stage: 'customer',
      at: '2026-11-01T08:00:00Z',
      sourceType: 'IMPORT',
    });
    await control(portal, 'move', { id: a, stage: 'lead' });
    await control(portal, 'set', { id: a, name: 'shoe_size', value: '42' });
    const contact = portal.portal.resolve(a!);
    expect(contact?.stages[0]).toMatchObject({ value: 'customer', sourceType: 'IMPORT' });
    expect(contact?.stages.at(-1)).toMatchObject({ value: 'lead' });
    expect(portal.portal.definitions.get('shoe_size')?.type).toBe('number');
    await control(portal, 'set', { id: a, name: 'lifecyclestage', value: 'subscriber' });
    expect(contact?.stages.at(-1)).toMatchObject({ value: 'subscriber' });
    const { id } = (await control(portal, 'merge', { primary: a, other: b })).json;
    expect(portal.portal.resolve(b!)?.id).toBe(id);
    await control(portal, 'archive', { id: c });
    expect(portal.portal.resolve(c!)?.archivedAt).not.toBeNull();
    await control(portal, 'restore', { id: c });
    expect(portal.portal.resolve(c!)?.archivedAt).toBeNull();
    await control(portal, 'forget', { id: c });
    expect(portal.portal.resolve(c!)).toBeUndefined();
    await control(portal, 'require', { ids: [id], property: 'industry' });
    expect(
      (await portal.call('PATCH', `/crm/objects/2026-09/contacts/${a}`, { properties: {} })).status,
    ).toBe(400);
  });

  it('show some contacts and the counts', async () => {
    const portal = await testPortal();
    const ids = addContacts(portal.portal, 3);
    portal.portal.move(ids[1]!, 'customer');
    const page = await portal.call('GET', '/_control/contacts?stage=lead&limit=1', undefined, anonymous);
    expect(page.json).toMatchObject({
      total: 3,
      contacts: [{ id: ids[0], stage: 'lead', history: [{ value: 'lead' }] }],
    });
    expect((await portal.call('GET', '/_control/stats', undefined, anonymous)).json.today).toBe(0);
  });

  it('change limits and faults while it runs, and spoil neither themselves nor the front page', async () => {
    const portal = await testPortal();
    await control(portal, 'limits', { burst: 0 });
    expect((await portal.call('GET', '/crm/objects/2026-09/contacts')).status).toBe(429);
    await control(portal, 'faults', { rate5xx: 1 });
    expect((await portal.call('GET', '/crm/objects/2026-09/contacts')).status).toBeGreaterThanOrEqual(500);
    expect((await portal.call('GET', '/', undefined, anonymous)).status).toBe(200);
  });

  it.each([
    ['move', { id: '5', stage: 'lead' }, 'no contact 5'],
    ['move', { id: '1001', stage: 'lead', at: 'noon' }, 'ISO 8601'],
    ['move', { stage: 'lead' }, 'id must be'],
    ['faults', { chaos: 1 }, 'rate429'],
    ['limits', { burst: -1 }, '0 or more'],
    ['merge', { primary: '1001', other: '1001' }, 'itself'],
    ['dance', {}, 'nothing answers'],
  ])('say what is wrong with %s %j', async (action, body, message) => {
    const portal = await testPortal();
    addContacts(portal.portal, 1);
    const reply = await control(portal, action, body);
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.json.message).toContain(message);
  });
});

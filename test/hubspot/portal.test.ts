/** What the portal tells about itself. */
import { describe, expect, it } from 'vitest';
import { CredentialsError, UnavailableError } from '../../src/errors.ts';
import { mockHttp } from '../support/http-mock.ts';
import { ACCOUNT, OWNERS, PROPERTIES, TOKEN, TOKEN_INFO, testHubSpot, USAGE } from './support.ts';

const http = mockHttp('https://api.hubapi.com');

function stage(value: string, displayOrder?: number) {
  return { value, label: value.toUpperCase(), ...(displayOrder === undefined ? {} : { displayOrder }) };
}

function stages(options: readonly unknown[]) {
  http.on('GET', `${PROPERTIES}/lifecyclestage`, {
    body: { name: 'lifecyclestage', type: 'enumeration', options },
  });
}

describe('the account', () => {
  it('has an id and a zone', async () => {
    http.on('GET', ACCOUNT, { body: { portalId: 4711, timeZone: 'Europe/London', accountType: 'STANDARD' } });

    await expect(testHubSpot().hubspot.portal.account()).resolves.toEqual({
      portalId: '4711',
      timeZone: 'Europe/London',
    });
  });

  it('is asked under the version that is configured', async () => {
    http.on('GET', '/account-info/2026-03/details', { body: { portalId: 1, timeZone: 'UTC' } });

    await testHubSpot({ apiVersion: '2026-03' }).hubspot.portal.account();

    expect(http.calls).toHaveLength(1);
  });
});

describe('stages', () => {
  it("come in the portal's own order; without a place, last", async () => {
    stages([
      stage('customer', 2),
      stage('other'),
      stage('lead', 0),
      stage('153180554', 1),
      stage('late', -1),
    ]);

    const found = await testHubSpot().hubspot.portal.stages();

    expect(found.map(({ value }) => value)).toEqual(['lead', '153180554', 'customer', 'other', 'late']);
    expect(found[0]).toEqual({ value: 'lead', label: 'LEAD', displayOrder: 0 });
  });

  it('of which there are none are an outage, not a portal without stages', async () => {
    stages([]);

    await expect(testHubSpot().hubspot.portal.stages()).rejects.toThrow(UnavailableError);
  });
});

describe('scopes', () => {
  it('are those of the token', async () => {
    http.on('POST', TOKEN_INFO, { body: { hubId: 1, scopes: ['oauth', 'crm.objects.contacts.read'] } });

    await expect(testHubSpot().hubspot.portal.scopes()).resolves.toEqual([
      'oauth',
      'crm.objects.contacts.read',
    ]);
    expect(http.calls[0]?.body).toEqual({ tokenKey: TOKEN });
  });

  it.each([400, 401, 403, 404])('are unknown where HubSpot answers %i', async (status) => {
    http.on('POST', TOKEN_INFO, { status });

    await expect(testHubSpot().hubspot.portal.scopes()).resolves.toBeNull();
  });
});

describe("today's use", () => {
  const usage = { name: 'private-apps-api-calls-daily', usageLimit: 650_000, currentUsage: 1_000 };
  const RESET = Date.UTC(2026, 10, 24);

  it.each([new Date(RESET).toISOString(), RESET])(
    'is told, with the reset at %s, and learnt',
    async (resetsAt) => {
      http.on('GET', USAGE, { body: { results: [{ ...usage, resetsAt }] } });
      const { hubspot, gate } = testHubSpot();

      await expect(hubspot.portal.dailyUse()).resolves.toEqual({
        limit: 650_000,
        used: 1_000,
        resetsAt: RESET,
      });
      expect(gate.learnt).toEqual([{ day: { max: 650_000, remaining: 649_000, resetsAt: RESET } }]);
    },
  );

  it.each([
    ['no results', { body: { results: [] } }],
    ['no numbers', { body: { results: [{ name: 'x', fetchStatus: 'FAILURE' }] } }],
    ['no reset', { body: { results: [{ ...usage, resetsAt: 'soon' }] } }],
    ['a refusal', { status: 403 }],
    ['nothing', { status: 404 }],
  ])('is unknown where HubSpot answers with %s', async (_, reply) => {
    http.on('GET', USAGE, reply);
    const { hubspot, gate } = testHubSpot();

    await expect(hubspot.portal.dailyUse()).resolves.toBeNull();
    expect(gate.learnt).toEqual([]);
  });
});

describe('owners', () => {
  it('come page by page, former ones too, with their main team, else their first', async () => {
    const ada = {
      id: '1',
      firstName: 'Ada',
      lastName: 'Byron',
      teams: [
        { id: 't', name: 'North' },
        { id: 'u', name: 'South', primary: true },
      ],
    };
    http.on('GET', OWNERS, {
      body: { results: [{ id: 3, firstName: 'Old', lastName: 'Hand', teams: [{ name: 'West' }] }] },
    });
    http.on('GET', OWNERS, {
      body: { results: [ada, { firstName: 'no id' }], paging: { next: { after: '1' } } },
    });
    http.on('GET', OWNERS, {
      body: { results: [{ id: '2', email: 'x@example.com' }], paging: { next: { after: '1' } } },
    });
    const { hubspot } = testHubSpot();

    const owners = await hubspot.portal.owners();

    expect([...owners]).toEqual([
      ['3', { name: 'Old Hand', team: 'West' }],
      ['1', { name: 'Ada Byron', team: 'South' }],
      ['2', { name: '2', team: null }],
    ]);
    expect(http.calls.map(({ query }) => [query['archived'], query['after']])).toEqual([
      ['true', undefined],
      ['false', undefined],
      ['false', '1'],
    ]);
    expect(hubspot.calls.other).toBe(3);
  });

  it('need their scope', async () => {
    http.on('GET', OWNERS, { status: 403, body: { category: 'MISSING_SCOPES' } });

    await expect(testHubSpot().hubspot.portal.owners()).rejects.toThrow(CredentialsError);
  });
});

describe('properties that rules name', () => {
  it('are unknown when the portal lacks or has archived them', async () => {
    const property = (name: string, archived = false) => ({
      name,
      type: 'string',
      fieldType: 'text',
      archived,
    });
    http.on('GET', PROPERTIES, {
      body: { results: [property('country'), property('old', true), { broken: true }] },
    });

    const unknown = await testHubSpot().hubspot.portal.unknownProperties(['country', 'old', 'numemployes']);

    expect(unknown).toEqual(['old', 'numemployes']);
  });
});

/** Our own properties: compared, created, restored, completed, or named for somebody who may. */
import { describe, expect, it } from 'vitest';
import { PROPERTY_CATALOGUE } from '../../src/domain/property-catalogue.ts';
import { PROPERTY_NAMES, type PropertyName } from '../../src/domain/types.ts';
import { ConfigurationError, CredentialsError, UnavailableError } from '../../src/errors.ts';
import { mockHttp } from '../support/http-mock.ts';
import { failure, GROUPS, PROPERTIES, testHubSpot } from './support.ts';

const http = mockHttp('https://api.hubapi.com');

type Given = Partial<Record<PropertyName, object | null>>;

/** The portal's list: all of ours as they must be, but for what is given (null: not there). */
function listed(given: Given = {}) {
  const results = PROPERTY_NAMES.filter((name) => given[name] !== null).map((name) => ({
    ...as(name),
    ...given[name],
  }));
  http.on('GET', PROPERTIES, { body: { results } });
}

function as(name: PropertyName) {
  const { type, fieldType, options } = PROPERTY_CATALOGUE[name];
  return { name: `handoff_${name}`, type, fieldType, options };
}

function without(...names: PropertyName[]): Given {
  return Object.fromEntries(names.map((name) => [name, null]));
}

function ensure() {
  return testHubSpot().hubspot.portal.ensureProperties();
}

function sentTo(method: string, path: string) {
  return http.calls.filter((call) => call.method === method && call.path === path).map(({ body }) => body);
}

describe('inspecting', () => {
  it('finds nothing where all is as it must be', async () => {
    listed();

    await expect(testHubSpot().hubspot.portal.inspectProperties()).resolves.toEqual([]);
  });

  it('finds what is missing, archived, of another type, or short of options', async () => {
    listed({
      pass: null,
      transitions: { archived: true },
      mql_date: { type: 'date' },
      flags: { fieldType: 'select' },
      status: { options: [{ value: 'open', label: 'Open' }] },
    });

    await expect(testHubSpot().hubspot.portal.inspectProperties()).resolves.toEqual([
      {
        name: 'handoff_status',
        problem: 'missing_options',
        options: ['qualified', 'recycled', 'disqualified', 'direct_sql'],
      },
      { name: 'handoff_mql_date', problem: 'wrong_type', found: 'date/date', wanted: 'datetime/date' },
      { name: 'handoff_pass', problem: 'missing' },
      { name: 'handoff_transitions', problem: 'missing' },
      {
        name: 'handoff_flags',
        problem: 'wrong_type',
        found: 'enumeration/select',
        wanted: 'enumeration/checkbox',
      },
    ]);
  });

  it('leaves it to the portal how a value is shown', async () => {
    listed({ status: { fieldType: 'radio' }, sla: { fieldType: 'textarea' } });

    await expect(testHubSpot().hubspot.portal.inspectProperties()).resolves.toEqual([]);
  });
});

describe('ensuring', () => {
  it('changes nothing where all is as it must be', async () => {
    listed();

    await expect(ensure()).resolves.toEqual([]);
  });

  it('creates everything in an empty portal, in one group', async () => {
    listed(without(...PROPERTY_NAMES));
    http.on('POST', GROUPS, { status: 201 });
    for (const _ of PROPERTY_NAMES) http.on('POST', PROPERTIES, { status: 201 });
    listed();

    const created = await ensure();

    expect(created).toEqual(PROPERTY_NAMES.map((name) => `handoff_${name}`));
    expect(sentTo('POST', GROUPS)).toEqual([
      { name: 'handoff', label: 'Marketing to sales handoff', displayOrder: -1 },
    ]);
    const bodies = sentTo('POST', PROPERTIES) as { name: string; options?: unknown[] }[];
    expect(bodies.every((body) => (body as { groupName?: string }).groupName === 'handoff')).toBe(true);
    expect(bodies.find(({ name }) => name === 'handoff_hours_to_qualify')).toMatchObject({
      type: 'number',
      fieldType: 'number',
    });
    expect(bodies.find(({ name }) => name === 'handoff_flags')?.options).toHaveLength(8);
    expect(bodies.find(({ name }) => name === 'handoff_sla')).not.toHaveProperty('options');
  });

  it('bears that somebody else was faster', async () => {
    const exists = { status: 409, body: { category: 'OBJECT_ALREADY_EXISTS' } };
    listed(without('pass'));
    http.on('POST', GROUPS, exists).on('POST', PROPERTIES, exists);
    listed();

    await expect(ensure()).resolves.toEqual(['handoff_pass']);
  });

  it('refuses a wrong type before it creates anything, and says what to do', async () => {
    listed({ pass: null, sla_due_date: { type: 'string', fieldType: 'text' } });

    const error = await failure(ensure());

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain('handoff_sla_due_date is string/text; it must be datetime/date');
    expect(error.message).toContain('write.prefix');
  });

  it('refuses the wrong type of a property that came back from the archive', async () => {
    listed(without('pass'));
    http.on('POST', GROUPS, { status: 409 }).on('POST', PROPERTIES, { status: 201 });
    listed({ pass: { type: 'string', fieldType: 'text' } });

    await expect(ensure()).rejects.toThrow(/handoff_pass is string\/text/);
  });

  it('completes the options of one that came back without them', async () => {
    listed(without('sla_status'));
    http.on('POST', GROUPS, { status: 409 }).on('POST', PROPERTIES, { status: 201 });
    const old = { options: [{ value: 'met', label: 'Met' }] };
    listed({ sla_status: old });
    http.on('GET', `${PROPERTIES}/handoff_sla_status`, { body: { ...as('sla_status'), ...old } });
    http.on('PATCH', `${PROPERTIES}/handoff_sla_status`, {});

    await expect(ensure()).resolves.toEqual(['handoff_sla_status']);
  });

  it('adds options and keeps those that people have, as they are', async () => {
    const theirs = { value: 'paused', label: 'Paused', displayOrder: 0, hidden: true, description: 'by Ops' };
    const status = { options: [theirs, { value: 'open', label: 'Waiting', displayOrder: 1 }] };
    listed({ status });
    http.on('GET', `${PROPERTIES}/handoff_status`, { body: { ...as('status'), ...status } });
    http.on('PATCH', `${PROPERTIES}/handoff_status`, {});

    await expect(ensure()).resolves.toEqual([]);

    const [body] = sentTo('PATCH', `${PROPERTIES}/handoff_status`) as {
      options: { value: string; label: string; displayOrder: number }[];
    }[];
    expect(body?.options[0]).toEqual(theirs);
    expect(body?.options[1]).toMatchObject({ value: 'open', label: 'Waiting', displayOrder: 1 });
    expect(body?.options.map(({ value }) => value)).toEqual([
      ...['paused', 'open', 'qualified', 'recycled', 'disqualified', 'direct_sql'],
    ]);
    expect(body?.options.map(({ displayOrder }) => displayOrder)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it.each(['group', 'property'])(
    'without the right to create the %s lists what to create by hand',
    async (which) => {
      const forbidden = { status: 403, body: { category: 'MISSING_SCOPES' } };
      listed(without('pass', 'flags'));
      if (which === 'group') http.on('POST', GROUPS, forbidden);
      else http.on('POST', GROUPS, { status: 201 }).on('POST', PROPERTIES, forbidden);

      const error = await failure(ensure());

      expect(error).toBeInstanceOf(CredentialsError);
      expect((error as CredentialsError).missingScopes).toEqual(['crm.schemas.contacts.write']);
      expect(error.message).toContain('handoff_pass (MQL passes): number/number');
      expect(error.message).toContain('enumeration/checkbox, options cleared future');
      expect(error.message).toContain('the group handoff');
    },
  );

  it('without the right to add options says so too', async () => {
    listed({ status: { options: [] } });
    http.on('GET', `${PROPERTIES}/handoff_status`, { body: { ...as('status'), options: [] } });
    http.on('PATCH', `${PROPERTIES}/handoff_status`, { status: 403 });

    await expect(ensure()).rejects.toThrow(/may not create or change properties/);
  });

  it('that HubSpot refuses is for people to mend', async () => {
    listed(without('pass'));
    http.on('POST', GROUPS, { status: 201 });
    http.on('POST', PROPERTIES, {
      status: 400,
      body: { category: 'VALIDATION_ERROR', message: 'limit reached' },
    });

    const error = await failure(ensure());

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain('no custom properties left');
  });

  it('is not done while HubSpot does not show what it has created', async () => {
    listed(without('pass'));
    http.on('POST', GROUPS, { status: 201 }).on('POST', PROPERTIES, { status: 201 });
    listed(without('pass'));

    await expect(ensure()).rejects.toThrow(UnavailableError);
  });
});

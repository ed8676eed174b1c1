import { describe, expect, it } from 'vitest';
import { fingerprint, whatChanged } from '../../src/config/fingerprint.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import { buildRules, neededProperties } from '../../src/config/rules.ts';
import type { PortalConfig } from '../../src/config/types.ts';
import type { Role } from '../../src/domain/types.ts';

const ROLES = new Map<string, Role>([
  ['lead', 'before'],
  ['marketingqualifiedlead', 'mql'],
  ['salesqualifiedlead', 'sql'],
  ['other', 'lost'],
]);

const AGREEMENT = {
  since: 'since: 2026-03-30',
  calendar: 'calendar: { timeZone: Europe/Berlin, hours: { monday-friday: 09:00-17:00 } }',
  sales:
    'sales: [{ name: hot, within: 4 hours, when: { country: [IE, UK] } }, { name: rest, within: 2 days }]',
  marketing:
    'marketing: { quota: 5, window: { weekday: monday, time: 09:00 }, fit: { share: 50%, when: { numemployees: { atLeast: 50 } } } }',
  write: 'write: { prefix: handoff_ }',
  clearGrace: 'clearGrace: 60 minutes',
};

/** The agreement with some keys written otherwise; an empty one is left out. */
function portal(over: Partial<typeof AGREEMENT> & { readonly more?: string } = {}): PortalConfig {
  const lines = Object.values({ ...AGREEMENT, ...over }).map((line) => `    ${line}`);
  const text = ['portals:', '  main:', '    token: ${T}', ...lines].join('\n');
  return parseConfig(text, 'handoff.yaml', { variable: () => 'pat-x' }).portals[0]!;
}

function rulesOf(over: Parameters<typeof portal>[0] = {}, zone = 'America/New_York') {
  return buildRules(portal(over), ROLES, zone);
}

describe('rules', () => {
  it('are what the core needs, with the promises from the start of a local day on', () => {
    const rules = rulesOf();
    expect(rules.roles).toBe(ROLES);
    expect(rules.clearGraceMs).toBe(3_600_000);
    expect(rules.calendar.timeZone).toBe('Europe/Berlin');
    expect(rules.since).toBe(Date.parse('2026-03-30T00:00:00+02:00'));
    expect(rules.sales.map((rule) => rule.name)).toEqual(['hot', 'rest']);
    expect(rules.marketing).toMatchObject({ quota: 5, fit: { share: 0.5 } });
  });

  it('use the zone of the portal where the configuration names none, also for `since`', () => {
    const rules = rulesOf({ calendar: '' });
    expect(rules.calendar.timeZone).toBe('America/New_York');
    expect(rules.since).toBe(Date.parse('2026-03-30T00:00:00-04:00'));
  });

  it('lack what was not promised', () => {
    const rules = rulesOf({ since: '', sales: '', marketing: '' });
    expect(rules).not.toHaveProperty('since');
    expect(rules).not.toHaveProperty('marketing');
    expect(rules.sales).toEqual([]);
  });
});

describe('versions', () => {
  const before = rulesOf();

  it('are short, and the same for the same meaning however it is written', () => {
    expect(before.promise).toMatch(/^[0-9a-f]{16}$/);
    const rewritten = rulesOf({
      calendar:
        'calendar: { hours: { monday-thursday: 9:00-17:00, friday: 09:00-17:00 }, timeZone: Europe/Berlin }',
      sales:
        'sales: [{ when: { country: [IE, UK] }, within: 4.0 hours, stopsOn: decision, name: hot }, { name: rest, within: 48 hours }]',
      marketing: '',
      write: 'write: { prefix: other_ }',
    });
    expect(rewritten.sales.map((rule) => rule.version)).toEqual(before.sales.map((rule) => rule.version));
    expect(rewritten.promise).toBe(before.promise);
  });

  it('of one rule do not follow another rule', () => {
    const sales = AGREEMENT.sales.replace('4 hours', '5 hours');
    const after = rulesOf({ sales });
    expect(after.sales[0]?.version).not.toBe(before.sales[0]?.version);
    expect(after.sales[1]?.version).toBe(before.sales[1]?.version);
    expect(after.promise).not.toBe(before.promise);
  });

  it('follow the calendar', () => {
    const after = rulesOf({ calendar: AGREEMENT.calendar.replace('17:00', '16:00') });
    for (const [at, rule] of after.sales.entries()) expect(rule.version).not.toBe(before.sales[at]?.version);
  });

  it.each([
    { what: 'since', over: { since: 'since: 2026-03-31' } },
    {
      what: 'the order of rules',
      over: {
        sales:
          'sales: [{ name: rest, within: 2 days }, { name: hot, within: 4 hours, when: { country: [IE, UK] } }]',
      },
    },
    { what: 'a condition', over: { sales: AGREEMENT.sales.replace('UK', 'FR') } },
    {
      what: 'what stops the clock',
      over: { sales: AGREEMENT.sales.replace('2 days', '2 days, stopsOn: acceptance') },
    },
  ])('of the promise follow $what', ({ over }) => {
    expect(rulesOf(over).promise).not.toBe(before.promise);
  });
});

describe('needed properties', () => {
  it('are those of all conditions, of the usual groupings and the company, each once', () => {
    const sales =
      'sales: [{ name: a, within: 1 hour, when: { country: x, hs_analytics_source: y } }, { name: b, within: 1 hour, when: { country: z } }]';
    const all = ['associatedcompanyid', 'country', 'hs_analytics_source', 'hubspot_owner_id', 'numemployees'];
    expect(neededProperties(portal({ sales }))).toEqual(all);
    expect(neededProperties(portal({ sales: '', marketing: '' }))).toEqual([
      'associatedcompanyid',
      'hs_analytics_source',
      'hubspot_owner_id',
    ]);
  });
});

describe('a change of the configuration', () => {
  const print = (over: Parameters<typeof portal>[0] = {}, roles: ReadonlyMap<string, Role> = ROLES) => {
    const changed = portal(over);
    return fingerprint(buildRules(changed, roles, 'UTC'), changed);
  };
  const before = print();

  it('is none where only what decides no value differs', () => {
    const after = print({ more: 'schedule: { poll: off }\n    budget: { ofDay: 50% }' });
    expect(whatChanged(before, after)).toEqual({ changed: false, needsReading: false, reasons: [] });
  });

  it('is none where roles are the same in another order', () => {
    const after = print({}, new Map([...ROLES].reverse()));
    expect(whatChanged(before, after).changed).toBe(false);
  });

  it.each([
    { over: { calendar: AGREEMENT.calendar.replace('17:00', '18:00') }, reason: 'the calendar' },
    { over: { sales: AGREEMENT.sales.replace('2 days', '3 days') }, reason: 'the sales rules' },
    { over: { since: '' }, reason: 'the sales rules' },
    { over: { marketing: AGREEMENT.marketing.replace('50 }', '60 }') }, reason: 'the fit conditions' },
    { over: { clearGrace: 'clearGrace: 30 minutes' }, reason: 'clearGrace' },
  ])('of $reason asks for a recomputation only', ({ over, reason }) => {
    expect(whatChanged(before, print(over))).toEqual({
      changed: true,
      needsReading: false,
      reasons: [reason],
    });
  });

  it('of roles asks for reading only where entry stages were added', () => {
    const reasons = ['the roles of stages'];
    const lost = print({}, new Map([...ROLES, ['lead', 'lost']]));
    expect(whatChanged(before, lost)).toEqual({ changed: true, needsReading: false, reasons });
    const added = print({}, new Map([...ROLES, ['lead', 'mql']]));
    expect(whatChanged(before, added)).toEqual({ changed: true, needsReading: true, reasons });
    expect(whatChanged(added, before)).toEqual({ changed: true, needsReading: false, reasons });
  });

  it('of the properties that conditions name asks for reading where some were added', () => {
    const sales = AGREEMENT.sales.replace('country', 'industry');
    expect(whatChanged(before, print({ sales })).needsReading).toBe(true);
    expect(
      whatChanged(before, print({ sales: 'sales: [{ name: rest, within: 2 days }]' })).needsReading,
    ).toBe(false);
  });

  it('of the prefix asks for reading', () => {
    const after = print({ write: 'write: { prefix: mine_ }' });
    expect(whatChanged(before, after)).toEqual({
      changed: true,
      needsReading: true,
      reasons: ['the prefix of the properties'],
    });
  });

  it('names every reason', () => {
    const after = print({ since: '', calendar: '', marketing: '' });
    expect(whatChanged(before, after).reasons).toEqual([
      'the calendar',
      'the sales rules',
      'the fit conditions',
    ]);
  });

  it.each([null, '', 'f1', '7', '{}'])('from %j asks for reading', (nothing) => {
    expect(whatChanged(nothing, before)).toMatchObject({ changed: true, needsReading: true });
  });

  it('tells nothing of the configuration itself', () => {
    expect(before).not.toMatch(/pat-x|Berlin/);
  });
});

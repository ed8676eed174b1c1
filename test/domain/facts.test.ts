import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { qualify } from '../../src/domain/facts.ts';
import type { Contact, PropertyValues, Rules } from '../../src/domain/types.ts';
import { PROPERTY_NAMES } from '../../src/domain/types.ts';
import { hours } from '../../src/domain/values.ts';
import {
  at,
  contactWith,
  type HistoryTable,
  HOUR,
  MINUTE,
  ROLES_BY_STAGE,
  rulesWith,
  slaRule,
} from '../support/contacts.ts';

const MQL = 'marketingqualifiedlead';
const SAL = 'salesaccepted';
const SQL = 'salesqualifiedlead';
const now = at('2026-01-20T12:00Z');

function factsOf(
  table: HistoryTable,
  contact: Partial<Contact> = {},
  rules: Partial<Rules> = {},
  instant = now,
) {
  return qualify(contactWith(table, contact), rulesWith(rules), instant, null, { rejudge: false });
}

/** The values that are not blank. */
function shown(values: PropertyValues): Partial<PropertyValues> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}

describe('values of a contact', () => {
  const promised = { sales: [slaRule({ target: { within: { ms: 16 * HOUR, business: true } } })] };
  it.each<[what: string, table: HistoryTable, contact: Partial<Contact>, values: Partial<PropertyValues>]>([
    [
      'without any stage that counts: all blank',
      [['2026-01-05T10:00Z', 'lead']],
      { mergedIds: ['7'], truncated: true },
      {},
    ],
    [
      'open',
      [['2026-01-20T10:00Z', MQL]],
      {},
      {
        status: 'open',
        mql_date: '2026-01-20T10:00:00.000Z',
        pass: '1',
        transitions: '0',
        first_mql_date: '2026-01-20T10:00:00.000Z',
        sla: 'standard',
        sla_status: 'on_track',
        sla_due_date: '2026-01-22T10:00:00.000Z',
      },
    ],
    [
      'qualified',
      [
        ['2026-01-05T16:30Z', MQL],
        ['2026-01-05T16:45Z', SAL],
        ['2026-01-06T10:00:18Z', SQL],
      ],
      {},
      {
        status: 'qualified',
        mql_date: '2026-01-05T16:30:00.000Z',
        accepted_date: '2026-01-05T16:45:00.000Z',
        sql_date: '2026-01-06T10:00:18.000Z',
        decided_date: '2026-01-06T10:00:18.000Z',
        hours_to_qualify: '17.51',
        business_hours_to_qualify: '1.51',
        pass: '1',
        transitions: '1',
        first_mql_date: '2026-01-05T16:30:00.000Z',
        first_sql_date: '2026-01-06T10:00:18.000Z',
        sla: 'standard',
        sla_status: 'met',
        sla_due_date: '2026-01-07T16:30:00.000Z',
      },
    ],
    [
      'qualified on a Sunday, imported, SQL skipped, after a first attempt',
      [
        ['2026-01-05T10:00Z', MQL],
        ['2026-01-06T10:00Z', 'lead'],
        ['2026-01-11T10:00:00.000Z', MQL],
        ['2026-01-11T10:00:36.000Z', 'customer', 'IMPORT'],
      ],
      { mergedIds: ['7'] },
      {
        status: 'qualified',
        mql_date: '2026-01-11T10:00:00.000Z',
        sql_date: '2026-01-11T10:00:36.000Z',
        decided_date: '2026-01-11T10:00:36.000Z',
        hours_to_qualify: '0.01',
        business_hours_to_qualify: '0',
        pass: '2',
        transitions: '1',
        first_mql_date: '2026-01-05T10:00:00.000Z',
        first_sql_date: '2026-01-11T10:00:36.000Z',
        sla: 'standard',
        sla_status: 'met',
        sla_due_date: '2026-01-13T17:00:00.000Z',
        flags: 'implied_sql;imported;instant;merged',
      },
    ],
    [
      'recycled by a clear, of a truncated history with a stage unknown and one in the future',
      [
        ['2026-01-04T10:00Z', '1047999'],
        ['2026-01-05T10:00Z', MQL],
        ['2026-01-06T10:00Z', ''],
        ['2026-02-01T10:00Z', SQL],
      ],
      { truncated: true },
      {
        status: 'recycled',
        mql_date: '2026-01-05T10:00:00.000Z',
        decided_date: '2026-01-06T10:00:00.000Z',
        pass: '1',
        transitions: '0',
        sla: 'standard',
        sla_status: 'met',
        sla_due_date: '2026-01-07T10:00:00.000Z',
        flags: 'cleared;future;truncated;unmapped',
      },
    ],
    [
      'direct SQL without any pass',
      [['2026-01-05T10:00Z', SQL, 'IMPORT']],
      {},
      {
        status: 'direct_sql',
        sql_date: '2026-01-05T10:00:00.000Z',
        first_sql_date: '2026-01-05T10:00:00.000Z',
        flags: 'imported',
      },
    ],
    [
      'direct SQL after a pass that was recycled: only counts are left of it',
      [
        ['2026-01-05T10:00Z', MQL, 'IMPORT'],
        ['2026-01-06T10:00Z', ''],
        ['2026-01-07T10:00Z', SQL],
        ['2026-01-08T10:00Z', 'lead'],
      ],
      {},
      {
        status: 'direct_sql',
        sql_date: '2026-01-07T10:00:00.000Z',
        first_sql_date: '2026-01-07T10:00:00.000Z',
        pass: '1',
        transitions: '0',
      },
    ],
    [
      'direct SQL of a truncated history',
      [['2026-01-05T10:00Z', SQL]],
      { truncated: true },
      { status: 'direct_sql', sql_date: '2026-01-05T10:00:00.000Z', flags: 'truncated' },
    ],
    [
      'a pass takes over from a direct SQL, which stays the first SQL',
      [
        ['2026-01-05T10:00Z', SQL],
        ['2026-01-20T10:00Z', MQL],
      ],
      {},
      {
        status: 'open',
        mql_date: '2026-01-20T10:00:00.000Z',
        pass: '1',
        transitions: '0',
        first_mql_date: '2026-01-20T10:00:00.000Z',
        first_sql_date: '2026-01-05T10:00:00.000Z',
        sla: 'standard',
        sla_status: 'on_track',
        sla_due_date: '2026-01-22T10:00:00.000Z',
      },
    ],
  ])('%s', (_what, table, contact, values) => {
    expect(shown(factsOf(table, contact, promised).values)).toEqual(values);
  });

  it('have every name, blank or not', () => {
    expect(Object.keys(factsOf([]).values).sort()).toEqual([...PROPERTY_NAMES].sort());
    expect(Object.keys(factsOf([['2026-01-05T10:00Z', MQL]]).values).sort()).toEqual(
      [...PROPERTY_NAMES].sort(),
    );
  });

  it('name a rule whose promise is void', () => {
    const table: HistoryTable = [
      ['2026-01-05T10:00Z', MQL],
      ['2026-01-05T11:00Z', 'lead'],
    ];
    const { values } = factsOf(table, {}, { sales: [slaRule({ stopsOn: 'qualified' })] });
    expect([values.sla, values.sla_status, values.sla_due_date]).toEqual(['standard', '', '']);
  });
});

describe('hours', () => {
  it.each([
    [0, '0'],
    [17_999, '0'],
    [18_000, '0.01'],
    [HOUR, '1'],
    [90 * MINUTE, '1.5'],
    [100 * HOUR, '100'],
    [36_000 * 105 + 17_999, '1.05'],
    [36_000 * 105 + 18_000, '1.06'],
    [36_000 * 100.5, '1.01'],
  ])('%d ms are %s', (ms, text) => {
    expect(hours(ms)).toBe(text);
  });
});

describe('fit', () => {
  const marketing = (when: NonNullable<NonNullable<Rules['marketing']>['fit']>['when']) => ({
    marketing: { quota: 50, window: { weekday: 1, minute: 540 } as const, fit: { share: 0.6, when } },
  });
  it('is unknown where no conditions are set', () => {
    expect(factsOf([]).fit).toBeNull();
    expect(factsOf([], {}, { marketing: { quota: 50, window: { weekday: 1, minute: 540 } } }).fit).toBeNull();
  });
  it('is read from present properties', () => {
    const rules = marketing({ numemployees: { atLeast: 50 } });
    expect(factsOf([], { properties: { numemployees: '50' } }, rules).fit).toBe(true);
    expect(factsOf([], { properties: { numemployees: '' } }, rules).fit).toBe(false);
  });
});

describe('when facts change by the passing of time', () => {
  const sales = [slaRule({ stopsOn: 'acceptance' })];
  const due = at('2026-01-20T17:00Z');
  it.each<[what: string, table: HistoryTable, now: string, changesAt: number | null]>([
    ['it becomes due soon', [['2026-01-20T09:00Z', MQL]], '2026-01-20T12:00Z', due - 4 * HOUR],
    [
      'it becomes overdue, a millisecond after the due time',
      [['2026-01-20T09:00Z', MQL]],
      '2026-01-20T13:00Z',
      due + 1,
    ],
    ['and does so still at the due time', [['2026-01-20T09:00Z', MQL]], '2026-01-20T17:00Z', due + 1],
    ['overdue it stays', [['2026-01-20T09:00Z', MQL]], '2026-01-20T17:00:00.001Z', null],
    [
      'a stopped clock runs no more',
      [
        ['2026-01-20T09:00Z', MQL],
        ['2026-01-20T10:00Z', SAL],
      ],
      '2026-01-20T12:00Z',
      null,
    ],
    [
      'a clear counts before that',
      [
        ['2026-01-20T09:00Z', MQL],
        ['2026-01-20T11:30Z', ''],
      ],
      '2026-01-20T12:00Z',
      at('2026-01-20T12:30Z'),
    ],
    ['a future entry comes', [['2026-01-20T13:00Z', MQL]], '2026-01-20T12:00Z', at('2026-01-20T12:55Z')],
    ['never', [['2026-01-20T09:00Z', 'lead']], '2026-01-20T12:00Z', null],
  ])('%s', (_what, table, now, changesAt) => {
    expect(factsOf(table, {}, { sales }, at(now)).changesAt).toBe(changesAt);
  });
});

describe('judgements remembered', () => {
  it('belong to the pass that opened at the same time', () => {
    const old: HistoryTable = [
      ['2026-01-05T10:00Z', MQL],
      ['2026-01-06T10:00Z', SQL],
    ];
    const before = qualify(
      contactWith(old),
      rulesWith({ sales: [slaRule({ name: 'old', version: 'v0' })] }),
      now,
      null,
      {
        rejudge: false,
      },
    );
    const longer: HistoryTable = [['2026-01-01T10:00Z', MQL], ['2026-01-02T10:00Z', 'lead'], ...old];
    const rules = rulesWith({ sales: [slaRule({ name: 'new' })], promise: 'p2' });
    const rulesOf = (rejudge: boolean) =>
      qualify(contactWith(longer), rules, now, before, { rejudge }).passes.map((pass) => pass.sla?.rule);
    expect(rulesOf(false)).toEqual(['new', 'old']);
    expect(rulesOf(true)).toEqual(['new', 'new']);
  });
});

describe('whatever the history', () => {
  const entry = fc.record({
    value: fc.constantFrom('', 'gone', ...ROLES_BY_STAGE.keys()),
    timestamp: fc.oneof(
      fc.integer({ min: now - 90 * 24 * HOUR, max: now + HOUR }),
      fc.integer({ min: 0, max: 200 }).map((hour) => now - hour * 30 * MINUTE),
      fc.constantFrom(0, now, now + 5 * MINUTE, now + 5 * MINUTE + 1, 4_102_444_800_000),
    ),
    sourceType: fc.constantFrom('CRM_UI', 'IMPORT'),
  });
  const rules = rulesWith({
    sales: [slaRule({ stopsOn: 'qualified', dueSoon: { ms: HOUR, business: true } })],
  });
  const factsAt = (history: Contact['history'], instant: number) =>
    qualify(contactWith([], { history }), rules, instant, null, { rejudge: false });

  it('qualifying never throws and is the same every time', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 50 }), (history) => {
        const facts = factsAt(history, now);
        expect(factsAt(history, now)).toEqual(facts);
        expect(facts.status === null).toBe(Object.values(facts.values).every((value) => value === ''));
      }),
    );
  });

  it('nothing changes by the passing of time before the instant that was foretold', () => {
    const later = fc.integer({ min: 1, max: 20 * 24 * HOUR });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), later, (history, ms) => {
        const facts = factsAt(history, now);
        const instant = Math.min(now + ms, (facts.changesAt ?? Infinity) - 1);
        expect(factsAt(history, instant).values).toEqual(facts.values);
      }),
    );
  });
});

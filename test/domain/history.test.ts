import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinContact, prepareHistory } from '../../src/domain/history.ts';
import type { HistoryEntry } from '../../src/domain/types.ts';
import {
  at,
  contactWith,
  type HistoryTable,
  HOUR,
  historyOf,
  MINUTE,
  rulesWith,
} from '../support/contacts.ts';

const MQL = 'marketingqualifiedlead';
const SQL = 'salesqualifiedlead';
const rules = rulesWith();
const now = at('2026-03-02T12:00Z');

function usesOf(table: HistoryTable, at = now) {
  return prepareHistory(historyOf(table), rules, at).rows.map((row) => row.use);
}

function stepsOf(history: readonly HistoryEntry[], at = now) {
  return prepareHistory(history, rules, at).steps.map((step) => `${step.value}@${step.timestamp}`);
}

describe('preparing a history', () => {
  const day = '2026-03-02T';
  it.each<[rule: string, table: HistoryTable, uses: string]>([
    ['nothing at all', [], ''],
    [
      'stages in order are used',
      [
        [`${day}08:00Z`, 'lead'],
        [`${day}09:00Z`, MQL],
      ],
      'used used',
    ],
    [
      'a repeat at one instant is dropped',
      [
        [`${day}08:00Z`, MQL],
        [`${day}08:00Z`, MQL],
      ],
      'used repeat',
    ],
    [
      'a repeat is dropped with another stage between',
      [
        [`${day}08:00Z`, MQL],
        [`${day}08:00Z`, 'lead'],
        [`${day}08:00Z`, MQL],
      ],
      'used used repeat',
    ],
    [
      'the same stage again is merged',
      [
        [`${day}08:00Z`, MQL],
        [`${day}09:00Z`, MQL],
      ],
      'used same_stage',
    ],
    [
      'two mql stages are two stages',
      [
        [`${day}08:00Z`, MQL],
        [`${day}09:00Z`, 'hotmql'],
      ],
      'used used',
    ],
    ['up to 5 minutes ahead counts', [[`${day}12:05Z`, MQL]], 'used'],
    ['more than 5 minutes ahead is the future', [[`${day}12:05:00.001Z`, MQL]], 'future'],
    [
      'a stage without a role is skipped',
      [
        [`${day}08:00Z`, '1047999'],
        [`${day}09:00Z`, MQL],
      ],
      'unmapped used',
    ],
    [
      'equal stages merge over a skipped one',
      [
        [`${day}08:00Z`, MQL],
        [`${day}09:00Z`, '1047999'],
        [`${day}10:00Z`, MQL],
      ],
      'used unmapped same_stage',
    ],
    ['a future entry without a role is only future', [[`${day}13:00Z`, '1047999']], 'future'],
    [
      'a clear followed within the grace is dropped',
      [
        [`${day}08:00Z`, MQL],
        [`${day}09:00Z`, ''],
        [`${day}10:00Z`, 'lead'],
      ],
      'used clear_dropped used',
    ],
    [
      'a clear followed a millisecond after the grace holds',
      [
        [`${day}08:00Z`, MQL],
        [`${day}09:00Z`, ''],
        [`${day}10:00:00.001Z`, 'lead'],
      ],
      'used used used',
    ],
    [
      'the same stage after a dropped clear is merged',
      [
        [`${day}08:00Z`, MQL],
        [`${day}09:00Z`, ''],
        [`${day}09:01Z`, MQL],
      ],
      'used clear_dropped same_stage',
    ],
    [
      'the same stage after a clear that holds is not',
      [
        [`${day}06:00Z`, MQL],
        [`${day}07:00Z`, ''],
        [`${day}09:01Z`, MQL],
      ],
      'used used used',
    ],
    [
      'of several clears each is judged by the stage that follows',
      [
        [`${day}06:00Z`, MQL],
        [`${day}07:00Z`, ''],
        [`${day}08:30Z`, ''],
        [`${day}09:00Z`, 'lead'],
      ],
      'used used clear_dropped used',
    ],
    [
      'several clears that hold are one, from the first',
      [
        [`${day}06:00Z`, MQL],
        [`${day}07:00Z`, ''],
        [`${day}07:30Z`, ''],
        [`${day}11:00Z`, 'lead'],
      ],
      'used used same_stage used',
    ],
    [
      'a last clear younger than the grace waits',
      [
        [`${day}06:00Z`, MQL],
        [`${day}11:00:00.001Z`, ''],
      ],
      'used clear_pending',
    ],
    [
      'a last clear as old as the grace holds',
      [
        [`${day}06:00Z`, MQL],
        [`${day}11:00Z`, ''],
      ],
      'used used',
    ],
    [
      'what follows only in the future follows not yet',
      [
        [`${day}06:00Z`, MQL],
        [`${day}11:50Z`, ''],
        [`${day}12:20Z`, 'lead'],
      ],
      'used clear_pending future',
    ],
    [
      'a stage without a role does not follow a clear',
      [
        [`${day}06:00Z`, MQL],
        [`${day}10:00Z`, ''],
        [`${day}10:10Z`, '1047999'],
      ],
      'used used unmapped',
    ],
  ])('%s', (_rule, table, uses) => {
    expect(usesOf(table).join(' ')).toBe(uses);
  });

  it('reads entries of one instant in the reverse of the order given', () => {
    const timestamp = at('2026-03-02T08:00Z');
    const given = [MQL, 'lead', ''].map((value) => ({ value, timestamp, sourceType: 'API' }));
    expect(prepareHistory(given, rules, now).rows.map((row) => row.entry.value)).toEqual(['', 'lead', MQL]);
  });

  it('keeps the first of repeats, with its source', () => {
    const table: HistoryTable = [
      ['2026-03-02T08:00Z', MQL, 'IMPORT'],
      ['2026-03-02T08:00Z', MQL, 'CRM_UI'],
    ];
    expect(prepareHistory(historyOf(table), rules, now).steps.map((step) => step.sourceType)).toEqual([
      'IMPORT',
    ]);
  });

  it('gives a clear that holds no role, and says what it left out', () => {
    const table: HistoryTable = [
      ['2026-03-01T08:00Z', ''],
      ['2026-03-02T08:00Z', 'gone'],
      ['2026-03-03T08:00Z', MQL],
    ];
    const prepared = prepareHistory(historyOf(table), rules, now);
    expect(prepared.steps.map((step) => step.role)).toEqual([null]);
    expect([...prepared.flags].sort()).toEqual(['future', 'unmapped']);
  });

  it.each<[what: string, table: HistoryTable, changesAt: string | null]>([
    ['nothing is pending', [['2026-03-02T08:00Z', MQL]], null],
    ['a clear becomes old enough', [['2026-03-02T11:30Z', '']], '2026-03-02T12:30Z'],
    ['a future entry comes within 5 minutes', [['2026-03-02T12:20Z', MQL]], '2026-03-02T12:15Z'],
    [
      'the earlier of both',
      [
        ['2026-03-02T11:59Z', ''],
        ['2026-03-02T12:20Z', MQL],
      ],
      '2026-03-02T12:15Z',
    ],
  ])('knows when it changes by itself: %s', (_what, table, changesAt) => {
    const { changesAt: found } = prepareHistory(historyOf(table), rules, now);
    expect(found).toBe(changesAt === null ? null : at(changesAt));
  });

  it('is ready to change exactly at that instant', () => {
    const table: HistoryTable = [
      ['2026-03-02T08:00Z', MQL],
      ['2026-03-02T11:30Z', ''],
      ['2026-03-02T14:00Z', 'lead'],
    ];
    const clearCounts = at('2026-03-02T12:30Z');
    expect(usesOf(table, clearCounts - 1)).toEqual(['used', 'clear_pending', 'future']);
    expect(usesOf(table, clearCounts)).toEqual(['used', 'used', 'future']);
    const leadCounts = at('2026-03-02T13:55Z');
    expect(usesOf(table, leadCounts - 1)).toEqual(['used', 'used', 'future']);
    expect(usesOf(table, leadCounts)).toEqual(['used', 'used', 'used']);
  });

  it('does not depend on the order given, apart from ties', () => {
    const entry = fc.record({
      value: fc.constantFrom('', 'lead', MQL, SQL, 'gone'),
      timestamp: fc.integer({ min: -5000, max: 60 }).map((minutes) => now + minutes * MINUTE),
      sourceType: fc.constant('API'),
    });
    const distinct = fc.uniqueArray(entry, { selector: ({ timestamp }) => timestamp, maxLength: 12 });
    const inTwoOrders = distinct.chain((entries) => {
      const all = { minLength: entries.length, maxLength: entries.length };
      return fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, all));
    });
    fc.assert(
      fc.property(inTwoOrders, ([one, other]) => {
        expect(stepsOf(one)).toEqual(stepsOf(other));
      }),
    );
  });
});

describe('joining what HubSpot gives with what is remembered', () => {
  const kept = 3;
  const old: HistoryTable = [
    ['2026-01-01T08:00Z', 'lead'],
    ['2026-01-02T08:00Z', MQL],
  ];
  const recent: HistoryTable = [
    ['2026-01-02T08:00Z', MQL],
    ['2026-01-03T08:00Z', 'lead'],
    ['2026-01-04T08:00Z', MQL],
  ];
  const valuesOf = (history: readonly HistoryEntry[]) =>
    history.map((entry) => `${entry.value} ${new Date(entry.timestamp).getUTCDate()}`);

  it('puts remembered entries behind those given, once each', () => {
    const joined = joinContact(contactWith(recent), contactWith(old), [], kept);
    expect(valuesOf(joined.history)).toEqual([`${MQL} 4`, 'lead 3', `${MQL} 2`, 'lead 1']);
  });

  it('leaves repeats of one answer as they were given', () => {
    const repeated = contactWith([
      ['2026-01-02T08:00Z', MQL],
      ['2026-01-02T08:00Z', MQL],
    ]);
    expect(joinContact(repeated, repeated, [], kept).history).toEqual(repeated.history);
  });

  it('takes everything else from what was read', () => {
    const read = contactWith(recent, { updatedAt: 9, properties: { country: 'Ireland' }, mergedIds: ['7'] });
    const remembered = contactWith(old, {
      updatedAt: 5,
      properties: { country: 'France' },
      mergedIds: ['3'],
    });
    const joined = joinContact(read, remembered, [], kept);
    expect(joined).toMatchObject({ updatedAt: 9, properties: { country: 'Ireland' }, mergedIds: ['7', '3'] });
  });

  it('takes of absorbed contacts only what is older than anything given', () => {
    const absorbed = contactWith(
      [
        ['2026-01-01T09:00Z', 'subscriber'],
        ['2026-01-03T09:00Z', SQL],
      ],
      { id: '7' },
    );
    const joined = joinContact(
      contactWith(recent, { mergedIds: ['7'] }),
      contactWith(old),
      [absorbed, absorbed],
      kept,
    );
    expect(valuesOf(joined.history)).toEqual([`${MQL} 4`, 'lead 3', `${MQL} 2`, 'lead 1', 'subscriber 1']);
  });

  it('takes all of an absorbed contact when nothing is given', () => {
    const joined = joinContact(contactWith([]), undefined, [contactWith(old, { id: '7' })], kept);
    expect(valuesOf(joined.history)).toEqual([`${MQL} 2`, 'lead 1']);
  });

  const short: HistoryTable = recent.slice(1);
  const unrelated: HistoryTable = [['2025-01-01T08:00Z', 'lead']];
  it.each<
    [
      why: string,
      read: HistoryTable,
      remembered: HistoryTable | null,
      wasTruncated: boolean,
      truncated: boolean,
    ]
  >([
    ['fewer entries than HubSpot keeps are all there are', short, null, false, false],
    ['even where the memory had a gap', short, unrelated, true, false],
    ['as many as it keeps may lack older ones', recent, null, false, true],
    ['unless a whole memory reaches into them', recent, old, false, false],
    ['a memory with a gap does not help', recent, old, true, true],
    ['nor one that does not reach into them', recent, unrelated, false, true],
    ['nor an empty one', recent, [], false, true],
  ])('truncated: %s', (_why, read, remembered, wasTruncated, truncated) => {
    const memory = remembered === null ? undefined : contactWith(remembered, { truncated: wasTruncated });
    expect(joinContact(contactWith(read), memory, [], kept).truncated).toBe(truncated);
  });

  it('truncated: a contact absorbed since must be remembered whole as well', () => {
    const read = contactWith(recent, { mergedIds: ['7'] });
    const absorbed = contactWith(
      [
        ['2025-12-31T08:00Z', 'subscriber'],
        ['2026-01-03T08:00Z', 'lead'],
      ],
      { id: '7' },
    );
    expect(joinContact(read, contactWith(old), [], kept).truncated).toBe(true);
    expect(joinContact(read, contactWith(old), [absorbed], kept).truncated).toBe(false);
    expect(joinContact(read, contactWith(old), [{ ...absorbed, truncated: true }], kept).truncated).toBe(
      true,
    );
    expect(joinContact(read, contactWith(old, { mergedIds: ['7'] }), [], kept).truncated).toBe(false);
  });

  it('assumes that HubSpot keeps 45 entries', () => {
    const entries = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        value: 'lead',
        timestamp: index * HOUR,
        sourceType: 'API',
      }));
    expect(joinContact(contactWith([], { history: entries(44) }), undefined, []).truncated).toBe(false);
    expect(joinContact(contactWith([], { history: entries(45) }), undefined, []).truncated).toBe(true);
  });
});

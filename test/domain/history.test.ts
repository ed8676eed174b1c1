import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareHistory } from '../../src/domain/history.ts';
import type { HistoryEntry } from '../../src/domain/types.ts';
import { at, type HistoryTable, historyOf, MINUTE, rulesWith } from '../support/contacts.ts';

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

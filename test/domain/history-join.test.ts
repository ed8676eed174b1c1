import { describe, expect, it } from 'vitest';
import { joinContact } from '../../src/domain/history.ts';
import type { HistoryEntry } from '../../src/domain/types.ts';
import { contactWith, type HistoryTable, HOUR } from '../support/contacts.ts';

const MQL = 'marketingqualifiedlead';
const SQL = 'salesqualifiedlead';

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

import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Blocks, Scorecard } from '../../../src/domain/scorecard/document.ts';
import { type ScorecardInput, scorecardBuilder } from '../../../src/domain/scorecard/scorecard.ts';
import { at, type Brief, row, rules } from './rows.ts';

const COUNTS = { contacts: 9, directSql: 2, flags: { imported: 3 } };

/** Three weeks up to Wednesday 11 March 2026, noon in London. */
const input: ScorecardInput = { portal: 'main', asOf: at('2026-03-11T12:00:00Z'), weeks: 3, rules };

function card(briefs: readonly Brief[], change: Partial<ScorecardInput> = {}): Scorecard {
  const builder = scorecardBuilder({ ...input, ...change });
  for (const brief of briefs) builder.add(row(brief));
  return builder.finish(COUNTS);
}

describe('groups', () => {
  const briefs: Brief[] = [
    {
      opened: '2026-03-04T10:00:00Z',
      decided: '2026-03-04T12:00:00Z',
      due: '2026-03-06T10:00:00Z',
      properties: { team: 'north' },
    },
    {
      id: '7',
      opened: '2026-02-24T10:00:00Z',
      decided: '2026-02-24T12:00:00Z',
      outcome: 'recycled',
      properties: { team: 'south' },
      flags: ['merged'],
    },
    { id: '7', opened: '2026-03-04T10:00:00Z', properties: { team: 'south' }, flags: ['merged'] },
    { opened: '2026-03-04T10:00:00Z', properties: { team: '' } },
    { opened: '2026-03-04T10:00:00Z' },
    { opened: '2026-03-12T10:00:00Z', properties: { team: 'too late' } },
  ];

  it('repeat every block per value, blank ones under (none)', () => {
    const grouped = card(briefs, { by: 'team' });
    const groups = grouped.groups ?? {};
    expect(grouped.by).toBe('team');
    expect(Object.keys(groups)).toEqual(['(none)', 'north', 'south']);
    for (const blocks of Object.values(groups)) {
      expect(Object.keys(blocks)).toEqual(['sales', 'marketing', 'conversion', 'timeToQualify', 'quality']);
    }
    expect(groups.north?.sales.weeks[1]).toMatchObject({ due: 1, kept: 1, rate: 1 });
    expect(groups.south?.conversion.weeks[0]).toMatchObject({ passes: 1, recycled: 1 });
    expect(groups.south?.quality).toMatchObject({ contacts: 1, passes: 2, direct_sql: null });
    expect(groups.south?.quality.flags).toMatchObject({ merged: 1, imported: 0 });
    expect(groups['(none)']?.quality).toMatchObject({ contacts: 2, passes: 2 });
  });

  it('do not hold one group to the promise of all', () => {
    const { groups = {} } = card(briefs, { by: 'team' });
    expect(groups['(none)']?.marketing.windows[1]).toMatchObject({
      ...{ delivered: 2, fit: 0, quota: null, kept: null, pace: null },
    });
  });

  it('change nothing about the whole', () => {
    const { by: _, groups: __, ...whole } = card(briefs, { by: 'team' });
    expect(whole).toEqual(card(briefs));
  });

  it('take counts that no pass shows, also of groups without a pass', () => {
    const builder = scorecardBuilder({ ...input, by: 'team' });
    builder.add(row(briefs[0] as Brief));
    const direct = { contacts: 5, directSql: 4, flags: { imported: 4 } };
    const { groups = {} } = builder.finish(
      COUNTS,
      new Map([
        ['west', direct],
        ['north', direct],
      ]),
    );
    expect(groups.west?.quality).toMatchObject({ contacts: 5, passes: 0, direct_sql: 4 });
    expect(groups.north?.quality).toMatchObject({ contacts: 5, passes: 1, direct_sql: 4 });
  });

  it('survive values that are names of something in JavaScript', () => {
    const { groups = {} } = card([{ opened: '2026-03-04T10:00:00Z', properties: { team: '__proto__' } }], {
      by: 'team',
    });
    expect(Object.keys(groups)).toEqual(['__proto__']);
  });
});

describe('whatever the passes', () => {
  const hour = fc.integer({ min: 0, max: 900 });
  const iso = (hours: number) => new Date(at('2026-02-10T00:00:00Z') + hours * 3_600_000).toISOString();
  const brief = fc.record({
    opened: hour,
    took: fc.option(hour, { nil: null }),
    due: fc.option(hour, { nil: null }),
    outcome: fc.constantFrom('qualified' as const, 'recycled' as const, 'disqualified' as const),
    team: fc.constantFrom('', 'north', 'south'),
  });
  const briefs = fc.array(brief, { maxLength: 60 }).map((list) =>
    list.map(
      ({ opened, took, due, outcome, team }): Brief => ({
        ...{ opened: iso(opened), properties: { team } },
        ...(took === null ? {} : { decided: iso(opened + took), outcome }),
        ...(due === null ? {} : { due: iso(opened + due) }),
      }),
    ),
  );
  /** All that can be added up. */
  const totals = ({ sales, marketing, conversion, timeToQualify, quality }: Blocks): readonly number[] => [
    ...[sales.pending, sales.overdue, timeToQualify.n, timeToQualify.instant, quality.passes],
    ...sales.weeks.flatMap(({ due, kept, missed }) => [due, kept, missed]),
    ...marketing.windows.map(({ delivered }) => delivered),
    ...conversion.weeks.flatMap(({ passes, qualified, open, within }) => [
      passes,
      qualified,
      open,
      within['7'].n,
    ]),
    ...conversion.period.flatMap(({ mql, sql }) => [mql, sql]),
  ];

  test.prop([briefs])('groups add up to the whole', (list) => {
    const { groups = {}, ...whole } = card(list, { by: 'team' });
    const sums = totals(whole).map((_, of) =>
      Object.values(groups).reduce((sum, blocks) => sum + (totals(blocks)[of] as number), 0),
    );
    expect(sums).toEqual(totals(whole));
  });

  test.prop([briefs])('counts agree with each other', (list) => {
    const { sales, conversion, timeToQualify } = card(list);
    for (const { due, kept, missed } of sales.weeks) expect(due).toBe(kept + missed);
    for (const week of conversion.weeks) {
      expect(week.passes).toBe(week.qualified + week.recycled + week.disqualified + week.open);
      for (const { n, qualified } of Object.values(week.within)) {
        expect(n).toBeLessThanOrEqual(week.passes);
        expect(qualified).toBeLessThanOrEqual(Math.min(n, week.qualified));
      }
    }
    const qualified = conversion.weeks.reduce((sum, week) => sum + week.qualified, 0);
    expect(timeToQualify.n + timeToQualify.instant).toBe(qualified);
    expect(conversion.weeks.map(({ passes }) => passes)).toEqual(conversion.period.map(({ mql }) => mql));
  });
});

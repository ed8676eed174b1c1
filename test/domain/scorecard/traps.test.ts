import { describe, expect, it } from 'vitest';
import type { Trap, TrapEffect } from '../../../src/domain/scorecard/document.ts';
import { scorecardBuilder } from '../../../src/domain/scorecard/scorecard.ts';
import { at, type Brief, row, rules } from './rows.ts';

function effects(briefs: readonly Brief[], directSql = 0): ReadonlyMap<Trap, TrapEffect> {
  const builder = scorecardBuilder({ portal: 'main', asOf: at('2026-03-11T12:00:00Z'), weeks: 3, rules });
  for (const brief of briefs) builder.add(row(brief));
  const { quality } = builder.finish({ contacts: 10, directSql, flags: {} });
  return new Map(quality.traps.map((effect) => [effect.trap, effect]));
}

const decided = (hour: string) => ({ decided: `2026-02-02T${hour}:00Z` });

/** Opened at 10:01 … 10:08: times to qualify of 1, 2 and 4 hours, an instant, and two that are open. */
const eight: readonly Brief[] = [
  { opened: '2026-02-02T10:01:00Z', ...decided('11:01') },
  { opened: '2026-02-02T10:02:00Z', ...decided('12:02'), pass: { impliedSql: true } },
  { opened: '2026-02-02T10:03:00Z', ...decided('14:03'), pass: { imported: true } },
  { opened: '2026-02-02T10:04:00Z', decided: '2026-02-02T10:04:30Z' },
  { opened: '2026-02-02T10:05:00Z', ...decided('11:00'), outcome: 'recycled', pass: { cleared: true } },
  { opened: '2026-02-02T10:06:00Z', flags: ['merged', 'truncated', 'imported'] },
  { opened: '2026-02-02T10:07:00Z', flags: ['unmapped'] },
  { opened: '2026-02-02T10:08:00Z', ...decided('11:00'), outcome: 'disqualified' },
];

describe('traps', () => {
  it.each<[Trap, number, number, number, number, number]>([
    // with: 4 of 8, median of 1, 2, 4 hours
    ['implied_sql', 1, 0.5, 0.4286, 2, 2.5],
    ['imported', 1, 0.5, 0.4286, 2, 1.5],
    ['instant', 1, 0.5, 0.4286, 1.5, 2],
    ['cleared', 1, 0.5, 0.5714, 2, 2],
    ['merged', 1, 0.5, 0.5714, 2, 2],
    ['truncated', 1, 0.5, 0.5714, 2, 2],
    ['unmapped', 1, 0.5, 0.5714, 2, 2],
    ['future', 0, 0.5, 0.5, 2, 2],
    ['burst', 0, 0.5, 0.5, 2, 2],
    // 4 + 2 of 8 + 2
    ['direct_sql', 2, 0.6, 0.5, 2, 2],
  ])('%s', (trap, passes, rateWith, rateWithout, medianHoursWith, medianHoursWithout) => {
    expect(effects(eight, 2).get(trap)).toEqual({
      ...{ trap, passes, rateWith, rateWithout, medianHoursWith, medianHoursWithout },
    });
  });

  it('leave nothing where every pass fell into one', () => {
    const all = effects([{ opened: '2026-02-02T10:01:00Z', ...decided('11:01'), pass: { imported: true } }]);
    expect(all.get('imported')).toMatchObject({ rateWith: 1, rateWithout: null, medianHoursWithout: null });
  });

  const of = (company: string, second: string, id?: string): Brief => ({
    opened: `2026-02-03T09:${second}Z`,
    properties: company === '' ? {} : { associatedcompanyid: company },
    ...(id === undefined ? {} : { id }),
  });

  it('take three contacts of one company in a minute for a burst', () => {
    const burst = [of('71', '30:00'), of('71', '30:20'), of('71', '30:59')];
    expect(effects([...eight, ...burst]).get('burst')).toMatchObject({
      passes: 3,
      rateWith: 0.3636,
      rateWithout: 0.5,
    });
  });

  it.each<[string, readonly Brief[]]>([
    ['two contacts', [of('71', '30:00'), of('71', '30:20')]],
    ['two companies', [of('71', '30:00'), of('71', '30:01'), of('72', '30:02')]],
    ['no company', ['00', '01', '02', '03', '04', '05'].map((second) => of('', `30:${second}`))],
    ['two minutes', [of('71', '30:58'), of('71', '30:59'), of('71', '31:00')]],
    ['two contacts, one of them twice', [of('71', '30:00', '5'), of('71', '30:01', '5'), of('71', '30:02')]],
  ])('take for none: %s', (_, briefs) => {
    expect(effects([...eight, ...briefs]).get('burst')?.passes).toBe(0);
  });

  it('count every pass of a burst', () => {
    const twice = [of('71', '30:00', '5'), of('71', '30:01', '5')];
    expect(
      effects([...twice, of('71', '30:02'), of('71', '30:03'), of('71', '40:00')]).get('burst'),
    ).toMatchObject({
      passes: 4,
    });
  });
});

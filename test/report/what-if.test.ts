import { describe, expect, it } from 'vitest';
import { buildWhatIf, type WhatIf } from '../../src/report/what-if.ts';
import { renderWhatIfJson, renderWhatIfText } from '../../src/report/what-if-text.ts';
import { at, type Brief, row, rules } from '../domain/scorecard/rows.ts';

const opened = '2026-03-02T09:00:00Z'; // a Monday, when the office opens

function whatIf(today: readonly Brief[], proposed: readonly Brief[]): Promise<WhatIf> {
  return buildWhatIf(
    { today: today.map(row), proposed: proposed.map(row) },
    { portal: 'main', asOf: at('2026-03-11T12:00:00Z'), weeks: 2, rules: { today: rules, proposed: rules } },
  );
}

/** Ten passes, decided after 1 … 10 hours. */
const ten = (due: string): Brief[] =>
  Array.from({ length: 10 }, (_, of) => ({
    ...{ opened, due, decided: new Date(at(opened) + (of + 1) * 3_600_000).toISOString() },
  }));

describe('buildWhatIf', () => {
  it('judges the same passes by both promises', async () => {
    const { today, proposed } = await whatIf(ten('2026-03-04T17:00:00Z'), ten('2026-03-02T13:00:00Z'));
    expect(today).toMatchObject({ due: 10, kept: 10, rate: 1 });
    expect(proposed).toMatchObject({ due: 10, kept: 4, rate: 0.4 });
    expect(proposed.sales.weeks[0]).toMatchObject({ due: 10, kept: 4, missed: 6, rate: 0.4 });
  });

  it('finds the deadline that nine in ten would have kept, elapsed and in business hours', async () => {
    const { deadlines } = await whatIf([], ten('2026-03-04T17:00:00Z'));
    // the ninth was decided at 18:00, an hour after closing
    expect(deadlines).toEqual([{ rule: 'by-wednesday', passes: 10, open: 0, hours: 9, businessHours: 8 }]);
  });

  it('counts open passes as not yet, and has no deadline that was not reached', async () => {
    const open = { opened, due: '2026-03-04T17:00:00Z' };
    const { deadlines, proposed } = await whatIf([], [...ten(open.due).slice(0, 8), open, open]);
    expect(deadlines).toEqual([
      { rule: 'by-wednesday', passes: 10, open: 2, hours: null, businessHours: null },
    ]);
    expect(proposed.sales.overdue).toBe(2);
  });

  it('keeps rules apart and leaves out void, later and older passes', async () => {
    const { deadlines } = await whatIf(
      [{ opened: '2026-03-12T09:00:00Z', due: '2026-03-13T09:00:00Z' }],
      [
        { opened, due: '2026-03-04T17:00:00Z', rule: 'hot', stopped: '2026-03-02T11:00:00Z' },
        { opened, due: '2026-03-04T17:00:00Z', rule: 'cold', decided: '2026-03-13T11:00:00Z' },
        { opened, due: null, rule: 'void' },
        { opened, rule: 'none' },
        { opened: '2026-02-20T09:00:00Z', due: '2026-03-04T17:00:00Z', rule: 'older' },
        { opened: '2026-03-12T09:00:00Z', due: '2026-03-13T09:00:00Z', rule: 'later' },
      ],
    );
    expect(deadlines).toEqual([
      { rule: 'hot', passes: 1, open: 0, hours: 2, businessHours: 2 },
      { rule: 'cold', passes: 1, open: 1, hours: null, businessHours: null },
    ]);
  });
});

describe('renderWhatIf', () => {
  it('shows both side by side in 100 columns, and all of it as JSON', async () => {
    const found = await whatIf(ten('2026-03-04T17:00:00Z'), ten('2026-03-02T13:00:00Z'));
    const text = renderWhatIfText(found);
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(text).toMatch(/all weeks\s+10\s+10\s+100\.0 %\s+10\s+4\s+40\.0 %\s+-60\.0/);
    expect(text).toMatch(/by-wednesday\s+10\*\s+0\s+9\.0 h\s+8\.0 h/);
    expect(text).not.toContain('\u001b');
    expect(renderWhatIfText(found, { color: true })).toContain('\u001b[');
    expect(JSON.parse(renderWhatIfJson(found))).toEqual(found);
  });

  it('has no change where one of them has nothing due', async () => {
    const text = renderWhatIfText(await whatIf([], ten('2026-03-02T13:00:00Z')));
    expect(text).toMatch(/all weeks\s+0\s+0\s+–\s+10\s+4\s+40\.0 %\s+–/);
  });
});

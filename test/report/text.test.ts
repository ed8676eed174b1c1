import { describe, expect, it } from 'vitest';
import { bar, sparkline } from '../../src/report/columns.ts';
import { buildScorecard } from '../../src/report/scorecard.ts';
import { renderText } from '../../src/report/text.ts';
import { row, rules as smallRules } from '../domain/scorecard/rows.ts';
import { asOf, sample, sampleContext } from './sample.ts';

const none = { portalId: null, owners: new Map(), overdue: [] };
const counts = { contacts: 1, directSql: 0, flags: {} };

describe('the text', () => {
  it('fits 100 columns, with the two promises first', async () => {
    const text = renderText(await sample('owner'), sampleContext());
    const tooWide = text.split('\n').filter((line) => line.length > 100);
    expect(tooWide).toEqual([]);
    const lines = text.split('\n');
    expect(lines[0]).toBe('Scorecard of main as of Wed 11 Mar 2026, 12:00 (Europe/London), 12 weeks');
    expect(lines[2]).toMatch(/^ {2}MARKETING .*SALES /);
  });

  it('shows the figures of the document', async () => {
    const card = await sample();
    const text = renderText(card, sampleContext());
    const { marketing, sales, conversion, timeToQualify } = card;
    const window = marketing.windows.at(-1);
    expect(text).toContain(`${window?.delivered} of 50`);
    expect(text).toContain(`pace ${window?.pace?.toFixed(2)}×`);
    expect(text).toContain(`${sales.pending} pending, ${sales.overdue} overdue now`);
    expect(text).toContain(`${timeToQualify.n} qualified, ${timeToQualify.instant} instant left out`);
    for (const week of conversion.weeks) {
      const share = `${((week.rate ?? 0) * 100).toFixed(1)} %`;
      const line = text
        .split('\n')
        .find((candidate) => candidate.includes(`  ${week.passes}  `) && candidate.includes(share));
      expect(line, `cohort of ${week.from}`).toBeDefined();
    }
  });

  it('lines up the columns of a table', async () => {
    const lines = renderText(await sample(), sampleContext()).split('\n');
    const start = lines.findIndex((line) => line.startsWith('Sales promise'));
    const table = lines.slice(start + 1, start + 14);
    const ends = new Set(table.map((line) => line.lastIndexOf('%')).filter((end) => end > 0));
    expect(ends.size).toBe(1);
  });

  it('has colours only when asked', async () => {
    const card = await sample();
    const [plain, painted] = [false, true].map((color) => renderText(card, sampleContext(), { color }));
    expect(plain).not.toContain('\u001b');
    expect(painted).toContain('\u001b[');
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
    const stripped = (text = '') => text.replace(escapes, '').replace(/ +$/gm, '');
    expect(stripped(painted)).toBe(stripped(plain));
  });

  it('lets no value of HubSpot steer the terminal', async () => {
    const rows = [row({ opened: '2026-03-10T10:00:00Z', properties: { team: '\u001b[2Jgone\nnext' } })];
    const card = await buildScorecard(rows, {
      portal: 'main',
      asOf,
      weeks: 2,
      rules: smallRules,
      by: 'team',
      counts,
    });
    expect(renderText(card, none)).not.toContain('\u001b');
  });

  it('marks rates over few, and says where more is', async () => {
    const rows = [
      row({ opened: '2026-03-02T10:00:00Z', decided: '2026-03-03T10:00:00Z', due: '2026-03-10T10:00:00Z' }),
    ];
    const card = await buildScorecard(rows, { portal: 'main', asOf, weeks: 2, rules: smallRules, counts });
    const overdue = Array.from({ length: 12 }, (_, of) => ({
      contactId: String(of),
      pass: 1,
      rule: 'hot',
      dueAt: 0,
    }));
    const text = renderText(card, { ...none, overdue });
    expect(text).toContain('100.0 %*');
    expect(text).toContain('and 2 more; --format csv lists all');
  });

  it('says nothing wrong about nothing', async () => {
    const { marketing: _, ...rules } = smallRules;
    const text = renderText(
      await buildScorecard([], { portal: 'main', asOf, weeks: 1, rules, counts }),
      none,
    );
    expect(text).toContain('nothing promised');
    expect(text).not.toMatch(/NaN|undefined|null|Overdue|Groups/);
  });
});

describe('bars and sparklines', () => {
  it.each([
    [0, '░░░░'],
    [0.5, '██░░'],
    [0.53, '██▏░'],
    [1, '████'],
    [1.7, '████'],
    [null, '    '],
  ])('a bar of %s', (share, expected) => {
    expect(bar(share, 4)).toBe(expected);
  });

  it('a sparkline goes from low to high, with a dot for none', () => {
    expect(sparkline([0, 0.5, 1, null], 1)).toBe('▁▅█·');
    expect(sparkline([0, 0], 0)).toBe('··');
  });
});

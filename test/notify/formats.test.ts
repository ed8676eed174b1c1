import { describe, expect, it } from 'vitest';
import { jsonPayload } from '../../src/notify/json.ts';
import { type Notice, type ScorecardFigures, scorecardNotice } from '../../src/notify/notices.ts';
import { slackPayload } from '../../src/notify/slack.ts';
import { failing, HOUR, NOW, overdue, SUBJECT, WEEK } from './support.ts';

const figures: ScorecardFigures = {
  sales: { from: NOW - 9 * HOUR - WEEK, to: NOW - 9 * HOUR, due: 20, kept: 17, missed: 3, rate: 0.85 },
  overdue: 3,
  pending: 5,
  marketing: { from: NOW - WEEK, to: NOW, delivered: 48, fit: 30, quota: 50, kept: false },
  conversion: { mql: 40, sql: 12, rate: 0.3 },
  medianHours: 31.5,
  before: { attainment: 0.799, delivered: 51, conversion: 0.2996 },
};
const scorecard = scorecardNotice(SUBJECT, figures, NOW);

function digest(total: number, over: Partial<typeof SUBJECT> = {}): Notice {
  const contacts = Array.from({ length: Math.min(total, 50) }, (_, n) => overdue(`${100 + n}`));
  return { ...SUBJECT, ...over, id: 'newly_overdue.1', event: 'newly_overdue', at: NOW, total, contacts };
}

function text(notice: Notice): string {
  return (slackPayload(notice) as { text: string }).text;
}

describe('slack', () => {
  it('puts both promises into the scorecard', () => {
    expect(text(scorecard).split('\n')).toEqual([
      '*Scorecard of main*',
      'Sales, week of 16 Nov 2026: kept for 17 of 20 leads due (85.0%, +5.1 points on the week before); now 3 overdue and 5 not yet due.',
      'Marketing, 16 Nov 2026, 09:00 to 23 Nov 2026, 09:00: 48 of 50 leads delivered (−3 on the window before), 30 of them a good fit: missed.',
      'Conversion in the week (SQL ÷ MQL entries): 12 of 40 (30.0%, ±0.0 points on the week before). Median time to qualify: 31.5 hours.',
    ]);
  });

  it('leaves out of the scorecard what is not promised or has nothing to divide by', () => {
    const bare = {
      ...figures,
      sales: { ...figures.sales, due: 0, kept: 0, missed: 0, rate: null },
      marketing: null,
      conversion: { mql: 0, sql: 0, rate: null },
      medianHours: null,
    };
    const shown = text(scorecardNotice(SUBJECT, bare, NOW));
    expect(shown).not.toMatch(/Marketing|Median|%|null|NaN|before/);
  });

  it('shows no change where the week and window before have no figure', () => {
    const first = { ...figures, before: { attainment: null, delivered: null, conversion: null } };
    const shown = text(scorecardNotice(SUBJECT, first, NOW));
    expect(shown).toContain('(85.0%);');
    expect(shown).toContain('48 of 50 leads delivered, 30');
    expect(shown).not.toContain('before');
  });

  it('lists overdue leads with rule, due time in the calendar’s zone and link', () => {
    const summer = { ...digest(1), timeZone: 'America/New_York' };
    expect(text(summer).split('\n')).toEqual([
      '*1 lead became overdue* (main)',
      '• <https://app.hubspot.com/contacts/4711/record/0-1/100|contact 100>: hot, due 23 Nov 2026, 03:00',
    ]);
  });

  it('lists twenty and counts the rest', () => {
    const shown = text(digest(1204)).split('\n');
    expect(shown).toHaveLength(22);
    expect(shown.at(-1)).toBe('… and 1184 more.');
  });

  it('names contacts without a link while the portal is unknown', () => {
    expect(text(digest(1, { portalId: null }))).toContain('• contact 100: hot');
  });

  it('tells both kinds of missed promise', () => {
    const about = { ...SUBJECT, id: 'x', event: 'promise_missed', at: NOW } as const;
    const { rate: _, ...period } = figures.sales;
    expect(text({ ...about, side: 'sales', period })).toBe(
      '*Sales promise missed* (main)\nweek of 16 Nov 2026: 3 of 20 leads due missed the promise.',
    );
    expect(text({ ...about, side: 'marketing', period: figures.marketing! })).toContain(
      '48 of 50 leads delivered',
    );
  });

  it('tells of failing and of recovery, and gives no character a meaning it should not have', () => {
    const odd = { ...failing(), portal: '<!channel> & co' };
    expect(text(odd)).toBe(
      '*Syncing &lt;!channel&gt; &amp; co fails* (unavailable)\nHubSpot does not answer.',
    );
    const works: Notice = { ...SUBJECT, id: 'x', event: 'sync_recovered', at: NOW, failingSince: NOW - HOUR };
    expect(text(works)).toContain('since 23 Nov 2026, 08:00');
  });
});

describe('json', () => {
  it('is flat, with an id to tell repeats and instants in UTC', () => {
    expect(jsonPayload(failing())).toEqual({
      id: `sync_failing.${NOW}`,
      event: 'sync_failing',
      portal: 'main',
      portalId: '4711',
      at: '2026-11-23T09:00:00.000Z',
      code: 'unavailable',
      message: 'HubSpot does not answer.',
    });
  });

  it('links every contact', () => {
    expect(jsonPayload(digest(1))).toMatchObject({
      total: 1,
      contacts: [
        {
          id: '100',
          pass: 1,
          sla: 'hot',
          due: '2026-11-23T08:00:00.000Z',
          link: 'https://app.hubspot.com/contacts/4711/record/0-1/100',
        },
      ],
    });
    expect(jsonPayload(digest(1, { portalId: null }))).toMatchObject({ contacts: [{ link: null }] });
  });

  it('holds the figures of the scorecard and of a missed promise', () => {
    expect(jsonPayload(scorecard)).toMatchObject({
      sales: { from: '2026-11-16T00:00:00.000Z', rate: 0.85 },
      marketing: { to: '2026-11-23T09:00:00.000Z', kept: false },
      overdue: 3,
      conversion: { rate: 0.3 },
      before: { attainment: 0.799, delivered: 51, conversion: 0.2996 },
      change: { attainment: 0.051, delivered: -3, conversion: 0.0004 },
    });
    const missed: Notice = {
      ...SUBJECT,
      id: 'x',
      event: 'promise_missed',
      at: NOW,
      side: 'marketing',
      period: figures.marketing!,
    };
    expect(jsonPayload(missed)).toMatchObject({
      side: 'marketing',
      delivered: 48,
      to: '2026-11-23T09:00:00.000Z',
    });
    const works: Notice = { ...SUBJECT, id: 'x', event: 'sync_recovered', at: NOW, failingSince: NOW - HOUR };
    expect(jsonPayload(works)).toMatchObject({ failingSince: '2026-11-23T08:00:00.000Z' });
  });
});

import { describe, expect, it } from 'vitest';
import { wallText } from '../../src/domain/clock-lines.ts';
import { explain } from '../../src/domain/explanation.ts';
import { qualify } from '../../src/domain/facts.ts';
import { type Contact, PROPERTY_NAMES, type Rules, type SlaRule } from '../../src/domain/types.ts';
import {
  at,
  calendarOf,
  contactWith,
  type HistoryTable,
  HOUR,
  rulesWith,
  slaRule,
} from '../support/contacts.ts';

const MQL = 'marketingqualifiedlead';
const SQL = 'salesqualifiedlead';
const now = at('2026-11-26T12:00Z');

function explained(table: HistoryTable, rules: Partial<Rules> = {}, contact: Partial<Contact> = {}) {
  const whole = rulesWith(rules);
  const one = contactWith(table, contact);
  return explain(one, whole, now, qualify(one, whole, now, null, { rejudge: false }));
}

const inLines = (lines: readonly { label: string; detail: string }[]) =>
  lines.map(({ label, detail }) => `${label}: ${detail}`);

describe('an explanation', () => {
  it('says of every history row how it was used and why', () => {
    const { history } = explained([
      ['2026-11-23T09:00Z', 'lead'],
      ['2026-11-23T09:00Z', 'lead'],
      ['2026-11-23T10:00Z', '1047999'],
      ['2026-11-23T11:00Z', MQL],
      ['2026-11-23T12:00Z', MQL],
      ['2026-11-24T10:00Z', ''],
      ['2026-11-24T10:30Z', MQL],
      ['2026-11-26T11:30Z', ''],
      ['2026-11-27T10:00Z', SQL],
    ]);
    expect(history.map((row) => `${row.when} ${row.use}`)).toEqual([
      'Mon 2026-11-23 09:00 used',
      'Mon 2026-11-23 09:00 repeat',
      'Mon 2026-11-23 10:00 unmapped',
      'Mon 2026-11-23 11:00 used',
      'Mon 2026-11-23 12:00 same_stage',
      'Tue 2026-11-24 10:00 clear_dropped',
      'Tue 2026-11-24 10:30 same_stage',
      'Thu 2026-11-26 11:30 clear_pending',
      'Fri 2026-11-27 10:00 future',
    ]);
    expect(new Set(history.map((row) => row.why)).size).toBe(8);
    expect(history[3]).toMatchObject({ at: '2026-11-23T11:00:00.000Z', role: 'mql', why: 'enters role mql' });
    expect(history[5]?.why).toContain('within 60 minutes');
  });

  it('says that a clear holds', () => {
    expect(explained([['2026-11-23T09:00Z', '']]).history[0]?.why).toBe('a clear: no stage from here on');
  });

  it('tells each pass', () => {
    const { passes } = explained([
      ['2026-11-02T09:00Z', MQL],
      ['2026-11-02T10:00Z', ''],
      ['2026-11-03T09:00Z', MQL],
      ['2026-11-03T10:00Z', 'lead'],
      ['2026-11-04T09:00Z', MQL],
      ['2026-11-04T10:00Z', 'other'],
      ['2026-11-05T09:00Z', MQL, 'IMPORT'],
      ['2026-11-05T09:00:30Z', 'customer'],
      ['2026-11-06T09:00Z', MQL],
      ['2026-11-06T10:00Z', 'salesaccepted'],
      ['2026-11-06T11:00Z', SQL],
      ['2026-11-09T09:00Z', MQL],
    ]);
    expect(passes.map((pass) => pass.story.slice(1).join(', '))).toEqual([
      'recycled, the stage being cleared, Mon 2026-11-02 10:00',
      'recycled, moving back before mql, Tue 2026-11-03 10:00',
      'disqualified, entering a lost stage, Wed 2026-11-04 10:00',
      'qualified, skipping the sql stage, Thu 2026-11-05 09:00:30, qualified in under 60 seconds: left out of percentiles, the opening or the qualifying entry came from an import',
      'accepted Fri 2026-11-06 10:00, qualified, entering an sql stage, Fri 2026-11-06 11:00',
      'still open',
    ]);
  });

  it('counts business hours span by span', () => {
    const calendar = calendarOf('Europe/London', '09:00-12:30, 13:30-17:30');
    const [pass] = explained(
      [
        ['2026-11-23T16:30Z', MQL],
        ['2026-11-24T14:00Z', SQL],
      ],
      { calendar },
    ).passes;
    expect(inLines(pass!.clock)).toEqual([
      'from MQL to SQL: 21.5 h',
      'Mon 2026-11-23 16:30–17:30: 1 h',
      'Tue 2026-11-24 09:00–12:30: 3.5 h',
      'Tue 2026-11-24 13:30–14:00: 0.5 h',
      'inside business hours: 5 h',
    ]);
  });

  it('sums up the middle of a long stretch', () => {
    const [pass] = explained([
      ['2025-11-03T09:00Z', MQL],
      ['2026-11-02T09:00Z', SQL],
    ]).passes;
    expect(pass!.clock).toHaveLength(43);
    expect(inLines(pass!.clock)[21]).toBe('… 220 more spans of open time: 1760 h');
  });

  it.each<[what: string, target: SlaRule['target'], lines: readonly string[]]>([
    [
      'business hours',
      { within: { ms: 4 * HOUR, business: true } },
      [
        'opened: Mon 2026-11-23 16:30',
        'promised within: 4 business h',
        'Mon 2026-11-23 16:30–17:00: 0.5 h',
        'Tue 2026-11-24 09:00–12:30: 3.5 h',
        'due: Tue 2026-11-24 12:30',
        'due soon from: Tue 2026-11-24 08:30, 4 h before',
        'the clock stops on: decision',
      ],
    ],
    [
      'plain hours',
      { within: { ms: 24 * HOUR, business: false } },
      ['opened: Mon 2026-11-23 16:30', 'promised within: 24 h', 'due: Tue 2026-11-24 16:30'],
    ],
    [
      'a weekday with a cutoff, moved',
      { by: { weekday: 3, minute: 1020 }, cutoff: { weekday: 1, minute: 540 }, onHoliday: 'next' },
      [
        'opened: Mon 2026-11-23 16:30',
        'first cutoff (Monday 09:00) at or after the opening: Mon 2026-11-30 09:00',
        'first Wednesday 17:00 after that: Wed 2026-12-02 17:00',
        'moved because Wed 2026-12-02 is a holiday: next working day',
        'due: Thu 2026-12-03 17:00',
      ],
    ],
    [
      'a weekday that is off',
      { by: { weekday: 6, minute: 1020 }, onHoliday: 'previous' },
      [
        'opened: Mon 2026-11-23 16:30',
        'first Saturday 17:00 after that: Sat 2026-11-28 17:00',
        'moved because Sat 2026-11-28 is a day without hours: previous working day',
        'due: Fri 2026-11-27 17:00',
      ],
    ],
  ])('derives a due date: %s', (_what, target, lines) => {
    const calendar = calendarOf('Europe/London', '09:00-17:00', { holidays: ['2026-12-02'] });
    const sales = [
      slaRule({ name: 'hot', when: { source: { anyOf: ['PAID_SEARCH'] } } }),
      slaRule({ target }),
    ];
    const [pass] = explained([['2026-11-23T16:30Z', MQL]], { calendar, sales }).passes;
    expect(inLines(pass!.promise).slice(0, lines.length + 2)).toEqual([
      'rule hot: does not apply: source does not meet its condition',
      'rule standard: applies: the first that does',
      ...lines,
    ]);
  });

  it.each<[what: string, table: HistoryTable, rules: Partial<Rules>, last: string]>([
    ['a running clock', [['2026-11-26T10:00Z', MQL]], { sales: [slaRule()] }, 'status: on_track'],
    [
      'a stopped one',
      [
        ['2026-11-23T10:00Z', MQL],
        ['2026-11-23T11:00Z', SQL],
      ],
      { sales: [slaRule()] },
      'status: met',
    ],
    [
      'a void promise',
      [
        ['2026-11-23T10:00Z', MQL],
        ['2026-11-23T11:00Z', 'lead'],
      ],
      { sales: [slaRule({ stopsOn: 'qualified' })] },
      'status: void: the pass ended in time without qualifying, so nothing is due',
    ],
    ['no rules', [['2026-11-23T10:00Z', MQL]], {}, 'no promise: no rule applies'],
    [
      'no promise yet',
      [['2026-11-23T10:00Z', MQL]],
      { sales: [slaRule()], since: at('2026-12-01T00:00Z') },
      'no promise: the promises hold for passes opened from Tue 2026-12-01 00:00',
    ],
  ])('ends with how the promise stands: %s', (_what, table, rules, last) => {
    expect(inLines(explained(table, rules).passes[0]!.promise).at(-1)).toBe(last);
  });

  it('says that a pass keeps the judgement of an earlier promise', () => {
    const one = contactWith([
      ['2026-11-23T10:00Z', MQL],
      ['2026-11-23T11:00Z', SQL],
    ]);
    const before = qualify(one, rulesWith({ sales: [slaRule({ name: 'old', version: 'v0' })] }), now, null, {
      rejudge: false,
    });
    const rules = rulesWith({ sales: [slaRule()], promise: 'p2' });
    const after = qualify(one, rules, now, before, { rejudge: false });
    expect(inLines(explain(one, rules, now, after).passes[0]!.promise)).toEqual([
      'rule old: the pass was decided under an earlier promise and keeps its judgement',
      'due soon from: Tue 2026-11-24 06:00',
      'due: Tue 2026-11-24 10:00',
      'the clock stopped: Mon 2026-11-23 11:00',
      'status: met',
    ]);
  });

  it('says of every value where it comes from', () => {
    const sales = [slaRule()];
    const open = explained([['2026-11-26T10:00Z', MQL]], { sales });
    expect(open.values.map((value) => value.name)).toEqual([...PROPERTY_NAMES]);
    const originsOf = ({ values }: typeof open) =>
      Object.fromEntries(values.map((one) => [one.name, one.origin]));
    expect(originsOf(open)).toMatchObject({
      status: 'how pass 1 stands',
      decided_date: 'blank: the latest pass is still open',
      sql_date: 'blank: the latest pass has not qualified',
      accepted_date: 'blank: the latest pass entered no accepted stage',
      first_sql_date: 'blank: never an sql',
      flags: 'blank: nothing unusual',
      sla_due_date: 'when the promise for pass 1 falls due',
    });
    expect(originsOf(explained([['2026-11-26T10:00Z', MQL]]))).toMatchObject({
      sla: 'blank: no rule applies to the latest pass',
      sla_status: 'blank: no rule applies to the latest pass',
    });
    const truncated = explained(
      [
        ['2026-11-25T10:00Z', MQL],
        ['2026-11-26T10:00Z', SQL],
      ],
      {},
      { truncated: true },
    );
    expect(originsOf(truncated)).toMatchObject({
      first_mql_date: 'blank: HubSpot no longer has the oldest entries of the history',
      sql_date: 'when pass 1 qualified',
    });
    const direct = explained([['2026-11-26T10:00Z', SQL]]);
    expect(originsOf(direct)).toMatchObject({
      status: 'entered sql while no pass was open',
      sql_date: 'the first sql entry since the latest pass',
      pass: 'blank: no pass',
      mql_date: 'blank: it speaks of a pass, and the latest event is an sql without one',
    });
    expect(new Set(explained([]).values.map((one) => one.origin)).size).toBe(1);
    const isVoid = explained(
      [
        ['2026-11-23T10:00Z', MQL],
        ['2026-11-23T11:00Z', 'lead'],
      ],
      {
        sales: [slaRule({ stopsOn: 'qualified' })],
      },
    );
    expect(originsOf(isVoid).sla_status).toBe('blank: the promise is void');
  });
});

describe('wall-clock text', () => {
  it('is in the zone, with seconds where there are any', () => {
    expect(wallText('America/New_York', at('2026-11-23T00:30Z'))).toBe('Sun 2026-11-22 19:30');
    expect(wallText('Europe/London', at('2026-07-01T08:00:05.250Z'))).toBe('Wed 2026-07-01 09:00:05');
  });
});

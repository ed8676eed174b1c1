import { describe, expect, it } from 'vitest';
import type { UnjudgedPass } from '../../src/domain/passes.ts';
import { dueTime, judge, meetsConditions, ruleFor } from '../../src/domain/sla.ts';
import type { Conditions, Rules, SlaJudgement, SlaRule, WeekPoint } from '../../src/domain/types.ts';
import { at, calendarOf, HOUR, MINUTE, rulesWith, slaRule } from '../support/contacts.ts';

const iso = (instant: number) => new Date(instant).toISOString().replace(':00.000Z', 'Z');

function passFrom(openedAt: string, end: Partial<UnjudgedPass> = {}): UnjudgedPass {
  return {
    number: 1,
    openedAt: at(openedAt),
    acceptedAt: null,
    decidedAt: null,
    outcome: 'open',
    impliedSql: false,
    instant: false,
    cleared: false,
    imported: false,
    businessMs: null,
    ...end,
  };
}

describe('conditions', () => {
  it.each<[what: string, conditions: Conditions, value: string, met: boolean]>([
    ['none at all', {}, '', true],
    ['one of the values', { country: { anyOf: ['Ireland', 'Germany'] } }, 'Germany', true],
    ['another value', { country: { anyOf: ['Ireland', 'Germany'] } }, 'France', false],
    ['another case', { country: { anyOf: ['Ireland'] } }, 'ireland', false],
    ['a blank meets nothing', { country: { anyOf: [''] } }, '', false],
    ['a property the contact lacks', { state: { anyOf: ['x'] } }, 'x', false],
    ['at least, exactly', { country: { atLeast: 50 } }, '50', true],
    ['at least, below', { country: { atLeast: 50 } }, '49.9', false],
    ['at most, exactly', { country: { atMost: 50 } }, '50.0', true],
    ['at most, above', { country: { atMost: 50 } }, '51', false],
    ['between', { country: { atLeast: 1, atMost: 2 } }, '1.5', true],
    ['no number', { country: { atLeast: 1 } }, 'many', false],
    ['no number but spaces', { country: { atMost: 1 } }, ' ', false],
    ['no finite number', { country: { atLeast: 1 } }, 'Infinity', false],
    ['all must hold', { country: { anyOf: ['x'] }, city: { anyOf: ['y'] } }, 'x', false],
  ])('%s', (_what, conditions, country, met) => {
    expect(meetsConditions(conditions, { country, city: 'z' })).toBe(met);
  });
});

describe('which rule applies', () => {
  const rules = rulesWith({
    since: at('2026-01-01T00:00Z'),
    sales: [
      slaRule({ name: 'hot', when: { source: { anyOf: ['PAID_SEARCH'] } } }),
      slaRule({ name: 'rest', when: { source: { anyOf: ['PAID_SEARCH', 'OFFLINE'] } } }),
    ],
  });
  it.each([
    ['the first whose conditions hold', '2026-01-05T10:00Z', 'PAID_SEARCH', 'hot'],
    ['a later one', '2026-01-05T10:00Z', 'OFFLINE', 'rest'],
    ['none', '2026-01-05T10:00Z', '', undefined],
    ['none before the promises hold', '2025-12-31T23:59:59.999Z', 'OFFLINE', undefined],
    ['from that instant on', '2026-01-01T00:00Z', 'OFFLINE', 'rest'],
  ])('%s', (_what, openedAt, source, name) => {
    expect(ruleFor(at(openedAt), { source }, rules)?.name).toBe(name);
  });
});

describe('due time', () => {
  const wednesday: WeekPoint = { weekday: 3, minute: 17 * 60 };
  const monday: WeekPoint = { weekday: 1, minute: 9 * 60 };
  const by = { by: wednesday, cutoff: monday, onHoliday: 'next' } as const;
  const calendar = calendarOf('Europe/London', '09:00-17:00', {
    holidays: ['2026-01-14', '2026-01-15', '2026-04-06', '2026-12-25', '2026-12-28'],
  });
  it.each<[what: string, target: SlaRule['target'], openedAt: string, dueAt: string]>([
    [
      'business hours, over night',
      { within: { ms: 8 * HOUR, business: true } },
      '2026-01-05T12:00Z',
      '2026-01-06T12:00Z',
    ],
    [
      'business hours from a Saturday',
      { within: { ms: HOUR, business: true } },
      '2026-01-10T12:00Z',
      '2026-01-12T10:00Z',
    ],
    [
      'business hours out at closing',
      { within: { ms: 8 * HOUR, business: true } },
      '2026-01-05T09:00Z',
      '2026-01-05T17:00Z',
    ],
    [
      'plain hours run day and night',
      { within: { ms: 24 * HOUR, business: false } },
      '2026-01-10T12:00Z',
      '2026-01-11T12:00Z',
    ],
    [
      'plain hours over a change of clocks',
      { within: { ms: 24 * HOUR, business: false } },
      '2026-03-28T12:00Z',
      '2026-03-29T12:00Z',
    ],
    ['a Monday at 08:59 is due the same week', by, '2026-01-19T08:59Z', '2026-01-21T17:00Z'],
    ['a Monday at 09:00 too', by, '2026-01-19T09:00Z', '2026-01-21T17:00Z'],
    ['a Monday at 09:01 nine days later', by, '2026-01-19T09:01Z', '2026-01-28T17:00Z'],
    ['over a change of clocks', by, '2026-03-24T12:00Z', '2026-04-01T16:00Z'],
    ['without cutoff', { by: wednesday, onHoliday: 'next' }, '2026-01-21T16:59Z', '2026-01-21T17:00Z'],
    [
      'without cutoff, strictly after the opening',
      { by: wednesday, onHoliday: 'next' },
      '2026-01-21T17:00Z',
      '2026-01-28T17:00Z',
    ],
    [
      'a cutoff at the same point: a week later',
      { ...by, cutoff: wednesday },
      '2026-01-21T17:00Z',
      '2026-01-28T17:00Z',
    ],
    ['a holiday moves it on, over the next holiday', by, '2026-01-08T12:00Z', '2026-01-16T17:00Z'],
    ['or back', { ...by, onHoliday: 'previous' }, '2026-01-08T12:00Z', '2026-01-13T17:00Z'],
    ['the cutoff does not move', by, '2026-04-06T07:59Z', '2026-04-08T16:00Z'],
    ['nor does a cutoff on a holiday let a later lead in', by, '2026-04-06T12:00Z', '2026-04-15T16:00Z'],
    [
      'a day without hours counts as no working day',
      { by: { weekday: 6, minute: 600 }, onHoliday: 'next' },
      '2026-01-05T12:00Z',
      '2026-01-12T10:00Z',
    ],
    [
      'or back to the Friday',
      { by: { weekday: 6, minute: 600 }, onHoliday: 'previous' },
      '2026-01-05T12:00Z',
      '2026-01-09T10:00Z',
    ],
    [
      'moved over a change of clocks it keeps its wall time',
      { by: { weekday: 7, minute: 600 }, onHoliday: 'previous' },
      '2026-03-24T12:00Z',
      '2026-03-27T10:00Z',
    ],
    [
      'a wall time that the clocks skip is kept for the day it moves to',
      { by: { weekday: 7, minute: 90 }, onHoliday: 'next' },
      '2026-03-24T12:00Z',
      '2026-03-30T00:30Z',
    ],
  ])('%s', (_what, target, openedAt, dueAt) => {
    expect(iso(dueTime(target, at(openedAt), calendar))).toBe(dueAt);
  });
});

describe('how a promise stands', () => {
  // Opened Monday 09:00, due Monday 17:00, due soon from 13:00.
  const opened = '2026-01-05T09:00Z';
  const due = '2026-01-05T17:00Z';
  const late = '2026-01-05T17:00:00.001Z';
  const ended = (outcome: UnjudgedPass['outcome'], decidedAt: string, acceptedAt?: string) =>
    passFrom(opened, {
      outcome,
      decidedAt: at(decidedAt),
      acceptedAt: acceptedAt === undefined ? null : at(acceptedAt),
    });
  const statusOf = (pass: UnjudgedPass, now: string, rule: Partial<SlaRule> = {}) =>
    judge(pass, {}, rulesWith({ sales: [slaRule(rule)] }), at(now), null, false)?.status;

  it.each([
    ['at the start', '2026-01-05T09:00Z', 'on_track'],
    ['just before it is due soon', '2026-01-05T12:59:59.999Z', 'on_track'],
    ['from then on', '2026-01-05T13:00Z', 'due_soon'],
    ['at the due time itself', due, 'due_soon'],
    ['a millisecond later', late, 'overdue'],
  ])('while the clock runs: %s', (_when, now, status) => {
    expect(statusOf(passFrom(opened), now)).toBe(status);
  });

  it('warns in business hours where that is asked for', () => {
    const rule = {
      target: { within: { ms: 10 * HOUR, business: true } },
      dueSoon: { ms: 3 * HOUR, business: true },
    };
    expect(statusOf(passFrom(opened), '2026-01-05T15:59:59.999Z', rule)).toBe('on_track');
    expect(statusOf(passFrom(opened), '2026-01-05T16:00Z', rule)).toBe('due_soon');
  });

  it.each<
    [
      stopsOn: SlaRule['stopsOn'],
      what: string,
      pass: UnjudgedPass,
      status: SlaJudgement['status'] | undefined,
    ]
  >([
    ['decision', 'qualified by the due time', ended('qualified', due), 'met'],
    ['decision', 'qualified later', ended('qualified', late), 'met_late'],
    ['decision', 'recycled by the due time', ended('recycled', due), 'met'],
    ['decision', 'disqualified by the due time', ended('disqualified', due), 'met'],
    ['decision', 'accepted only', passFrom(opened, { acceptedAt: at(due) }), 'overdue'],
    ['acceptance', 'accepted by the due time', passFrom(opened, { acceptedAt: at(due) }), 'met'],
    ['acceptance', 'accepted late', passFrom(opened, { acceptedAt: at(late) }), 'met_late'],
    ['acceptance', 'accepted in time, decided late', ended('qualified', late, due), 'met'],
    ['acceptance', 'decided without being accepted', ended('disqualified', due), 'met'],
    ['qualified', 'qualified by the due time', ended('qualified', due), 'met'],
    ['qualified', 'qualified late', ended('qualified', late), 'met_late'],
    ['qualified', 'recycled by the due time: void', ended('recycled', due), null],
    ['qualified', 'disqualified by the due time: void', ended('disqualified', due), null],
    ['qualified', 'recycled late does not hide the miss', ended('recycled', late), 'met_late'],
    ['qualified', 'accepted only', passFrom(opened, { acceptedAt: at(due) }), 'overdue'],
  ])('stops on %s: %s', (stopsOn, _what, pass, status) => {
    expect(statusOf(pass, '2026-01-06T09:00Z', { stopsOn })).toBe(status);
  });

  it('a void promise keeps its name and has no due date', () => {
    const rules = rulesWith({ sales: [slaRule({ stopsOn: 'qualified' })] });
    expect(judge(ended('recycled', due), {}, rules, at(late), null, false)).toEqual({
      rule: 'standard',
      version: 'v1',
      promise: 'p1',
      dueAt: null,
      dueSoonAt: null,
      stoppedAt: at(due),
      status: null,
    });
  });

  it('is nothing where no rule applies', () => {
    expect(judge(passFrom(opened), {}, rulesWith(), at(late), null, false)).toBeNull();
  });
});

describe('a changed promise', () => {
  const decidedAt = at('2026-01-06T12:00Z');
  const acceptedAt = at('2026-01-06T09:00Z');
  const decided = passFrom('2026-01-05T12:00Z', { outcome: 'qualified', decidedAt, acceptedAt });
  const old: SlaJudgement = {
    rule: 'old',
    version: 'v0',
    promise: 'p0',
    dueAt: decidedAt,
    dueSoonAt: decidedAt - HOUR,
    stoppedAt: decidedAt,
    status: 'met',
  };
  const changed = rulesWith({ sales: [slaRule({ target: { within: { ms: MINUTE, business: false } } })] });
  const judged = (pass: UnjudgedPass, previous: SlaJudgement, rules: Rules, rejudge = false) =>
    judge(pass, {}, rules, decidedAt + HOUR, previous, rejudge)?.rule;

  it.each<[what: string, rule: string | undefined, expected: string | undefined]>([
    ['leaves a decided pass as it was judged', judged(decided, old, changed), 'old'],
    ['even where no rule applies any more', judged(decided, old, rulesWith()), 'old'],
    [
      'and where the clock stopped on acceptance',
      judged(decided, { ...old, stoppedAt: acceptedAt }, changed),
      'old',
    ],
    ['judges it anew when asked to', judged(decided, old, changed, true), 'standard'],
    [
      'judges it anew when it ended otherwise since',
      judged({ ...decided, decidedAt: decidedAt + 1 }, old, changed),
      'standard',
    ],
    [
      'judges a pass anew whose clock still ran',
      judged(decided, { ...old, stoppedAt: null }, changed),
      'standard',
    ],
    [
      'judges it by the rule that has not changed, although another rule has',
      judged(decided, { ...old, version: 'v1' }, changed),
      'standard',
    ],
    [
      'follows present properties under the same promise',
      judged(decided, { ...old, promise: 'p1' }, changed),
      'standard',
    ],
  ])('%s', (_what, rule, expected) => {
    expect(rule).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import { CredentialsError } from '../../src/errors.ts';
import {
  changeNotices,
  DIGEST_CONTACTS,
  describeFailure,
  failureNotices,
  NOTHING_TOLD,
  type NoticeState,
  newlyOverdue,
  type Present,
} from '../../src/notify/notices.ts';
import { HOUR, NOW, overdue, present, SUBJECT, WEEK } from './support.ts';

/** Looks several times in a row and returns what each look tells. */
function looks(...presents: (Present & { readonly at?: number })[]) {
  let state: NoticeState = NOTHING_TOLD;
  return presents.map((one, n) => {
    const change = changeNotices(SUBJECT, state, one, NOW + n * HOUR);
    state = change.state;
    return change.notices;
  });
}

describe('newly overdue', () => {
  it('comes as one digest, once', () => {
    const both = present({ overdue: [overdue('1'), overdue('2', { dueAt: NOW - 2 * HOUR })] });
    const [first, again] = looks(both, both);
    expect(first).toEqual([
      expect.objectContaining({
        event: 'newly_overdue',
        total: 2,
        contacts: [both.overdue[1], both.overdue[0]],
      }),
    ]);
    expect(again).toEqual([]);
  });

  it('names only those that were not known, and a contact again for its next pass', () => {
    const [, second, third] = looks(
      present({ overdue: [overdue('1')] }),
      present({ overdue: [overdue('1'), overdue('2')] }),
      present({ overdue: [overdue('1', { pass: 2 }), overdue('2')] }),
    );
    expect(second).toMatchObject([{ total: 1, contacts: [{ contactId: '2' }] }]);
    expect(third).toMatchObject([{ total: 1, contacts: [{ contactId: '1', pass: 2 }] }]);
  });

  it('says nothing when leads are decided, and tells one that becomes overdue again', () => {
    const some = present({ overdue: [overdue('1')] });
    expect(looks(some, present(), some).map((notices) => notices.length)).toEqual([1, 0, 1]);
  });

  it('is not told again when another process looked a moment later and told first', () => {
    const told = changeNotices(SUBJECT, NOTHING_TOLD, present({ overdue: [overdue('1')] }), NOW).state;
    const overtaken = changeNotices(SUBJECT, told, present(), NOW - 1);
    expect(overtaken).toEqual({ notices: [], state: told });
    // A clock that was set back by an hour does not silence anything.
    const clockSetBack = changeNotices(SUBJECT, told, present({ overdue: [overdue('2')] }), NOW - HOUR);
    expect(clockSetBack.notices).toHaveLength(1);
  });

  it('is not judged before the first run is complete', () => {
    const [during, after] = looks(
      present({ overdue: [overdue('1')], workedUntil: null }),
      present({ overdue: [overdue('1'), overdue('2')] }),
    );
    expect(during).toEqual([]);
    expect(after).toMatchObject([{ total: 2 }]);
  });

  it('counts all and names a bounded number', () => {
    const many = Array.from({ length: DIGEST_CONTACTS + 7 }, (_, n) => overdue(`${n}`, { dueAt: NOW - n }));
    const [[digest] = []] = looks(present({ overdue: many }));
    expect(digest).toMatchObject({ total: many.length });
    expect(digest?.event === 'newly_overdue' && digest.contacts).toHaveLength(DIGEST_CONTACTS);
    expect(digest?.event === 'newly_overdue' && digest.contacts[0]).toEqual(many.at(-1));
  });

  it('is a difference of keys', () => {
    expect(newlyOverdue(['a', 'b'], ['b', 'c'])).toEqual(['c']);
    expect(newlyOverdue([], [])).toEqual([]);
  });
});

describe('a promise missed', () => {
  const week = (to: number, missed: number) => ({ from: to - WEEK, to, due: 10, kept: 10 - missed, missed });
  const window = (to: number, kept: boolean) => ({
    from: to - WEEK,
    to,
    delivered: 41,
    fit: 20,
    quota: 50,
    kept,
  });
  const before = present({ workedUntil: NOW - HOUR });

  it('is told once when the week or the window has ended', () => {
    const ended = present({ salesWeeks: [week(NOW, 3)], windows: [window(NOW, false)] });
    const [, told, again] = looks(before, ended, ended);
    expect(told).toMatchObject([
      { event: 'promise_missed', side: 'sales', period: { missed: 3 } },
      { event: 'promise_missed', side: 'marketing', period: { delivered: 41, quota: 50 } },
    ]);
    expect(again).toEqual([]);
  });

  it('is not told while data up to the end is missing', () => {
    const periods = { salesWeeks: [week(NOW, 3)], windows: [window(NOW, false)] };
    const [, tooEarly, then] = looks(
      before,
      present({ ...periods, workedUntil: NOW - 1 }),
      present({ ...periods, workedUntil: NOW }),
    );
    expect(tooEarly).toEqual([]);
    expect(then).toHaveLength(2);
  });

  it('is not told of a promise kept, of a week with nothing due, or of the running period', () => {
    const [, told] = looks(
      before,
      present({
        salesWeeks: [week(NOW, 0), week(NOW + WEEK, 2)],
        windows: [window(NOW, true), window(NOW + WEEK, false)],
      }),
    );
    expect(told).toEqual([]);
  });

  it('does not bring up what had ended before the first look', () => {
    const old = present({ salesWeeks: [week(NOW - WEEK, 3)], windows: [window(NOW - WEEK, false)] });
    expect(looks(old, old).flat()).toEqual([]);
  });

  it('is told of every week that ended while nobody looked', () => {
    const weeks = [week(NOW + 2 * WEEK, 1), week(NOW + WEEK, 2)];
    const [, told] = looks(before, present({ salesWeeks: weeks, workedUntil: NOW + 2 * WEEK }));
    expect(told).toMatchObject([{ period: { missed: 2 } }, { period: { missed: 1 } }]);
  });
});

describe('syncing', () => {
  const failure = { code: 'unavailable', message: 'HubSpot does not answer.' };

  it('fails once, until it works again', () => {
    const first = failureNotices(SUBJECT, NOTHING_TOLD, failure, NOW);
    expect(first.notices).toMatchObject([{ event: 'sync_failing', ...failure }]);
    expect(failureNotices(SUBJECT, first.state, failure, NOW + 1)).toEqual({
      notices: [],
      state: first.state,
    });

    const still = changeNotices(SUBJECT, first.state, present({ lastCompleteRunAt: NOW - 1 }), NOW + 2);
    expect(still.notices).toEqual([]);
    const works = changeNotices(SUBJECT, still.state, present({ lastCompleteRunAt: NOW + 3 }), NOW + 4);
    expect(works.notices).toMatchObject([{ event: 'sync_recovered', failingSince: NOW }]);
    expect(
      changeNotices(SUBJECT, works.state, present({ lastCompleteRunAt: NOW + 5 }), NOW + 6).notices,
    ).toEqual([]);
    expect(failureNotices(SUBJECT, works.state, failure, NOW + 7).notices).toHaveLength(1);
  });

  it('does not recover from a failure that was never told', () => {
    expect(changeNotices(SUBJECT, NOTHING_TOLD, present(), NOW).notices).toEqual([]);
  });

  it('shows our own errors, and of others only that they are unexpected', () => {
    expect(describeFailure(new CredentialsError('HubSpot refuses the token of main.'))).toEqual({
      code: 'credentials',
      message: 'HubSpot refuses the token of main.',
    });
    expect(describeFailure(new Error('anna@example.com')).message).not.toContain('anna');
    expect(describeFailure('text').code).toBe('unexpected');
  });
});

/** The sales promise for one pass: which rule holds, when it falls due, and how it stands. */
import {
  addBusinessMs,
  firstWeekPoint,
  firstWeekPointDay,
  moveToWorkingDay,
  subtractBusinessMs,
} from './calendar.ts';
import { meetsConditions } from './conditions.ts';
import type { UnjudgedPass } from './passes.ts';
import type { Calendar, Rules, SlaJudgement, SlaRule, SlaStatus, StopsOn } from './types.ts';
import { instantAt } from './wall-clock.ts';

export { meetsConditions } from './conditions.ts';

/**
 * Judges a pass at `now` (ms) by the contact's present properties; null where no rule applies or the promise does not
 * hold yet. A pass whose clock has stopped keeps the judgement of the promise it was judged by, unless `rejudge`, or the
 * very same rule, by its version, still applies to it.
 */
export function judge(
  pass: UnjudgedPass,
  properties: Readonly<Record<string, string>>,
  rules: Rules,
  now: number,
  previous: SlaJudgement | null,
  rejudge: boolean,
): SlaJudgement | null {
  const present = judgeByRules(pass, properties, rules, now);
  if (previous === null || rejudge || previous.promise === rules.promise) return present;
  const isAnother = previous.version !== present?.version;
  return isAnother && isStillStopped(previous, pass) ? previous : present;
}

/** A judgement as it stands at `now` (ms): a running clock goes on although nobody has looked since. */
export function standingAt(sla: SlaJudgement, now: number): SlaJudgement {
  const { stoppedAt, dueAt, dueSoonAt } = sla;
  if (stoppedAt !== null || dueAt === null || dueSoonAt === null) return sla;
  return { ...sla, status: statusAt(now, dueSoonAt, dueAt, stoppedAt) };
}

function judgeByRules(
  pass: UnjudgedPass,
  properties: Readonly<Record<string, string>>,
  rules: Rules,
  now: number,
): SlaJudgement | null {
  const rule = ruleFor(pass.openedAt, properties, rules);
  if (rule === null) return null;
  const named = { rule: rule.name, version: rule.version, promise: rules.promise };
  const dueAt = dueTime(rule.target, pass.openedAt, rules.calendar);
  const stoppedAt = stopTime(rule.stopsOn, pass);
  const missedItsEnd = rule.stopsOn === 'qualified' && pass.outcome !== 'qualified';
  if (missedItsEnd && stoppedAt !== null && stoppedAt <= dueAt) {
    return { ...named, dueAt: null, dueSoonAt: null, stoppedAt, status: null };
  }
  const dueSoonAt = rule.dueSoon.business
    ? subtractBusinessMs(rules.calendar, dueAt, rule.dueSoon.ms)
    : dueAt - rule.dueSoon.ms;
  return { ...named, dueAt, dueSoonAt, stoppedAt, status: statusAt(now, dueSoonAt, dueAt, stoppedAt) };
}

/** The first rule whose conditions hold, for a pass opened at or after `since`; null: none. */
export function ruleFor(
  openedAt: number,
  properties: Readonly<Record<string, string>>,
  rules: Rules,
): SlaRule | null {
  if (rules.since !== undefined && openedAt < rules.since) return null;
  return rules.sales.find((rule) => meetsConditions(rule.when, properties)) ?? null;
}

/** When a promise made at `openedAt` falls due (ms). */
export function dueTime(target: SlaRule['target'], openedAt: number, calendar: Calendar): number {
  if ('within' in target) {
    const { ms, business } = target.within;
    return business ? addBusinessMs(calendar, openedAt, ms) : openedAt + ms;
  }
  const { timeZone } = calendar;
  const after =
    target.cutoff === undefined ? openedAt : firstWeekPoint(timeZone, target.cutoff, openedAt, 'at_or_after');
  const day = firstWeekPointDay(timeZone, target.by, after, 'after');
  return instantAt(timeZone, moveToWorkingDay(calendar, day, target.onHoliday), target.by.minute);
}

/** Under `qualified` any end stops the clock; whether it was the promised one is judged apart. */
function stopTime(stopsOn: StopsOn, pass: UnjudgedPass): number | null {
  switch (stopsOn) {
    case 'acceptance':
      return pass.acceptedAt ?? pass.decidedAt;
    case 'decision':
    case 'qualified':
      return pass.decidedAt;
  }
}

function statusAt(now: number, dueSoonAt: number, dueAt: number, stoppedAt: number | null): SlaStatus {
  if (stoppedAt !== null) return stoppedAt <= dueAt ? 'met' : 'met_late';
  if (now > dueAt) return 'overdue';
  return now >= dueSoonAt ? 'due_soon' : 'on_track';
}

function isStillStopped({ stoppedAt }: SlaJudgement, pass: UnjudgedPass): boolean {
  return stoppedAt !== null && (stoppedAt === pass.decidedAt || stoppedAt === pass.acceptedAt);
}

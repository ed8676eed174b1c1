/** How the facts of one contact came about, in sentences: data for `handoff explain`, which lays it out. */
import { type ClockLine, dueLines, durationText, timeToQualifyLines, wallText } from './clock-lines.ts';
import { meetsConditions } from './conditions.ts';
import { prepareHistory } from './history.ts';
import { dueTime, ruleFor } from './sla.ts';
import type {
  Contact,
  Facts,
  HistoryEntry,
  Pass,
  PropertyName,
  Role,
  RowUse,
  Rules,
  SlaJudgement,
  SlaRule,
  Status,
} from './types.ts';
import { PROPERTY_NAMES } from './types.ts';
import { originOf } from './value-origins.ts';
import { datetime } from './values.ts';

export type { ClockLine } from './clock-lines.ts';

/** One entry of the stage history, oldest first. `at` is ISO 8601 UTC, `when` the wall-clock time in the calendar's zone. */
export interface ExplainedRow {
  readonly at: string;
  readonly when: string;
  readonly value: string;
  readonly sourceType: string;
  /** Null for a clear and for a stage without a role. */
  readonly role: Role | null;
  readonly use: RowUse;
  readonly why: string;
}

/** One pass in words. `clock` is the time to qualify, `promise` the rules tried and how the due time was reached. */
export interface ExplainedPass {
  readonly number: number;
  readonly story: readonly string[];
  readonly clock: readonly ClockLine[];
  readonly promise: readonly ClockLine[];
}

/** One property: the value handoff gives it, and where it comes from. */
export interface ExplainedValue {
  readonly name: PropertyName;
  readonly value: string;
  readonly origin: string;
}

/**
 * How each value of one contact came about: what `handoff explain --json` prints. Texts are English, wall-clock
 * times the calendar zone's.
 */
export interface Explanation {
  readonly id: string;
  readonly timeZone: string;
  /** Wall-clock text of the instant it was computed for. */
  readonly now: string;
  readonly status: Status | null;
  readonly history: readonly ExplainedRow[];
  readonly passes: readonly ExplainedPass[];
  readonly values: readonly ExplainedValue[];
}

/** Explains `facts`, which `qualify` made of the same contact, rules and `now` (ms). */
export function explain(contact: Contact, rules: Rules, now: number, facts: Facts): Explanation {
  const { timeZone } = rules.calendar;
  const { rows } = prepareHistory(contact.history, rules, now);
  return {
    id: contact.id,
    timeZone,
    now: wallText(timeZone, now),
    status: facts.status,
    history: rows.map(({ entry, use }) => explainRow(entry, use, rules)),
    passes: facts.passes.map((pass) => ({
      number: pass.number,
      story: tellPass(pass, timeZone),
      clock: timeToQualifyLines(pass, rules.calendar),
      promise: explainPromise(pass, contact, rules, now),
    })),
    values: PROPERTY_NAMES.map((name) => ({
      name,
      value: facts.values[name],
      origin: originOf(name, facts, contact.truncated),
    })),
  };
}

function explainRow(entry: HistoryEntry, use: RowUse, rules: Rules): ExplainedRow {
  const role = rules.roles.get(entry.value) ?? null;
  return {
    at: datetime(entry.timestamp),
    when: wallText(rules.calendar.timeZone, entry.timestamp),
    value: entry.value,
    sourceType: entry.sourceType,
    role,
    use,
    why: whyUsed(entry, use, role, rules),
  };
}

function whyUsed(entry: HistoryEntry, use: RowUse, role: Role | null, rules: Rules): string {
  const grace = `${rules.clearGraceMs / 60_000} minutes`;
  switch (use) {
    case 'used':
      return entry.value === '' ? 'a clear: no stage from here on' : `enters role ${role}`;
    case 'repeat':
      return 'ignored: the same stage at the same instant stands above';
    case 'future':
      return 'ignored for now: dated more than 5 minutes in the future';
    case 'unmapped':
      return 'ignored: the stage has no role (give it one under stages or stages.retired)';
    case 'clear_dropped':
      return `ignored: a stage follows the clear within ${grace}, as when an integration moves a contact back`;
    case 'clear_pending':
      return `not acted upon yet: nothing follows the clear, and it is younger than ${grace}`;
    case 'same_stage':
      return 'ignored: the contact is in this stage already';
  }
}

function tellPass(pass: Pass, timeZone: string): string[] {
  const at = (instant: number) => wallText(timeZone, instant);
  const story = [`opened ${at(pass.openedAt)}, entering an mql stage`];
  if (pass.acceptedAt !== null) story.push(`accepted ${at(pass.acceptedAt)}`);
  story.push(pass.decidedAt === null ? 'still open' : `${tellEnd(pass)} ${at(pass.decidedAt)}`);
  if (pass.instant) story.push('qualified in under 60 seconds: left out of percentiles');
  if (pass.imported) story.push('the opening or the qualifying entry came from an import');
  return story;
}

function tellEnd(pass: Pass): string {
  if (pass.outcome === 'qualified') {
    return pass.impliedSql ? 'qualified, skipping the sql stage,' : 'qualified, entering an sql stage,';
  }
  if (pass.outcome === 'disqualified') return 'disqualified, entering a lost stage,';
  return pass.cleared ? 'recycled, the stage being cleared,' : 'recycled, moving back before mql,';
}

function explainPromise(pass: Pass, contact: Contact, rules: Rules, now: number): ClockLine[] {
  const { sla } = pass;
  const { timeZone } = rules.calendar;
  if (sla !== null && sla.promise !== rules.promise) {
    const kept = 'the pass was decided under an earlier promise and keeps its judgement';
    return [
      { label: `rule ${sla.rule}`, detail: kept },
      ...keptLines(sla, timeZone),
      ...standingLines(sla, timeZone, now),
    ];
  }
  if (rules.since !== undefined && pass.openedAt < rules.since) {
    const since = `the promises hold for passes opened from ${wallText(timeZone, rules.since)}`;
    return [{ label: 'no promise', detail: since }];
  }
  const rule = ruleFor(pass.openedAt, contact.properties, rules);
  const tried = triedLines(rules.sales, rule, contact.properties);
  if (rule === null || sla === null) return tried;
  const dueAt = dueTime(rule.target, pass.openedAt, rules.calendar);
  const before = `${durationText(rule.dueSoon)} before`;
  const dueSoon = sla.dueSoonAt === null ? before : `${wallText(timeZone, sla.dueSoonAt)}, ${before}`;
  return [
    ...tried,
    ...dueLines(rule.target, pass.openedAt, dueAt, rules.calendar),
    { label: 'due soon from', detail: dueSoon },
    { label: 'the clock stops on', detail: rule.stopsOn },
    ...standingLines(sla, timeZone, now),
  ];
}

function triedLines(
  sales: readonly SlaRule[],
  chosen: SlaRule | null,
  properties: Contact['properties'],
): ClockLine[] {
  const tried = chosen === null ? sales : sales.slice(0, sales.indexOf(chosen));
  const lines = tried.map(({ name, when }) => {
    const unmet = Object.keys(when).filter((key) => !meetsConditions({ [key]: when[key]! }, properties));
    return {
      label: `rule ${name}`,
      detail: `does not apply: ${unmet.join(', ')} does not meet its condition`,
    };
  });
  if (chosen !== null)
    return [...lines, { label: `rule ${chosen.name}`, detail: 'applies: the first that does' }];
  return [...lines, { label: 'no promise', detail: 'no rule applies' }];
}

/** The instants a kept judgement went by; how they came about is no longer known. */
function keptLines(sla: SlaJudgement, timeZone: string): ClockLine[] {
  if (sla.dueAt === null || sla.dueSoonAt === null) return [];
  return [
    { label: 'due soon from', detail: wallText(timeZone, sla.dueSoonAt) },
    { label: 'due', detail: wallText(timeZone, sla.dueAt) },
  ];
}

function standingLines(sla: SlaJudgement, timeZone: string, now: number): ClockLine[] {
  const clock =
    sla.stoppedAt === null
      ? { label: 'the clock runs; it is now', detail: wallText(timeZone, now) }
      : { label: 'the clock stopped', detail: wallText(timeZone, sla.stoppedAt) };
  const isVoid = 'void: the pass ended in time without qualifying, so nothing is due';
  return [clock, { label: 'status', detail: sla.status ?? isVoid }];
}

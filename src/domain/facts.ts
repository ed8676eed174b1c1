/** Everything known of a contact at one instant: the one entry to the core. */
import { meetsConditions } from './conditions.ts';
import { prepareHistory } from './history.ts';
import { type Course, findPasses } from './passes.ts';
import { judge } from './sla.ts';
import {
  type Contact,
  type Facts,
  FLAGS,
  type Flag,
  type Pass,
  type PreparedHistory,
  type Rules,
  type Status,
} from './types.ts';
import { valuesOf } from './values.ts';

/**
 * Qualifies a contact at `now` (ms). `remembered` are its passes as last judged: decided ones keep the judgement of
 * the promise they were judged by, unless `rejudge`.
 */
export function qualify(
  contact: Contact,
  rules: Rules,
  now: number,
  remembered: { readonly passes: readonly Pass[] } | null,
  options: { readonly rejudge: boolean },
): Facts {
  const prepared = prepareHistory(contact.history, rules, now);
  const course = findPasses(prepared.steps, rules.calendar);
  const passes = course.passes.map((pass): Pass => {
    const before = remembered?.passes.find((known) => known.openedAt === pass.openedAt);
    const sla = judge(pass, contact.properties, rules, now, before?.sla ?? null, options.rejudge);
    return { ...pass, sla };
  });
  const status = statusOf(passes, course);
  const fit = rules.marketing?.fit;
  const known = {
    status,
    passes,
    directSqlAt: course.directSql?.at ?? null,
    firstSqlAt: course.firstSqlAt,
    flags: status === null ? [] : flagsOf(contact, prepared, passes, course),
  };
  return {
    ...known,
    fit: fit === undefined ? null : meetsConditions(fit.when, contact.properties),
    changesAt: nextChange(prepared, passes, now),
    values: valuesOf(known, contact.truncated),
  };
}

function statusOf(passes: readonly Pass[], course: Course): Status | null {
  if (course.directSql !== null) return 'direct_sql';
  return passes.at(-1)?.outcome ?? null;
}

function flagsOf(
  contact: Contact,
  prepared: PreparedHistory,
  passes: readonly Pass[],
  { directSql }: Course,
): Flag[] {
  const latest = directSql === null ? passes.at(-1) : undefined;
  const raised: Record<Flag, boolean> = {
    cleared: latest?.cleared ?? false,
    future: prepared.flags.has('future'),
    implied_sql: latest?.impliedSql ?? false,
    imported: directSql?.imported ?? latest?.imported ?? false,
    instant: latest?.instant ?? false,
    merged: contact.mergedIds.length > 0,
    truncated: contact.truncated,
    unmapped: prepared.flags.has('unmapped'),
  };
  return FLAGS.filter((flag) => raised[flag]);
}

/** Only the latest pass can have a running clock; `overdue` begins a millisecond after the due time. */
function nextChange(prepared: PreparedHistory, passes: readonly Pass[], now: number): number | null {
  const sla = passes.at(-1)?.sla;
  const running = sla?.stoppedAt === null ? sla : null;
  const dueAt = running?.dueAt ?? null;
  let next: number | null = null;
  for (const at of [prepared.changesAt, running?.dueSoonAt ?? null, dueAt === null ? null : dueAt + 1]) {
    if (at !== null && at > now && (next === null || at < next)) next = at;
  }
  return next;
}

/** Rows for scorecards, written as short as a hand calculation needs them. */
import type { Outcome, Pass, PassRow, Rules, SlaJudgement } from '../../../src/domain/types.ts';

export const at = (iso: string): number => Date.parse(iso);

/** Office hours in London, 4 leads by Monday 09:00, half of them a fit. */
export const rules: Pick<Rules, 'calendar' | 'marketing'> = {
  calendar: {
    timeZone: 'Europe/London',
    week: [1, 2, 3, 4, 5].map(() => [{ open: 540, close: 1020 }]).concat([[], []]),
    holidays: [],
  },
  marketing: {
    quota: 4,
    window: { weekday: 1, minute: 540 },
    fit: { share: 0.5, when: { country: { anyOf: ['Ireland'] } } },
  },
};

export interface Brief {
  readonly id?: string;
  readonly opened: string;
  readonly decided?: string;
  readonly outcome?: Outcome;
  readonly accepted?: string;
  /** Due time; absent: no promise; null: void. */
  readonly due?: string | null;
  /** When the clock stopped, where that is not the decision. */
  readonly stopped?: string;
  readonly rule?: string;
  readonly fit?: boolean;
  readonly flags?: readonly string[];
  readonly properties?: Readonly<Record<string, string>>;
  readonly pass?: Partial<Pass>;
}

let next = 1_000;

/** One pass as a row. With `decided` and no outcome it qualified. */
export function row(brief: Brief): PassRow {
  const decidedAt = brief.decided === undefined ? null : at(brief.decided);
  const outcome = brief.outcome ?? (decidedAt === null ? 'open' : 'qualified');
  const openedAt = at(brief.opened);
  next += 1;
  return {
    contactId: brief.id ?? String(next),
    pass: {
      number: 1,
      openedAt,
      acceptedAt: brief.accepted === undefined ? null : at(brief.accepted),
      decidedAt,
      outcome,
      impliedSql: false,
      instant: outcome === 'qualified' && (decidedAt as number) - openedAt < 60_000,
      cleared: false,
      imported: false,
      businessMs: outcome === 'qualified' ? ((decidedAt as number) - openedAt) / 4 : null,
      sla: judgement(brief, decidedAt),
      ...brief.pass,
    },
    fit: brief.fit ?? false,
    latest: true,
    status: outcome,
    flags: brief.flags ?? [],
    properties: brief.properties ?? {},
  };
}

function judgement(brief: Brief, decidedAt: number | null): SlaJudgement | null {
  if (brief.due === undefined) return null;
  const known = { rule: brief.rule ?? 'by-wednesday', version: 'v', promise: 'p', dueSoonAt: null };
  if (brief.due === null) return { ...known, dueAt: null, stoppedAt: decidedAt, status: null };
  const stoppedAt = brief.stopped === undefined ? decidedAt : at(brief.stopped);
  const dueAt = at(brief.due);
  if (stoppedAt === null) return { ...known, dueAt, stoppedAt, status: 'on_track' };
  return { ...known, dueAt, stoppedAt, status: stoppedAt <= dueAt ? 'met' : 'met_late' };
}

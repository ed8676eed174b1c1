/** A year of a made-up portal, the same every time: growing volumes, a slow summer, traps, owners. */
import { businessMsBetween, firstWeekPoint } from '../../src/domain/calendar.ts';
import type { Scorecard } from '../../src/domain/scorecard/document.ts';
import type { Outcome, PassRow } from '../../src/domain/types.ts';
import type { ReportContext } from '../../src/report/context.ts';
import { buildScorecard } from '../../src/report/scorecard.ts';
import { at, rules as small } from '../domain/scorecard/rows.ts';

export const asOf = at('2026-03-11T12:00:00Z');
const HOUR = 3_600_000;
const OWNERS = ['11', '12', '13', ''];

export const rules = {
  calendar: small.calendar,
  marketing: {
    quota: 50,
    window: { weekday: 1, minute: 540 },
    fit: { share: 0.6, when: { country: { anyOf: ['Ireland'] } } },
  },
} as const;

/** A repeatable stand-in for chance, 0..1. */
function noise(seed: number): number {
  const mixed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d);
  const again = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return ((again ^ (again >>> 15)) >>> 0) / 2 ** 32;
}

/** Some 760 passes over 15 weeks. */
export function sampleRows(): readonly PassRow[] {
  return Array.from({ length: 760 }, (_, seed) => sampleRow(seed + 1));
}

function sampleRow(seed: number): PassRow {
  const openedAt = asOf - Math.floor(noise(seed) ** 1.2 * 15 * 168 * HOUR);
  const wait = -Math.log(1 - noise(seed + 1_000)) * 90 * HOUR;
  const chance = noise(seed + 2_000);
  const wanted: Outcome =
    chance < 0.36 ? 'qualified' : chance < 0.55 ? 'recycled' : chance < 0.68 ? 'disqualified' : 'open';
  const instant = wanted === 'qualified' && seed % 40 === 0;
  const endsAt = openedAt + (instant ? 20_000 : Math.round(wait));
  const decidedAt = wanted === 'open' || endsAt > asOf ? null : endsAt;
  const cutoff = firstWeekPoint('Europe/London', { weekday: 1, minute: 540 }, openedAt, 'at_or_after');
  const dueAt = firstWeekPoint('Europe/London', { weekday: 3, minute: 1_020 }, cutoff, 'after');
  const outcome = decidedAt === null ? 'open' : wanted;
  return {
    contactId: String(50_000 + seed),
    pass: {
      ...{ number: 1, openedAt, acceptedAt: null, decidedAt, outcome, impliedSql: seed % 9 === 0 },
      ...{ instant: instant && decidedAt !== null, cleared: seed % 31 === 0, imported: seed % 13 === 0 },
      businessMs:
        outcome === 'qualified' ? businessMsBetween(rules.calendar, openedAt, decidedAt as number) : null,
      sla: {
        ...{ rule: 'by-wednesday', version: 'v', promise: 'p', dueAt, dueSoonAt: dueAt - 4 * HOUR },
        ...{ stoppedAt: decidedAt, status: decidedAt === null ? 'on_track' : 'met' },
      },
    },
    fit: noise(seed + 3_000) < 0.63,
    latest: true,
    status: outcome,
    flags: seed % 17 === 0 ? ['merged'] : [],
    properties: { hubspot_owner_id: OWNERS[Math.floor(noise(seed + 4_000) ** 2 * 4)] ?? '' },
  };
}

/** Their scorecard over 12 weeks. */
export function sample(by?: string): Promise<Scorecard> {
  const counts = { contacts: 790, directSql: 30, flags: { imported: 61, merged: 45 } };
  const input = { portal: 'main', asOf, weeks: 12, rules, counts };
  return buildScorecard(sampleRows(), by === undefined ? input : { ...input, by });
}

/** With owners, one of whom has a name that no page should run, and what is overdue. */
export function sampleContext(): ReportContext {
  const overdue = sampleRows()
    .filter(({ pass }) => pass.outcome === 'open' && (pass.sla?.dueAt ?? asOf) < asOf)
    .map(({ contactId, pass }) => ({
      ...{ contactId, pass: pass.number, rule: pass.sla?.rule ?? '', dueAt: pass.sla?.dueAt ?? 0 },
    }))
    .sort((one, other) => one.dueAt - other.dueAt);
  const owners = new Map([
    ['11', { name: 'Ada <script>alert(1)</script>', team: 'North & West' }],
    ['12', { name: 'Grace', team: null }],
  ]);
  return { portalId: '4242', owners, overdue };
}

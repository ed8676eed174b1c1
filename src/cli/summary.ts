import { Numbers, percentile } from '../domain/statistics.ts';
import { STATUSES, type Status } from '../domain/types.ts';
import type { FactStore } from '../ports.ts';
import { table } from './table.ts';

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/** Passes, statuses and times of everything remembered of a portal, in a few lines. */
export async function summaryText(store: FactStore, portal: string): Promise<string> {
  const statuses = new Map<Status, number>();
  const sla = new Map<string, number>();
  const calendarHours = new Numbers();
  const businessHours = new Numbers();
  let passes = 0;
  for await (const { pass, latest, status } of store.passRows(portal, { properties: false })) {
    passes += 1;
    // The latest pass says how its contact stands, unless an SQL without an MQL came after it.
    const speaks = latest && status !== 'direct_sql';
    if (speaks) statuses.set(pass.outcome, (statuses.get(pass.outcome) ?? 0) + 1);
    const standing = pass.sla?.status;
    if (speaks && standing) sla.set(standing, (sla.get(standing) ?? 0) + 1);
    if (pass.outcome !== 'qualified' || pass.instant || pass.decidedAt === null) continue;
    calendarHours.push((pass.decidedAt - pass.openedAt) / HOUR_MS);
    businessHours.push((pass.businessMs ?? 0) / HOUR_MS);
  }
  const { contacts, directSql } = await store.contactCounts(portal);
  statuses.set('direct_sql', directSql);
  const [calendar, business] = [calendarHours.sorted(), businessHours.sorted()];
  const lines = [
    ['contacts', `${contacts} remembered, ${passes} passes`],
    ['status', STATUSES.map((status) => `${statuses.get(status) ?? 0} ${status}`).join(', ')],
    ['promise', [...sla].map(([status, count]) => `${count} ${status}`).join(', ') || 'none applies'],
    ['to qualify', times(calendar, '')],
    ['', times(business, 'business ')],
  ];
  return `\n${table(lines.filter(([, text]) => text !== ''))}\n`;
}

function times(sorted: Float64Array, kind: string): string {
  const [median, p90] = [percentile(sorted, 0.5), percentile(sorted, 0.9)];
  if (median === null || p90 === null) return '';
  return `median ${say(median, kind)}, p90 ${say(p90, kind)}`;
}

/** Hours as people say them; plain ones from two days on in days. */
function say(hours: number, kind: string): string {
  if (kind === '' && hours >= 2 * DAY_HOURS) return `${(hours / DAY_HOURS).toFixed(1)} days`;
  return `${hours.toFixed(1)} ${kind}hours`;
}

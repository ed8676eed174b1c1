/** One row per pass, for a spreadsheet. */
import { standingAt } from '../domain/sla.ts';
import { FLAGS, type Pass, type PassRow } from '../domain/types.ts';
import { datetime, hours } from '../domain/values.ts';
import { type ReportContext, recordLink } from './context.ts';

const HEAD = [
  ...['contact_id', 'pass', 'status', 'mql_date', 'accepted_date', 'sql_date', 'decided_date'],
  ...[
    'hours_to_qualify',
    'business_hours_to_qualify',
    'sla',
    'sla_status',
    'sla_due_date',
    'fit',
    'flags',
    'link',
  ],
];
const ROWS_A_PART = 500;

/**
 * Streams the table in parts of some hundred lines. `properties` are added as columns of their own. Instants are ISO
 * 8601 UTC. Running clocks are shown as they stand at `asOf`; passes opened after `asOf` (ms) are left out.
 */
export async function* renderCsv(
  rows: AsyncIterable<PassRow> | Iterable<PassRow>,
  options: Pick<ReportContext, 'portalId'> & {
    readonly asOf: number;
    readonly properties?: readonly string[];
  },
): AsyncGenerator<string> {
  const { properties = [] } = options;
  let lines = [csvLine([...HEAD, ...properties])];
  for await (const row of rows) {
    if (row.pass.openedAt > options.asOf) continue;
    lines.push(
      csvLine([
        ...cells(row, options, options.asOf),
        ...properties.map((name) => row.properties[name] ?? ''),
      ]),
    );
    if (lines.length < ROWS_A_PART) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}

function cells(row: PassRow, context: Pick<ReportContext, 'portalId'>, asOf: number): string[] {
  const { pass } = row;
  const sla = pass.sla === null ? null : standingAt(pass.sla, asOf);
  const sqlAt = pass.outcome === 'qualified' ? pass.decidedAt : null;
  return [
    ...[row.contactId, String(pass.number), pass.outcome, datetime(pass.openedAt), datetime(pass.acceptedAt)],
    ...[datetime(sqlAt), datetime(pass.decidedAt)],
    ...[
      sqlAt === null ? '' : hours(sqlAt - pass.openedAt),
      pass.businessMs === null ? '' : hours(pass.businessMs),
    ],
    ...[sla?.rule ?? '', sla?.status ?? '', datetime(sla?.dueAt ?? null)],
    row.fit === null ? '' : String(row.fit),
    flagsOf(pass, row).join(';'),
    recordLink(context, row.contactId) ?? '',
  ];
}

/** The flags of this very pass, with those that speak of the whole history. */
function flagsOf(pass: Pass, row: PassRow): readonly string[] {
  const own: Readonly<Record<string, boolean>> = {
    cleared: pass.cleared,
    implied_sql: pass.impliedSql,
    imported: pass.imported,
    instant: pass.instant,
  };
  return FLAGS.filter((flag) => own[flag] ?? row.flags.includes(flag));
}

/**
 * One line of CSV (RFC 4180, but for the plain newline). A cell that a spreadsheet would run as a formula is defused with an
 * apostrophe (OWASP, "CSV Injection"); plain numbers stay numbers.
 */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\n`;
}

function cell(value: string): string {
  const isFormula = /^\s*[=+\-@＝＋－＠|]|^[\t\r\n]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value);
  const safe = isFormula ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

import { writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AsOf } from '../app/as-of.ts';
import {
  csvRows,
  makeReport,
  REPORT_FORMATS,
  type ReportFormat,
  type ReportRequest,
  whatIf,
} from '../app/report.ts';
import { ConfigurationError } from '../errors.ts';
import { jsonOption, onePortal, onePortalOptions, withApp } from './command.ts';
import { notWritable, requireWritable } from './files.ts';
import type { CommonOptions, Io } from './io.ts';

interface ReportOptions extends CommonOptions {
  readonly format: ReportFormat;
  readonly asOf?: AsOf;
  readonly weeks: number;
  readonly by?: string;
  readonly out?: string;
  readonly whatIf?: string;
}

/** `handoff report`: the scorecard, from the store. */
export function addReportCommand(program: Command, io: Io): void {
  jsonOption(
    onePortalOptions(
      program
        .command('report')
        .summary('the scorecard of both promises')
        .description(
          'The numbers of both teams, from what the last sync remembered: sales deadlines kept, leads delivered,\n' +
            'MQL→SQL conversion by cohort, time to qualify. Works while `handoff work` runs; asks HubSpot nothing\n' +
            '(but for names of owners with --by owner).',
        )
        .addOption(new Option('--format <format>', 'how to print it').choices(REPORT_FORMATS).default('text'))
        .option(
          '--as-of <instant>',
          "the scorecard as it stood then: a date (its end in the calendar's zone) or an ISO instant",
          parseAsOf,
        )
        .option('--weeks <n>', 'weeks shown, up to the one of --as-of', parseWeeks, 12)
        .option(
          '--by <property>',
          'repeat everything per value: owner, source, or a property the configuration names',
        )
        .option('--out <file>', 'write to a file instead of standard output')
        .option(
          '--what-if <file>',
          'judge the same passes by the calendar and rules of another configuration, side by side',
        ),
    ),
  ).action((options: ReportOptions) =>
    withApp(io, options, async (app, portals) => {
      refuseContradictions(options);
      const request: ReportRequest = {
        portal: onePortal(portals),
        format: options.json === true ? 'json' : options.format,
        asOf: options.asOf ?? null,
        weeks: options.weeks,
        by: options.by ?? null,
        color: io.color && options.out === undefined,
        onRemark: (sentence) => io.err(`${sentence}\n`),
      };
      if (options.out !== undefined) await requireWritable('--out', options.out);
      if (options.whatIf !== undefined)
        return print(io, options.out, [await whatIf(app, request, options.whatIf)]);
      if (request.format === 'csv') return print(io, options.out, csvRows(app, request));
      return print(io, options.out, [await makeReport(app, request)]);
    }),
  );
}

/** Better than a file of another kind than was asked for. */
function refuseContradictions({ whatIf: other, by, format, json }: ReportOptions): void {
  if (other === undefined) return;
  if (by !== undefined) throw new ConfigurationError('--what-if compares whole portals: leave --by out');
  if (json !== true && (format === 'csv' || format === 'html')) {
    throw new ConfigurationError(`--what-if comes as text or json, not as ${format}: choose --format so`);
  }
}

async function print(
  io: Io,
  file: string | undefined,
  parts: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  if (file === undefined) {
    for await (const part of parts) io.out(part);
    return;
  }
  try {
    await writeFile(file, parts);
  } catch (cause) {
    throw notWritable('--out', file, cause);
  }
  io.err(`written to ${file}\n`);
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/** A time without a zone is refused: it would mean another instant on every machine. */
function parseAsOf(text: string): AsOf {
  const date = text.slice(0, 10);
  // Date.parse takes the 30th of February for the 2nd of March.
  const midnight = new Date(`${date}T00:00:00Z`);
  const isDate = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
  if (isDate && DATE.test(text)) return { date };
  const at = Date.parse(text);
  if (isDate && INSTANT.test(text) && !Number.isNaN(at)) return at;
  throw new InvalidArgumentError(
    'write a date such as 2026-11-24, or an instant with its zone such as 2026-11-24T09:00:00Z',
  );
}

function parseWeeks(text: string): number {
  const weeks = Number(text);
  if (!Number.isInteger(weeks) || weeks < 1 || weeks > 520)
    throw new InvalidArgumentError('write a number from 1 to 520');
  return weeks;
}

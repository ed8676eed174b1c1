import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import { type PlanResult, planOnce } from '../app/plan.ts';
import type { App } from '../app.ts';
import { csvLine } from '../report/csv.ts';
import { eachPortal, forPortals, jsonOption, portalOptions, succeeded, withApp } from './command.ts';
import { notWritable, requireWritable } from './files.ts';
import { type CommonOptions, type Io, printJson } from './io.ts';
import { createProgress } from './progress.ts';
import { failedText, table } from './table.ts';

interface PlanOptions extends CommonOptions {
  readonly csv?: string;
}

/** `handoff plan`: the whole computation, nothing written to HubSpot. */
export function addPlanCommand(program: Command, io: Io): void {
  jsonOption(
    portalOptions(
      program
        .command('plan')
        .summary('what sync would change, without changing anything')
        .description(
          'Reads every contact that ever entered an MQL or SQL stage and computes everything as `sync --full` would,\n' +
            'but writes nothing to HubSpot and remembers no contact. Shows each value before → after.',
        )
        .option('--csv <file>', 'also write every change to a CSV file: id, property, before, after'),
    ),
  ).action((options: PlanOptions) =>
    withApp(io, options, async (app, portals) => {
      if (options.csv !== undefined) await requireWritable('--csv', options.csv);
      const results = await eachPortal(io, portals, (portal) => planPortal(app, portal, options, io));
      const plans = succeeded(results);
      if (options.csv !== undefined) await writeCsv(options.csv, plans);
      if (options.json === true) printJson(io, forPortals(portals, results));
      else io.out(plans.map((plan) => planText(plan, options.csv)).join('\n'));
      if (plans.some(({ failed }) => failed.length > 0)) io.exit(1);
    }),
  );
}

async function planPortal(app: App, portal: string, options: PlanOptions, io: Io): Promise<PlanResult> {
  const startedAt = app.clock.now();
  const progress = createProgress(io, options.json === true);
  try {
    return await planOnce(app, portal, io.signal, (done, found, searching) =>
      progress.show(
        { label: `${portal} plan`, done, total: found, ...(searching ? { note: 'searching' } : {}) },
        app.clock.now() - startedAt,
      ),
    );
  } finally {
    progress.clear();
  }
}

async function writeCsv(file: string, plans: readonly PlanResult[]): Promise<void> {
  const stream = createWriteStream(file);
  try {
    stream.write(csvLine(['portal', 'id', 'property', 'before', 'after']));
    for (const { portal, changes } of plans) {
      for (const { id, before, after } of changes) {
        for (const [name, value] of Object.entries(after)) {
          stream.write(csvLine([portal, id, name, before[name] ?? '', value]));
        }
      }
    }
    stream.end();
    await finished(stream);
  } catch (cause) {
    throw notWritable('--csv', file, cause);
  }
}

const SHOWN = 10;

function planText(plan: PlanResult, csv: string | undefined): string {
  const lines = [
    `${plan.portal}: ${plan.changed} of ${plan.found} contacts would change, ${plan.unchanged} would not`,
  ];
  const skipped = Object.entries(plan.skipped).map(([reason, count]) => `${count} ${reason}`);
  if (skipped.length > 0) lines.push(`skipped: ${skipped.join(', ')}`);
  if (plan.cleared > 0) lines.push(`${plan.cleared} of them would lose values that are no longer true`);
  for (const { id, before, after } of plan.changes.slice(0, SHOWN)) {
    const rows = Object.keys(after).map((name) => [
      `  ${name}`,
      shown(before[name]),
      '→',
      shown(after[name]),
    ]);
    lines.push('', `contact ${id}`, table(rows));
  }
  const more = plan.changes.length - SHOWN;
  if (more > 0)
    lines.push('', `… and ${more} more; ${csv === undefined ? '--csv FILE or --json' : csv} has them all`);
  if (plan.failed.length > 0) lines.push('', failedText(plan.failed));
  return `${lines.join('\n')}\n`;
}

function shown(value: string | undefined): string {
  return value === undefined || value === '' ? '(blank)' : value;
}

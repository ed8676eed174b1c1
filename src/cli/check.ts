import type { Command } from 'commander';
import { type CheckResult, checkPortal } from '../app/check.ts';
import { forPortals, jsonOption, portalOptions, withApp } from './command.ts';
import { type CommonOptions, type Io, printJson } from './io.ts';
import { table } from './table.ts';

/** `handoff check`: is everything in place? Nothing is written to HubSpot. */
export function addCheckCommand(program: Command, io: Io): void {
  jsonOption(
    portalOptions(
      program
        .command('check')
        .summary('is everything in place? file, token, scopes, stages, properties, limits')
        .description(
          'Checks the configuration file and, for each portal, the token and its scopes, the stages and the role\n' +
            'each of them gets, our properties, and the API limits with what is left of them today. Writes nothing to HubSpot.',
        ),
    ),
  ).action((options: CommonOptions) =>
    withApp(io, options, async (app, portals) => {
      const checks: CheckResult[] = [];
      for (const portal of portals) checks.push(await checkPortal(app, portal));
      if (options.json === true) printJson(io, forPortals(portals, checks));
      else io.out(`${app.config.file}: valid\n${checks.map(checkText).join('')}`);
      for (const { portal, faults } of checks) {
        for (const { message } of faults) io.err(`${portal}: ${message}\n`);
      }
      const codes = checks.flatMap((check) => check.faults.map((fault) => fault.exitCode));
      if (codes.length > 0) io.exit(Math.max(...codes) as 2 | 3);
    }),
  );
}

function checkText(check: CheckResult): string {
  const lines: string[] = ['', check.portal];
  if (check.account !== null)
    lines.push(`  account      ${check.account.portalId ?? 'number not told'}, ${check.account.timeZone}`);
  if (check.scopes !== null) lines.push(`  scopes       ${check.scopes.join(' ')}`);
  if (check.stages.length > 0) {
    const rows = check.stages.map(({ value, label, role }) => [`    ${value}`, label, role ?? 'no role']);
    lines.push('  stages', table(rows), ...unmappedLines(check));
  }
  lines.push(`  properties   ${propertyText(check)}`);
  lines.push(...limitLines(check));
  if (check.change !== null) lines.push(`  since last   ${check.change}`);
  for (const warning of check.warnings) lines.push(`  note: ${warning}`);
  lines.push(check.faults.length === 0 ? '  ready' : '  not ready');
  return `${lines.join('\n')}\n`;
}

function unmappedLines({ unmapped }: CheckResult): string[] {
  if (unmapped === null) return ['    others in histories: not known before the first sync'];
  return unmapped.map(
    ({ value, contacts }) =>
      `    ${value}: no role, in the history of ${contacts} contacts (give it one under stages.retired)`,
  );
}

function propertyText({ properties }: CheckResult): string {
  if (properties === null) return 'could not be looked at';
  if (properties.length === 0) return 'all in place';
  const missing = properties.filter((one) => one.problem === 'missing').length;
  const others = properties
    .filter((one) => one.problem !== 'missing')
    .map((one) => `${one.name} (${one.problem})`);
  return [...(missing > 0 ? [`${missing} missing, sync creates them`] : []), ...others].join('; ');
}

function limitLines({ limits }: CheckResult): string[] {
  if (limits === null) return [];
  const { burst, day } = limits;
  const left =
    day === null ? 'daily limit not told' : `${day.limit - day.used} of ${day.limit} calls left today`;
  return [
    `  limits       ${burst.max} calls in ${burst.windowMs / 1_000} s, ${burst.ours} of them for us; ${left}`,
  ];
}

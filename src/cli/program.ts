import { Command } from 'commander';
import { addCheckCommand } from './check.ts';
import { addDemoCommand } from './demo.ts';
import { addExplainCommand } from './explain.ts';
import { failureOf } from './failures.ts';
import { type Io, printJson } from './io.ts';
import { addPlanCommand } from './plan.ts';
import { addReportCommand } from './report.ts';
import { addSimulateCommand } from './simulate.ts';
import { addSyncCommand } from './sync.ts';
import { addWorkCommand } from './work.ts';

const DESCRIPTION =
  'Measures the hand-over of leads from marketing to sales in HubSpot: when each contact became an MQL and an SQL, how long it took, and whether both teams kept their promise.\n\n' +
  'Start with `handoff demo`; it needs no account. With a portal: write config/handoff.yaml, then check (is everything in place?) → plan (what would change?) → sync (do it) → work (keep doing it).';

const AFTER = `
Exit codes: 0 done; 1 some records could not be synced; 2 configuration, credentials or usage;
3 HubSpot or an engine unavailable; 130 interrupted.
Environment (or .env): HUBSPOT_BASE_URL, REDIS_URL, DATABASE_URL, HANDOFF_DATA_DIR, LOG_LEVEL.`;

/** The program with all its commands, for running and for checking the documentation against. */
export function buildProgram(io: Io): Command {
  const program = new Command('handoff')
    .description(DESCRIPTION)
    .addHelpText('after', AFTER)
    .helpCommand(false)
    .showHelpAfterError('(add --help for what is allowed)')
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .exitOverride();
  addCheckCommand(program, io);
  addPlanCommand(program, io);
  addSyncCommand(program, io);
  addWorkCommand(program, io);
  addExplainCommand(program, io);
  addReportCommand(program, io);
  addSimulateCommand(program, io);
  addDemoCommand(program, io);
  return program;
}

/**
 * Runs a command line (`argv` as Node gives it) and reports every failure as one message and an exit code. With `--json`
 * a failure is a document too: whoever reads standard output always finds exactly one.
 */
export async function runCli(argv: readonly string[], io: Io): Promise<void> {
  let printed = false;
  const out = (text: string) => {
    printed = true;
    io.out(text);
  };
  try {
    await buildProgram({ ...io, out }).parseAsync([...argv]);
    if (io.signal.aborted && !STOPPED_BY_SIGNAL.has(argv[2] ?? '')) io.exit(130);
  } catch (error) {
    const { exitCode, text, error: told } = failureOf(error, io.signal.aborted);
    io.exit(exitCode);
    if (text !== null) io.err(`${text}\n`);
    if (argv.includes('--json') && !printed) printJson(io, { error: told });
  }
}

/** Commands that run until they are told to stop; stopping them is their normal end. */
const STOPPED_BY_SIGNAL = new Set(['work', 'simulate']);

import { type Command, InvalidArgumentError } from 'commander';
import { startSimulator } from '../simulator/simulator.ts';
import type { Simulator, SimulatorOptions } from '../simulator/types.ts';
import { jsonOption } from './command.ts';
import { type Io, printJson } from './io.ts';

interface SimulateOptions {
  readonly port: number;
  readonly contacts?: number;
  readonly seed: number;
  readonly leads?: readonly string[];
  readonly latency: number;
  readonly lag: number;
  readonly faults: number;
  readonly burst: number;
  readonly day: number;
  readonly timeZone: string;
  readonly json?: boolean;
}

const DESCRIPTION = `Serves a simulated HubSpot portal to try everything on: contacts with lifecycle histories, properties,
owners, limits and faults, as strict as the real one. Nothing leaves this machine. Runs until Ctrl-C.`;

const AFTER = `
Leads of your own: --leads FILE.csv with the columns id,stage,entered_at[,source_type][,any property …], one row for each
stage a contact entered (a blank stage: the stage was cleared). Olist's public funnel files are taken as they are.
The portal's front page lists what users would do in HubSpot: move, merge, archive, restore, forget.`;

/** `handoff simulate`: runs until the signal aborts. Faults in the options or the leads end it with code 2. */
export function addSimulateCommand(program: Command, io: Io): void {
  jsonOption(program.command('simulate'))
    .summary('a simulated HubSpot portal to try everything on')
    .description(DESCRIPTION)
    .option('--port <port>', 'where to listen; 0 takes a free one', portNumber, 4010)
    .option('--contacts <n>', 'synthetic contacts (default: 2000, or none with --leads)', whole)
    .option('--seed <n>', 'the same seed gives the same contacts and the same faults', whole, 1)
    .option('--leads <file...>', 'CSV files, or folders of them, with leads to serve')
    .option('--latency <ms>', 'how long each answer takes', whole, 20)
    .option('--lag <ms>', 'how long a change stays invisible to search', whole, 3_000)
    .option(
      '--faults <rate>',
      'share of calls, 0 to 1, that meet a fault: 429, 5xx, lost, broken and slow answers',
      rate,
      0,
    )
    .option('--burst <n>', 'calls per 10 seconds', whole, 190)
    .option('--day <n>', 'calls per day', whole, 625_000)
    .option('--time-zone <zone>', "the account's time zone", timeZone, 'Europe/London')
    .addHelpText('after', AFTER)
    .action(async (options: SimulateOptions) => {
      const simulator = await startSimulator(simulatorOptions(options));
      try {
        if (options.json === true) printJson(io, described(simulator));
        else io.out(greeting(simulator));
        await aborted(io.signal);
        io.err(farewell(simulator));
      } finally {
        await simulator.close();
      }
    });
}

/** Kinds of faults, each as likely as any other. */
const FAULTS = 5;

function simulatorOptions(options: SimulateOptions): SimulatorOptions {
  const share = options.faults / FAULTS;
  return {
    port: options.port,
    size: options.contacts ?? (options.leads === undefined ? 2_000 : 0),
    seed: options.seed,
    leads: options.leads ?? [],
    latencyMs: options.latency,
    indexLagMs: options.lag,
    timeZone: options.timeZone,
    limits: { burst: options.burst, day: options.day },
    faults: { rate429: share, rate5xx: share, dropped: share, cutOff: share, slow: share },
  };
}

/** What a script needs to use the portal. */
function described({ url, token, portal, remarks }: Simulator): object {
  return { url, token, contacts: portal.contacts.size, remarks };
}

function greeting({ url, token, portal, remarks }: Simulator): string {
  return `A simulated HubSpot portal with ${portal.contacts.size} contacts is listening on ${url}
${remarks.map((sentence) => `${sentence}\n`).join('')}
In another terminal:
  export HUBSPOT_BASE_URL=${url}
  export HUBSPOT_ACCESS_TOKEN=${token}
  npm run handoff -- check
  npm run handoff -- plan
  npm run handoff -- sync
  npm run handoff -- report

Move a contact as a user would, then sync again:
  curl -s '${url}/_control/contacts?stage=lead&limit=1'
  curl -s ${url}/_control/move -d '{"id": "ID FROM ABOVE", "stage": "marketingqualifiedlead"}'
  curl -s ${url}/        # everything else it can do

Ctrl-C ends it; everything it holds is forgotten then.
`;
}

function farewell(simulator: Simulator): string {
  const { calls, violations, faults } = simulator.stats();
  const rejected = violations.burst + violations.search + violations.day;
  return `Served ${calls.search} searches, ${calls.read} reads, ${calls.write} writes, ${calls.other} others; turned away ${rejected}, spoilt ${faults} on purpose.\n`;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function whole(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, 0 or more.');
}

function portNumber(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('It must be a port from 0 to 65535.');
}

function rate(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}

function timeZone(text: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new InvalidArgumentError('It must be a time zone such as Europe/London.');
  }
}

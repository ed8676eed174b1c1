import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { makeReport, scorecardOf } from '../app/report.ts';
import { openApp } from '../app.ts';
import { readEnvironment } from '../config/environment.ts';
import { parseConfig } from '../config/load-config.ts';
import type { Environment } from '../config/types.ts';
import { createLogger } from '../log.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { jsonOption } from './command.ts';
import { type Io, printJson } from './io.ts';
import { CONCURRENCY, syncPortal } from './sync.ts';

const CONTACTS = 3_000;
const SEED = 7;
const WEEKS = 8;

/** The agreement of the demo: both promises, as a small team would write them down. */
const AGREEMENT = `
portals:
  demo:
    token: \${HUBSPOT_ACCESS_TOKEN}
    calendar:
      timeZone: Europe/London
      hours: { monday-friday: 09:00-17:30 }
    sales:
      - name: hot
        when: { hs_analytics_source: [PAID_SEARCH, DIRECT_TRAFFIC] }
        within: 16 business hours
        stopsOn: decision
      - name: by-wednesday
        by: { weekday: wednesday, time: "17:00", cutoff: { weekday: monday, time: "09:00" } }
    marketing:
      quota: 45
      window: { weekday: monday, time: "09:00" }
      fit: { share: 50%, when: { numemployees: { atLeast: 50 } } }
`;

/** `handoff demo`: a simulated portal, a full sync and the scorecard, in one go. */
export function addDemoCommand(program: Command, io: Io): void {
  jsonOption(program.command('demo'))
    .summary('see it at work: simulated portal, full sync, scorecard')
    .description(
      'Starts a simulated HubSpot portal in this process, syncs it as `handoff sync` would, and prints the scorecard.\n' +
        'Needs no account and no other program, and leaves nothing behind.',
    )
    .action((options: { readonly json?: boolean }) => demo(io, options.json === true));
}

async function demo(io: Io, json: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'handoff-demo-'));
  io.err(`A simulated HubSpot portal with ${CONTACTS} contacts (seed ${SEED}) …\n`);
  const simulator = await startSimulator({ size: CONTACTS, seed: SEED, latencyMs: 20 });
  const environment = demoEnvironment(simulator.url, simulator.token, folder);
  const config = parseConfig(AGREEMENT, 'the demo configuration', environment);
  const app = openApp({ config, environment, log: createLogger(environment.logLevel) });
  try {
    const { deps } = await app.startWorkers(CONCURRENCY);
    const sync = await syncPortal(app, 'demo', { config: config.file, json }, io, deps);
    if (json) {
      const scorecard = await scorecardOf(app, { portal: 'demo', asOf: null, weeks: WEEKS, by: null });
      printJson(io, { sync, scorecard });
      return;
    }
    io.out('\n');
    io.out(
      await makeReport(app, {
        portal: 'demo',
        format: 'text',
        asOf: null,
        weeks: WEEKS,
        by: null,
        color: io.color,
      }),
    );
    io.out(NEXT);
  } finally {
    await app.close();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nothing of the caller's set-up is used: no real portal, no Redis, no database. */
function demoEnvironment(url: string, token: string, dataDir: string): Environment {
  const { logLevel } = readEnvironment();
  const variables: Readonly<Record<string, string>> = { HUBSPOT_ACCESS_TOKEN: token };
  return { hubspotBaseUrl: url, dataDir, logLevel, variable: (name) => variables[name] };
}

const NEXT = `
Every contact of the simulated portal now carries these results as properties.
Next: npm run handoff -- simulate   a portal to play with, and the commands to try on it
      npm run handoff -- --help     everything else
      README.md                     connecting a real portal, step by step
`;

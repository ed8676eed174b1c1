/** What is learnt of a portal itself, and what is done without it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { schedulesOf } from '../../src/app/schedules.ts';
import { type App, openApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import { createLogger } from '../../src/log.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator, SimulatorOptions } from '../../src/simulator/types.ts';

const WITHOUT_ZONE = `
portals:
  main:
    token: \${TOKEN}
    calendar: { hours: { monday-friday: "09:00-17:30" } }
    sales: [{ name: hot, within: 8 business hours }]
    schedule: { full: "0 3 * * *" }
`;
const WITH_ZONE = WITHOUT_ZONE.replace('{ hours', '{ timeZone: Europe/Paris, hours');
const NEW_YORK = 'America/New_York';

let simulator: Simulator;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handoff-portals-'));
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

async function portal(options: SimulatorOptions = {}): Promise<void> {
  simulator = await startSimulator({ timeZone: NEW_YORK, ...options });
}

async function withApp<T>(yaml: string, use: (app: App) => Promise<T>): Promise<T> {
  const variable = () => simulator.token;
  const environment = { hubspotBaseUrl: simulator.url, dataDir: folder, logLevel: 'silent', variable };
  const config = parseConfig(yaml, 'handoff.yaml', environment);
  const app = openApp({ config, environment, log: createLogger('silent') });
  try {
    return await use(app);
  } finally {
    await app.close();
  }
}

describe('cron patterns', () => {
  async function zone(yaml: string): Promise<string | undefined> {
    const schedules = await withApp(yaml, (app) => schedulesOf(app, ['main']));
    const at = schedules.find(({ id }) => id === 'main.full')?.at;
    return at !== undefined && 'timeZone' in at ? at.timeZone : undefined;
  }

  it('are read in the zone of the calendar, without one in that of the portal', async () => {
    await portal();
    expect(await zone(WITH_ZONE)).toBe('Europe/Paris');
    expect(await zone(WITHOUT_ZONE)).toBe(NEW_YORK);
  });

  it('are read in the zone last seen while HubSpot cannot be asked, and in UTC before that', async () => {
    await portal({ scopes: [] });
    expect(await zone(WITHOUT_ZONE)).toBe('UTC');
    await simulator.close();
    await portal();
    await zone(WITHOUT_ZONE);
    await simulator.close();
    await portal({ scopes: [] });
    expect(await zone(WITHOUT_ZONE)).toBe(NEW_YORK);
  });
});

describe('a token that is kept from the account', () => {
  const scopes = ['crm.objects.contacts.read', 'crm.schemas.contacts.read'];

  it('will do where the calendar names its zone; there are no links then', async () => {
    await portal({ scopes });
    const view = await withApp(WITH_ZONE, (app) => app.view('main'));
    expect(view.account).toEqual({ portalId: null, timeZone: 'Europe/Paris' });
    expect(view.rules.calendar.timeZone).toBe('Europe/Paris');
  });

  it('will not do where the zone is the portal’s own', async () => {
    await portal({ scopes });
    await expect(withApp(WITHOUT_ZONE, (app) => app.view('main'))).rejects.toMatchObject({
      code: 'credentials',
    });
  });

  it('is no excuse for one that is not accepted at all', async () => {
    await portal();
    simulator = Object.assign(simulator, { token: 'pat-eu1-other' });
    await expect(withApp(WITH_ZONE, (app) => app.view('main'))).rejects.toMatchObject({ exitCode: 2 });
  });
});

/** A portal, a token or a set-up that does not fit: one message that says what to do, the right code, nothing half done. */

import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { SyncDocument } from '../../src/cli/sync.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator, SimulatorOptions } from '../../src/simulator/types.ts';
import { SQLITE_FILE } from '../../src/store/sqlite.ts';
import { runHere } from '../cli/run-here.ts';
import { AGREEMENT, rulesOf, wrongContacts } from './agreement.ts';
import { newPlace, type Place } from './command.ts';
import { expectRefusal, expectUntouched } from './refusals.ts';

const ALL = ['crm.objects.contacts.read', 'crm.objects.contacts.write', 'crm.schemas.contacts.read'];
const WITH_SCHEMAS = ['oauth', ...ALL, 'crm.schemas.contacts.write', 'crm.objects.owners.read'];

let simulator: Simulator;
let place: Place;

async function portalWith(options: SimulatorOptions = {}): Promise<void> {
  simulator = await startSimulator({ seed: 5, size: 120, limits: { burst: 2_000 }, ...options });
  place = await newPlace(simulator, { redisUrl: null, databaseUrl: null });
  await place.configure(AGREEMENT);
}

beforeEach(() => portalWith());
afterEach(async () => {
  await simulator.close();
  await place.remove();
});

/** Runs a command of the place in this process. */
function here(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const file = join(place.folder, 'handoff.yaml');
  return runHere([...args, '--config', file], { ...place.environment, ...variables });
}

async function refused(
  args: readonly string[],
  code: number,
  says: RegExp,
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  const ended = await here(args, variables);
  expectRefusal(ended, code, says, [variables.HUBSPOT_ACCESS_TOKEN ?? simulator.token]);
  if (args.includes('--json')) expect(() => JSON.parse(ended.out)).not.toThrow();
}

describe('a token', () => {
  it.each([['check'], ['plan'], ['sync'], ['explain', '1']])('that is wrong ends %s', async (...args) => {
    const says = /does not accept the token.*check that it is complete/;
    await refused(args, 2, says, { HUBSPOT_ACCESS_TOKEN: 'pat-eu1-rotated-long-ago' });
    expectUntouched(simulator);
    await refused(['report'], 2, /no sync has been completed yet; run handoff sync first/);
  });

  it('that no request could carry is not sent', async () => {
    await refused(['sync'], 2, /token.*copy it again/, { HUBSPOT_ACCESS_TOKEN: 'pat-eu1 two words' });
    expect(Object.values(simulator.stats().calls).every((count) => count === 0)).toBe(true);
  });

  it.each([
    ['crm.objects.contacts.read', ['check', 'plan', 'sync']],
    ['crm.objects.contacts.write', ['check', 'sync']],
  ])('without the scope %s ends %j, naming it', async (scope, commands) => {
    await simulator.close();
    await portalWith({ scopes: WITH_SCHEMAS.filter((one) => one !== scope) });
    for (const command of commands) {
      await refused([command], 2, new RegExp(`scope ${scope.replaceAll('.', '\\.')}`));
    }
    expectUntouched(simulator);
  });

  it('that may not create properties ends sync with what to create by hand, and then does', async () => {
    await simulator.close();
    await portalWith({ scopes: ['oauth', ...ALL] });
    await refused(['sync'], 2, /group handoff .*\n.*handoff_status .*enumeration\/select, options open/);
    expectUntouched(simulator);
    expect((await here(['check'])).code).toBe(0);
  });
});

describe('a portal', () => {
  it('without a stage that the configuration names is told the nearest', async () => {
    await place.configure(`${AGREEMENT}    stages: { mql: [marketingqualifiedlaed] }\n`);
    for (const command of ['check', 'plan', 'sync']) {
      await refused([command], 2, /marketingqualifiedlaed.*marketingqualifiedlead/);
    }
    expectUntouched(simulator);
  });

  it('with a property of ours of another type is left as it is', async () => {
    const numemployees = simulator.portal.definitions.get('numemployees')!;
    simulator.portal.definitions.set('handoff_status', { ...numemployees, name: 'handoff_status' });
    for (const command of ['check', 'sync']) {
      await refused([command], 2, /handoff_status.*number\/number.*must be enumeration\/select/s);
    }
    expectUntouched(simulator);
    expect(simulator.portal.definitions.has('handoff_pass')).toBe(false);
  });

  it('that cannot be reached is code 3', async () => {
    await simulator.close();
    for (const command of ['check', 'plan', 'sync']) {
      await refused([command], 3, /HubSpot cannot be reached.*ECONNREFUSED/);
    }
  });

  it('that answers only errors is code 3, and the next sync goes on', async () => {
    const { faults } = simulator.settings;
    simulator.settings.faults = { ...faults, rate5xx: 1 };
    await refused(['sync'], 3, /HubSpot answered 50\d/);
    await refused(['sync', '--json'], 3, /HubSpot answered 50\d/);
    expectUntouched(simulator);
    simulator.settings.faults = faults;
    expect(await here(['sync'])).toMatchObject({ code: 0, err: expect.stringContaining('created') });
    expect(wrongContacts(simulator, rulesOf(simulator), Date.now())).toEqual([]);
  });
});

describe('a contact to explain', () => {
  it.each([
    ['that is no number', 'anna', /anna is no contact id.*address/],
    ['that is not there', '999999999', /contact 999999999 does not exist/],
  ])('%s', async (_, id, says) => refused(['explain', id], 2, says));

  it('that is archived', async () => {
    const [id = ''] = simulator.portal.contacts.keys();
    simulator.portal.archive(id);
    await refused(['explain', id], 2, new RegExp(`contact ${id} is archived`));
  });
});

describe('a file to write', () => {
  it('that cannot be is named before HubSpot is asked', async () => {
    const file = join(place.folder, 'nowhere', 'changes.csv');
    await refused(['plan', '--csv', file], 2, /--csv .*changes\.csv: cannot be written, its folder/);
    await refused(['plan', '--csv', place.folder], 2, /--csv .*: cannot be written, it is a folder/);
    expect(simulator.stats().calls.read).toBe(0);
  });

  it.each(['text', 'json', 'csv', 'html'])('that cannot be, for a report as %s', async (format) => {
    await here(['sync']);
    const file = join(place.folder, 'nowhere', 'report');
    const args = ['report', '--format', format, '--out', file];
    await refused(args, 2, /--out .*report: cannot be written, its folder/);
  });
});

describe('a data folder', () => {
  const dataDir = () => join(place.folder, 'data');

  it('in whose place a file stands', async () => {
    writeFileSync(dataDir(), '');
    await refused(['sync'], 2, /data folder .*data cannot be used.*HANDOFF_DATA_DIR/);
    expectUntouched(simulator);
  });

  it('that another machine uses', async () => {
    mkdirSync(dataDir());
    const claim = { host: 'other', pid: 7, since: Date.now() - 5_000, beatAt: Date.now() };
    writeFileSync(join(dataDir(), 'in-use-by.other.7.json'), JSON.stringify(claim));
    await refused(['sync'], 2, /in use by machine other \(process 7\).*HANDOFF_DATA_DIR/s);
    await refused(['report'], 2, /in use by machine other/);
    expectUntouched(simulator);
  });

  it('that a newer handoff has worked on', async () => {
    await here(['sync']);
    simulator.resetStats();
    const database = new DatabaseSync(join(dataDir(), SQLITE_FILE));
    database.exec("INSERT INTO migration VALUES (99, 'later', 0)");
    database.close();
    await refused(['sync'], 2, /has version 99.*upgrade handoff/);
    expect(simulator.stats().calls.write).toBe(0);
  });

  it('that holds something else than a store', async () => {
    mkdirSync(dataDir());
    writeFileSync(join(dataDir(), SQLITE_FILE), 'this is no database, whatever its name says'.repeat(50));
    await refused(['sync'], 2, /handoff\.sqlite/);
    expectUntouched(simulator);
  });
});

describe('an engine', () => {
  it.each([
    ['REDIS_URL', 'redis://:hush@127.0.0.1:1', /Redis at 127\.0\.0\.1:1 cannot be reached.*ECONNREFUSED/],
    ['DATABASE_URL', 'postgresql://me:hush@127.0.0.1:1/x', /127\.0\.0\.1:1.*ECONNREFUSED/s],
  ])('at %s that nobody answers for', async (name, url, says) => {
    await refused(['sync'], 3, says, { [name]: url });
    expect((await here(['sync'], { [name]: url })).err).not.toContain('hush');
    expectUntouched(simulator);
  });

  it.skipIf(inject('redisUrl') === null)('that refuses the password', async () => {
    const url = new URL(inject('redisUrl') ?? '');
    url.password = 'hush-wrong';
    await refused(['sync'], 2, /refuses the user or password in REDIS_URL/, { REDIS_URL: String(url) });
  });

  it.skipIf(inject('databaseUrl') === null)('that refuses the user', async () => {
    const url = new URL(inject('databaseUrl') ?? '');
    url.password = 'hush-wrong';
    await refused(['sync'], 2, /DATABASE_URL/, { DATABASE_URL: String(url) });
  });

  it('that hears everything and says nothing is given up', async () => {
    const open: Socket[] = [];
    const silent = createServer((socket) => open.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    await refused(['sync'], 3, /cannot be reached/, { REDIS_URL: `redis://127.0.0.1:${port}` });
    for (const socket of open) socket.destroy();
    silent.close();
  });
});

describe('the command itself', () => {
  it('stops on SIGINT with 130, and a later sync completes the run', async () => {
    await simulator.close();
    await place.remove();
    await portalWith({ size: 1_500, latencyMs: 60 });
    const running = place.start('sync');
    while (simulator.stats().calls.write < 1) await new Promise((resolve) => setTimeout(resolve, 20));
    running.process.kill('SIGINT');
    const ended = await running.ended;
    expectRefusal(ended, 130, /^Stopped\. Nothing is lost/m, [simulator.token]);
    const { code, document } = await place.json<SyncDocument>('sync');
    expect(code).toBe(0);
    expect(document).toMatchObject({ mode: 'full', resumed: true, failed: [] });
    expect(wrongContacts(simulator, rulesOf(simulator), Date.now())).toEqual([]);
  });

  it('says so when the process whose engine it uses dies', async () => {
    await simulator.close();
    await place.remove();
    await portalWith({ size: 1_500, latencyMs: 60 });
    const owner = place.start('work');
    await owner.said('handoff works on');
    const joined = place.start('sync', '--full');
    while (simulator.stats().calls.write < 1) await new Promise((resolve) => setTimeout(resolve, 20));
    owner.process.kill('SIGKILL');
    expectRefusal(await joined.ended, 3, /process that ran the queue.*has stopped\. Nothing is lost/, []);
    expect(await place.run('sync')).toMatchObject({ code: 0 });
    expect(wrongContacts(simulator, rulesOf(simulator), Date.now())).toEqual([]);
  });
});

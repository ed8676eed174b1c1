/** Notices as the receiver sees them: changes of state, once each, and never at the cost of a sync. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { createLogger } from '../../src/log.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/types.ts';
import { runHere } from '../cli/run-here.ts';
import { AGREEMENT } from './agreement.ts';
import { newPlace, type Place } from './command.ts';

const HOUR = 3_600_000;
const NAME = 'Persephone';
const EVENTS = 'scorecard, newly_overdue, promise_missed, sync_failing, sync_recovered';

interface Notice {
  readonly event: string;
  readonly [key: string]: unknown;
}

let simulator: Simulator;
let place: Place;
let receiver: Server;
let received: Notice[];
/** What the receiver does with a notice it has read. */
let respond: (response: ServerResponse) => void;

beforeEach(async () => {
  received = [];
  respond = (response) => response.writeHead(204).end();
  receiver = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    received.push(JSON.parse(text));
    respond(response);
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  simulator = await startSimulator({ limits: { burst: 2_000 } });
  place = await newPlace(simulator, { redisUrl: null, databaseUrl: null });
  await place.configure(`${AGREEMENT}    notify: [{ url: "\${HOOK}", format: json, on: [${EVENTS}] }]\n`);
  for (let at = 0; at < 3; at += 1) addOverdue();
});

afterEach(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await simulator.close();
  await place.remove();
});

/** A lead that should have been decided on weeks ago. */
function addOverdue(): string {
  const openedAt = Date.now() - 30 * 24 * HOUR;
  const stages = [{ value: 'marketingqualifiedlead', timestamp: openedAt }];
  const properties = {
    firstname: NAME,
    email: `${NAME}@example.invalid`,
    hs_analytics_source: 'PAID_SEARCH',
  };
  return simulator.portal.add({ stages, properties, updatedAt: Date.now() });
}

function hook(): string {
  return `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/secret-path`;
}

function sync(variables: Readonly<Record<string, string>> = {}) {
  const file = join(place.folder, 'handoff.yaml');
  return runHere(['sync', '--config', file], { ...place.environment, HOOK: hook(), ...variables });
}

const events = () => received.map(({ event }) => event);

describe('newly overdue leads', () => {
  it('are told in one digest, once, with nothing personal in it', async () => {
    expect((await sync()).code).toBe(0);
    expect(events()).toEqual(['newly_overdue']);
    expect(received[0]).toMatchObject({ portal: 'main', portalId: '4711000', total: 3 });
    expect(received[0]?.contacts).toHaveLength(3);
    expect(JSON.stringify(received)).not.toContain(NAME);
    await sync();
    expect(events()).toEqual(['newly_overdue']);

    const id = addOverdue();
    await sync();
    expect(events()).toEqual(['newly_overdue', 'newly_overdue']);
    expect(received[1]).toMatchObject({ total: 1, contacts: [{ id, sla: 'hot' }] });
  });
});

describe('a sync that fails', () => {
  it('is told once, and once more when it works again', async () => {
    const wrong = { HUBSPOT_ACCESS_TOKEN: 'pat-eu1-rotated-away' };
    expect((await sync(wrong)).code).toBe(2);
    expect((await sync(wrong)).code).toBe(2);
    expect(events()).toEqual(['sync_failing']);
    expect(received[0]).toMatchObject({ code: 'credentials', message: expect.stringContaining('token') });
    expect(JSON.stringify(received)).not.toContain('rotated-away');
    expect((await sync()).code).toBe(0);
    expect(events()).toEqual(['sync_failing', 'sync_recovered', 'newly_overdue']);
    await sync();
    expect(received).toHaveLength(3);
  });

  it('because nobody answers is told too', async () => {
    expect((await sync({ HUBSPOT_BASE_URL: 'http://127.0.0.1:9' })).code).toBe(3);
    expect(received).toMatchObject([{ event: 'sync_failing', code: 'unavailable' }]);
  });
});

describe('a receiver', () => {
  it('that answers errors does not fail the sync, and gets the notice later', async () => {
    respond = (response) => response.writeHead(500).end();
    const { code, err } = await sync();
    expect(code).toBe(0);
    expect(err).not.toContain('secret-path');
    respond = (response) => response.writeHead(200).end();
    const before = received.length;
    await sync();
    expect(received.slice(before).map(({ event }) => event)).toEqual(['newly_overdue']);
    expect(received.at(-1)?.id).toBe(received[0]?.id);
  });

  it('that says nothing is waited for a few seconds at most', async () => {
    respond = () => {};
    expect((await sync()).code).toBe(0);
  }, 15_000);

  it('that is gone does not fail the sync', async () => {
    expect((await sync({ HOOK: 'http://127.0.0.1:9/secret-path' })).code).toBe(0);
    await sync();
    expect(events()).toEqual([]);
  });

  it('whose variable is not set is left out with a warning', async () => {
    const { code, err } = await sync({ HOOK: '' });
    expect(code).toBe(0);
    expect(err).toContain('HOOK is not set');
  });
});

describe('the scorecard', () => {
  it('is sent with the figures of the last whole week and without names', async () => {
    await sync();
    received = [];
    const app = openPlace();
    try {
      const { deps } = await app.startWorkers(1);
      await deps.sendScorecard('main');
      await deps.sendScorecard('main');
    } finally {
      await app.close();
    }
    expect(received).toMatchObject([{ event: 'scorecard', portal: 'main', overdue: 3 }]);
    expect(received[0]).toHaveProperty('conversion.mql');
    expect(JSON.stringify(received)).not.toContain(NAME);
  });

  it('comes in words for Slack', async () => {
    await place.configure(
      `${AGREEMENT}    notify: [{ url: "\${HOOK}", format: slack, on: [newly_overdue] }]\n`,
    );
    await sync();
    expect(received).toEqual([
      { text: expect.stringMatching(/^\*3 leads became overdue\* \(main\)\n•/), unfurl_links: false },
    ]);
  });
});

function openPlace() {
  const variables: Record<string, string> = { ...place.environment, HOOK: hook() };
  const variable = (name: string) => variables[name];
  const config = loadConfig(join(place.folder, 'handoff.yaml'), { variable });
  const environment = {
    hubspotBaseUrl: simulator.url,
    dataDir: join(place.folder, 'data'),
    logLevel: 'silent',
    variable,
  };
  return openApp({ config, environment, log: createLogger('silent') });
}

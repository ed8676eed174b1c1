/** The scorecard as it stood then is the one that was printed then, whatever has happened since. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Scorecard } from '../../src/domain/scorecard/document.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/types.ts';
import { AGREEMENT } from './agreement.ts';
import { newPlace, type Place } from './command.ts';

const EMBEDDED = { redisUrl: null, databaseUrl: null };

let simulator: Simulator;
let place: Place;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 21, size: 500, limits: { burst: 2_000, searchPerSecond: 200 } });
  const minute = Math.floor(Date.now() / 60_000 - 1_440) * 60_000;
  for (const timestamp of [minute, minute + 20_000, minute + 59_000]) {
    simulator.portal.add({
      stages: [{ value: 'marketingqualifiedlead', timestamp }],
      properties: { associatedcompanyid: '7001' },
    });
  }
  place = await newPlace(simulator, EMBEDDED);
  await place.configure(AGREEMENT);
});

afterAll(async () => {
  await simulator.close();
  await place.remove();
});

it('the report of an earlier moment does not change', async () => {
  await place.run('sync');
  const { document: then } = await place.json<{ readonly asOf: string }>('report', '--by', 'source');
  const open = [...simulator.portal.contacts.values()].filter(
    ({ values }) => values.handoff_status === 'open',
  );
  const [first, second, third] = open.map(({ id }) => id);
  simulator.portal.move(first!, 'salesqualifiedlead');
  simulator.portal.move(second!, 'other');
  simulator.portal.move(third!, '');
  const { document: sync } = await place.json<{ readonly written: number }>('sync');
  expect(sync.written).toBeGreaterThanOrEqual(2);

  const { document: now } = await place.json('report', '--by', 'source');
  const { document: again } = await place.json('report', '--by', 'source', '--as-of', then.asOf);

  expect(now).not.toEqual({ ...then, asOf: expect.any(String) });
  expect(again).toEqual(then);
});

it('counts the contacts of a company promoted within one minute, now and then', async () => {
  const { document: now } = await place.json<Scorecard>('report');
  const { document: then } = await place.json<Scorecard>('report', '--as-of', now.asOf);
  const burst = now.quality.traps.find(({ trap }) => trap === 'burst');
  expect(burst?.passes).toBeGreaterThanOrEqual(3);
  expect(then.quality).toEqual(now.quality);
});

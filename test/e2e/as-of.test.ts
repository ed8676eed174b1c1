/** The scorecard as it stood then is the one that was printed then, whatever has happened since. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/types.ts';
import { AGREEMENT } from './agreement.ts';
import { newPlace, type Place } from './command.ts';

const EMBEDDED = { redisUrl: null, databaseUrl: null };

let simulator: Simulator;
let place: Place;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 21, size: 500, limits: { burst: 2_000, searchPerSecond: 200 } });
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

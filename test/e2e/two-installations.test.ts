/** Two installations, each with a store of its own, on one Redis: neither takes the other's work. */
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import type { SyncDocument } from '../../src/cli/sync.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { AGREEMENT, rulesOf, wrongContacts } from './agreement.ts';
import { newPlace, newToken } from './command.ts';

const redisUrl = inject('redisUrl');

async function installation(seed: number) {
  const simulator = await startSimulator({
    token: newToken(),
    seed,
    size: 400,
    limits: { burst: 2_000, searchPerSecond: 200 },
  });
  const place = await newPlace(simulator, { redisUrl, databaseUrl: null });
  onTestFinished(async () => {
    await simulator.close();
    await place.remove();
  });
  await place.configure(AGREEMENT);
  return { simulator, place };
}

describe.skipIf(redisUrl === null)('installations that share a Redis', () => {
  it('work on portals of the same name without meeting', async () => {
    const [one, other] = [await installation(31), await installation(32)];
    other.place.environment.REDIS_URL = one.place.environment.REDIS_URL ?? '';
    const worker = one.place.start('work');
    await worker.said('handoff works on');

    const { code, document } = await other.place.json<SyncDocument>('sync');

    expect({ code, failed: document.failed }).toEqual({ code: 0, failed: [] });
    expect(document.written).toBeGreaterThan(0);
    expect(wrongContacts(other.simulator, rulesOf(other.simulator), Date.now())).toEqual([]);
    worker.process.kill('SIGTERM');
    expect((await worker.ended).code).toBe(0);
  });
});

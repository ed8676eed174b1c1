/** Makes calls through the gate, as fast as it lets them through. */
import { Redis } from 'ioredis';
import type { CallKind, Lane } from '../../../src/ports.ts';
import { createRateGate } from '../../../src/queue/rate-gate.ts';

interface Settings {
  readonly url: string;
  readonly prefix: string;
  readonly portal: string;
  readonly calls: number;
  readonly kind: CallKind;
  readonly lane: Lane;
}

const { url, prefix, portal, calls, kind, lane } = JSON.parse(process.argv[2] ?? '{}') as Settings;
const redis = new Redis(url);
const gate = createRateGate(redis, {
  budget: () => ({ ofBurst: 1, ofDay: 1 }),
  clock: { now: () => Date.now() },
  prefix,
});

await Promise.all(Array.from({ length: calls }, () => gate.acquire(portal, kind, lane)));
await redis.quit();

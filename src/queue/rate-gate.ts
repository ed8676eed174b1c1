/** The rate gate: one script on the queue's engine decides for every process; see `rate-gate.lua`. */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { RateLimitedError } from '../errors.ts';
import type { CallKind, Clock, GateState, Lane, LearntLimits, RateGate } from '../ports.ts';
import { explainFailure } from './connection.ts';
import { type Verdict, WaitingLine } from './waiting-line.ts';

const SCRIPT = readFileSync(new URL('./rate-gate.lua', import.meta.url), 'utf8');

/** Longer waits are the queue's business: the job is put off and its worker free for others. Ms. */
const PATIENCE_MS = 15_000;

const REASONS: Readonly<Record<string, string>> = {
  burst: "this portal's calls of the moment are used up",
  search: "this portal's searches of the moment are used up",
  day: 'the share of the daily limit that handoff may use is used up (budget.ofDay)',
  hold: 'HubSpot has asked to wait',
  stop: 'stopped while waiting for a call',
};

/** How much a gate lets through, and which portals share one. */
export interface RateGateOptions {
  /** Fractions 0..1 of the portal's limits that may be used. */
  readonly budget: (portal: string) => { readonly ofBurst: number; readonly ofDay: number };
  /** The clock by which `learn`, `close` and `state` count; the windows go by the engine's own. */
  readonly clock: Clock;
  /** Names the credential that HubSpot counts by: portals that share one share a gate. Default: each its own. */
  readonly credential?: (portal: string) => string;
  /** Begins every key. */
  readonly prefix?: string;
}

/** A gate on this connection. Its calls throw UnavailableError when the engine does not answer. */
export function createRateGate(
  redis: Redis,
  { budget, clock, credential = (portal) => portal, prefix = 'handoff' }: RateGateOptions,
): RateGate {
  redis.defineCommand('rateGate', { numberOfKeys: 3, lua: SCRIPT });
  const script = redis as unknown as { rateGate(...args: readonly (string | number)[]): Promise<unknown> };
  const lines = new Map<string, WaitingLine>();

  async function run(portal: string, ...args: readonly (string | number)[]): Promise<unknown> {
    const keys = ['burst', 'search', 'limits'].map(
      (name) => `${prefix}:gate:{${credential(portal)}}:${name}`,
    );
    try {
      return await script.rateGate(...keys, ...args);
    } catch (error) {
      throw explainFailure(redis, error);
    }
  }

  async function ask(portal: string, window: 'burst' | 'search', lane: Lane): Promise<Verdict> {
    const { ofBurst, ofDay } = budget(portal);
    const answer = await run(portal, 'acquire', window, lane, ofBurst, ofDay, PATIENCE_MS);
    const [waitMs, paceMs, reason] = answer as [number, number, string];
    return { waitMs, paceMs, reason };
  }

  function lineFor(portal: string, kind: CallKind, lane: Lane): WaitingLine {
    const window = kind === 'search' ? 'search' : 'burst';
    const key = `${window}:${lane}:${portal}`;
    const line = lines.get(key) ?? new WaitingLine(() => ask(portal, window, lane), refusal(portal));
    lines.set(key, line);
    return line;
  }

  return {
    acquire: (portal, kind, lane, signal) => lineFor(portal, kind, lane).turn(PATIENCE_MS, signal),
    async learn(portal, { burst, day }: LearntLimits) {
      const learning: Promise<unknown>[] = [];
      if (burst !== undefined && burst.max > 0 && burst.windowMs > 0) {
        learning.push(run(portal, 'learn-burst', burst.max, burst.windowMs));
      }
      if (day !== undefined && day.max > 0) {
        const resetsIn = day.resetsAt === undefined ? 0 : Math.max(0, day.resetsAt - clock.now());
        learning.push(run(portal, 'learn-day', day.max, day.remaining, resetsIn));
      }
      await Promise.all(learning);
    },
    async close(portal, scope, until) {
      await run(portal, 'close', scope, Math.max(0, until - clock.now()));
    },
    async state(portal) {
      return toState((await run(portal, 'state')) as number[], clock.now());
    },
  };
}

function refusal(portal: string): (waitMs: number, reason: string) => RateLimitedError {
  return (waitMs, reason) => {
    const wait = waitMs === 0 ? '' : `; the next call may go in ${Math.ceil(waitMs / 1_000)} s`;
    return new RateLimitedError(`portal ${portal}: ${REASONS[reason] ?? reason}${wait}`, waitMs);
  };
}

function toState(numbers: readonly number[], now: number): GateState {
  const at = (index: number) => numbers[index] ?? 0;
  const known = (index: number) => (at(index) < 0 ? null : at(index));
  const scopes = ['burst', 'search', 'day'] as const;
  const held = scopes.flatMap((scope, index) => (at(8 + index) > 0 ? [[scope, now + at(8 + index)]] : []));
  return {
    burst: { max: at(0), used: at(1), windowMs: at(2) },
    search: { max: at(3), used: at(4), windowMs: at(5) },
    day: { max: known(6), remaining: known(7) },
    closedUntil: Object.fromEntries(held),
  };
}

/** A simulated portal at a time that the test moves, and calls to it. */
import { onTestFinished } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator, SimulatorOptions } from '../../src/simulator/types.ts';

/** Monday, 2026-11-23 12:00 UTC. */
export const NOON = Date.UTC(2026, 10, 23, 12);

export type Json = Record<string, unknown>;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON, or an empty object. */
  readonly json: Json;
}

export interface TestPortal extends Simulator {
  /** Sends JSON with token and Accept header unless told otherwise. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** Lets time pass. */
  pass(ms: number): void;
}

/** Starts a portal that ends with the test. */
export async function testPortal(options: SimulatorOptions = {}): Promise<TestPortal> {
  let now = NOON;
  const simulator = await startSimulator({ clock: { now: () => now }, ...options });
  onTestFinished(() => simulator.close());
  return {
    ...simulator,
    pass(ms) {
      now += ms;
    },
    async call(method, path, body, headers = {}) {
      const response = await fetch(`${simulator.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${simulator.token}`,
          accept: 'application/json',
          'content-type': 'application/json',
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: parsed(text) };
    },
  };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {};
  }
}

/** The `results` of a list, batch or search answer. */
export function results(
  reply: Reply,
): { id: string; properties: Record<string, string | null>; [key: string]: unknown }[] {
  return reply.json.results as ReturnType<typeof results>;
}

/** The `errors` of an answer. */
export function errors(
  reply: Reply,
): { code?: string; category?: string; context?: Record<string, string[]> }[] {
  return (reply.json.errors ?? []) as ReturnType<typeof errors>;
}

/** `n` plain contacts in stage `lead`; their ids. */
export function addContacts(portal: Simulator['portal'], n: number): string[] {
  return Array.from({ length: n }, (_, i) =>
    portal.add({ stages: [{ value: 'lead', timestamp: NOON - 1_000_000 + i }] }),
  );
}

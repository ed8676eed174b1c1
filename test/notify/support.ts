import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NoticeTarget } from '../../src/config/types.ts';
import type { Notice, Present, Subject } from '../../src/notify/notices.ts';
import type { NotifierOptions } from '../../src/notify/notifier.ts';
import type { OverduePass } from '../../src/ports.ts';

/** Monday 23 November 2026, 09:00 UTC. */
export const NOW = Date.UTC(2026, 10, 23, 9);
export const HOUR = 3_600_000;
export const WEEK = 168 * HOUR;

export const SUBJECT: Subject = { portal: 'main', portalId: '4711', timeZone: 'Europe/London' };

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** Replaces how it answers from now on. */
  answer(how: (response: ServerResponse, received: Received) => void): void;
  close(): Promise<void>;
}

/** A real HTTP server that keeps what it is sent; it answers 200 until told otherwise. */
export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = [];
  let how = (response: ServerResponse, _received: Received): void => {
    response.end('ok');
  };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const one = { headers: request.headers, body: text === '' ? {} : JSON.parse(text) };
    received.push(one);
    how(response, one);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`,
    received,
    answer(next) {
      how = next;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Answers with these statuses in turn, then 200. */
export function statuses(
  ...codes: { readonly status: number; readonly headers?: Record<string, string> }[]
): (response: ServerResponse) => void {
  const left = [...codes];
  return (response) => {
    const next = left.shift();
    response.writeHead(next?.status ?? 200, next?.headers ?? {}).end();
  };
}

export function target(url: string, over: Partial<NoticeTarget> = {}): NoticeTarget {
  const on = ['scorecard', 'newly_overdue', 'promise_missed', 'sync_failing', 'sync_recovered'] as const;
  return { url, format: 'json', on, ...over };
}

/** Options on a store in memory; `at.now` is the clock, `waits` and `lines` are what was asked and logged. */
export function notifierOptions(targets: readonly NoticeTarget[], texts = new Map<string, string>()) {
  const at = { now: NOW };
  const waits: number[] = [];
  const lines: string[] = [];
  const write = (facts: object, sentence: string) => {
    lines.push(`${sentence} ${JSON.stringify(facts)}`);
  };
  const options: NotifierOptions = {
    portal: 'main',
    targets,
    store: {
      updateState: async (portal, key, change) => {
        const after = change(texts.get(`${portal} ${key}`) ?? null);
        if (after === null) texts.delete(`${portal} ${key}`);
        else texts.set(`${portal} ${key}`, after);
        return after;
      },
    },
    clock: { now: () => at.now },
    log: { info: write, warn: write },
    wait: async (ms) => {
      waits.push(ms);
    },
    timeoutMs: 2_000,
  };
  return { options, at, waits, lines, texts };
}

export function overdue(contactId: string, over: Partial<OverduePass> = {}): OverduePass {
  return { contactId, pass: 1, rule: 'hot', dueAt: NOW - HOUR, ...over };
}

export function present(over: Partial<Present> = {}): Present {
  return { overdue: [], salesWeeks: [], windows: [], workedUntil: NOW, lastCompleteRunAt: NOW, ...over };
}

/** Some notice, told apart by its instant. */
export function failing(at = NOW): Notice {
  const details = { code: 'unavailable', message: 'HubSpot does not answer.' };
  return { ...SUBJECT, ...details, id: `sync_failing.${at}`, event: 'sync_failing', at };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inject } from 'vitest';
import { createLogger } from '../../src/log.ts';
import type { Clock } from '../../src/ports.ts';
import { type Engine, openEngine } from '../../src/queue/engine.ts';

/** The queue goes by the system's clock, and so do its tests. */
export const clock: Clock = { now: () => Date.now() };
export const silent = createLogger('silent');

const redisUrl = inject('redisUrl');
let made = 0;

/** Both engines, for `describe.each`. */
export const ENGINES = [
  { engine: 'embedded', missing: false, url: undefined },
  { engine: 'Redis', missing: redisUrl === null, url: redisUrl ?? undefined },
] as const;

/** A key prefix that no other test uses. */
export function freshPrefix(): string {
  made += 1;
  return `test-${process.pid}-${clock.now()}-${made}`;
}

/** An empty folder, and what removes it. */
export function tempFolder(): { readonly dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'handoff-queue-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Opens one of the two engines on this folder. */
export function open(dir: string, url: string | undefined): Promise<Engine> {
  return openEngine({ redisUrl: url, dataDir: dir, clock, log: silent });
}

/** A process of its own that runs one of the scripts in `children/`. */
export interface Child {
  readonly pid: number;
  /** The next line it prints, as JSON; undefined when it ends without one. */
  next(): Promise<unknown>;
  /** Everything it prints from now on. */
  rest(): Promise<unknown[]>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** Starts `children/<script>` with these settings as its only argument. */
export function startChild(script: string, settings: object): Child {
  const path = join(import.meta.dirname, 'children', script);
  const child = spawn(process.execPath, [path, JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    return done ? undefined : (JSON.parse(value) as unknown);
  };
  return {
    pid: child.pid ?? 0,
    next,
    async rest() {
      const all: unknown[] = [];
      for (let line = await next(); line !== undefined; line = await next()) all.push(line);
      return all;
    },
    kill: (signal) => child.kill(signal),
    ended: endOf(child),
  };
}

/** Waits until something holds; asked again and again, failing after half a minute. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error('what was waited for did not come');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The largest number of these instants that lie in one window `[t, t + windowMs)`. */
export function mostInAnyWindow(instants: readonly number[], windowMs: number): number {
  const sorted = instants.toSorted((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [index, at] of sorted.entries()) {
    while (at - (sorted[first] ?? at) >= windowMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

function endOf(child: ChildProcess): Child['ended'] {
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stderr })));
}

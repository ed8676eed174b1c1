import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

const COMMAND = join(import.meta.dirname, '../../src/cli/handoff.js');

/** What a command left behind when it ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that runs. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once standard error holds this text. Rejects when the command ends without it. */
  said(text: string): Promise<void>;
}

/** A place to run commands in: its own data folder, configuration and engines. */
export interface Place {
  readonly folder: string;
  /** Runs a command to its end. */
  run(...args: string[]): Promise<Ended>;
  /** Starts one and goes on. */
  start(...args: string[]): Running;
  /** Runs one that prints JSON. */
  json<T>(...args: string[]): Promise<{ readonly code: number | null; readonly document: T }>;
  configure(yaml: string): Promise<void>;
  readonly environment: Record<string, string>;
  remove(): Promise<void>;
}

/** Engines a place works on; null: embedded. */
export interface Engines {
  readonly redisUrl: string | null;
  readonly databaseUrl: string | null;
}

/** A token of its own for each portal: the rate gate on a shared Redis counts by token. */
export function newToken(): string {
  return `pat-eu1-${randomUUID()}`;
}

/** A fresh place. On services it has a schema and a Redis database of its own. */
export async function newPlace(
  hubspot: { readonly url: string; readonly token: string },
  engines: Engines,
): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'handoff-e2e-'));
  const file = join(folder, 'handoff.yaml');
  const { PATH = '' } = process.env;
  const environment: Record<string, string> = {
    ...{ PATH, HUBSPOT_BASE_URL: hubspot.url, HUBSPOT_ACCESS_TOKEN: hubspot.token },
    ...{ HANDOFF_DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'warn' },
    ...(engines.redisUrl === null ? {} : { REDIS_URL: ownDatabase(engines.redisUrl) }),
    ...(engines.databaseUrl === null
      ? {}
      : { DATABASE_URL: `${engines.databaseUrl}?schema=e2e_${randomUUID().slice(0, 8)}` }),
  };
  const start = (...args: string[]) => startCommand([...args, '--config', file], folder, environment);
  return {
    folder,
    environment,
    start,
    run: (...args) => start(...args).ended,
    async json(...args) {
      const { code, out, err } = await start(...args, '--json').ended;
      try {
        return { code, document: JSON.parse(out) };
      } catch {
        throw new Error(`no JSON from ${args.join(' ')} (exit code ${code}): ${out}\n${err}`);
      }
    },
    configure: (yaml) => writeFile(file, yaml),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

let nextDatabase = 1;

/** Redis has sixteen numbered databases; test files that share the server use different ones. */
function ownDatabase(url: string): string {
  const database = nextDatabase % 16;
  nextDatabase += 1;
  return `${url.replace(/\/\d*$/, '')}/${database}`;
}

/** Starts any command line of handoff. */
export function startCommand(
  args: readonly string[],
  cwd: string,
  environment: Record<string, string>,
): Running {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, out, err }));
  return {
    process: child,
    ended,
    async said(text) {
      const waiting = new Promise<void>((resolve) => {
        const look = () => err.includes(text) && resolve();
        child.stderr.on('data', look);
        look();
      });
      const failed = ended.then(({ code }) => {
        if (!err.includes(text)) throw new Error(`ended (${code}) without saying «${text}»: ${err}`);
      });
      await Promise.race([waiting, failed]);
    },
  };
}

/**
 * Where the queue and the rate gate live: the Redis named by REDIS_URL, or a server inside the first process that uses
 * the data folder, which later processes join.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { ConfigurationError, UnavailableError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Clock } from '../ports.ts';
import { askInfo, Connections, type Role } from './connection.ts';
import { startEmbeddedValkey } from './embedded-valkey.ts';
import {
  type EngineEntry,
  mayBeAlive,
  publishEngineFile,
  readEngineFile,
  removeEngineFile,
} from './engine-file.ts';
import { checkService } from './service-check.ts';

/** How long the process that runs the folder's engine may take to answer, ms. */
const ANSWER_MS = 5_000;
/** The folder's engine may change hands while we look; after so many looks something is wrong. */
const LOOKS = 10;

/** An open engine. `embedded`: it runs in this process; `joined`: in another one on the same data folder. */
export interface Engine {
  readonly kind: 'services' | 'embedded' | 'joined';
  /**
   * A new connection, closed with the engine. A producer's commands fail within seconds while the engine is away, a
   * worker's wait. Throws UnavailableError once the engine is lost.
   */
  connect(role: Role): Redis;
  /** Told once when the engine has gone for good (never for services, which are waited for); not after `close`. */
  onLost(listener: (error: UnavailableError) => void): void;
  /** Closes connections, stops what this process runs and takes the data folder's entry away. */
  close(): Promise<void>;
}

/** Where the engine is: the service at `redisUrl`, or else inside the process that owns `dataDir`. */
export interface EngineOptions {
  readonly redisUrl?: string | undefined;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Opens the engine. Throws ConfigurationError when REDIS_URL makes no sense, its password is refused or the server is
 * too old; UnavailableError when it cannot be reached or the embedded server does not start.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  if (options.redisUrl !== undefined) return openService(options.redisUrl, options.log);
  for (let look = 1; look <= LOOKS; look += 1) {
    const engine = await openInFolder(options);
    if (engine !== null) return engine;
  }
  throw new UnavailableError(
    `The queue of ${options.dataDir} keeps changing hands: see which handoff processes use this folder.`,
  );
}

async function openService(url: string, log: Logger): Promise<Engine> {
  const { name } = await checkService(url, log);
  const connections = new Connections(url, name, log);
  return toEngine('services', connections, () => connections.close());
}

/** Joins the folder's engine or becomes it; null: another process was faster, look again. */
async function openInFolder(options: EngineOptions): Promise<Engine | null> {
  const found = await readEngineFile(options.dataDir).catch((cause: unknown) => {
    throw unusable(options.dataDir, cause);
  });
  if (found?.entry && (await answers(found.entry, options.dataDir))) return join(found.entry, options.log);
  return become(found?.text ?? null, options);
}

/** False: the file is a leftover. Throws UnavailableError when its process is alive but silent. */
async function answers(entry: EngineEntry, dataDir: string): Promise<boolean> {
  try {
    await askInfo(urlOf(entry), ANSWER_MS);
    return true;
  } catch (error) {
    const silent = /timed? ?out/i.test(String(error));
    if (!silent || !mayBeAlive(entry)) return false;
    throw new UnavailableError(
      `Process ${entry.pid} runs the queue of ${dataDir} but does not answer: wait until it has caught up, or stop it.`,
      { cause: error },
    );
  }
}

async function become(
  leftover: string | null,
  { dataDir, clock, log }: EngineOptions,
): Promise<Engine | null> {
  const password = randomBytes(24).toString('base64url');
  const server = await startEmbeddedValkey(password, (error) => connections.lose(brokenDown(error)));
  const entry = { host: hostname(), pid: process.pid, port: server.port, password, startedAt: clock.now() };
  const connections = new Connections(urlOf(entry), 'The embedded queue engine', log);
  try {
    if (await publishEngineFile(dataDir, entry, leftover)) {
      return toEngine('embedded', connections, async () => {
        await removeEngineFile(dataDir, entry);
        await connections.close();
        await server.stop();
      });
    }
  } catch (cause) {
    await server.stop();
    throw unusable(dataDir, cause);
  }
  await server.stop();
  return null;
}

function join(entry: EngineEntry, log: Logger): Engine {
  const connections = new Connections(urlOf(entry), `The queue engine in process ${entry.pid}`, log);
  const gone = new UnavailableError(
    `The process that ran the queue of this data folder (${entry.pid}) has stopped. Nothing is lost: start this ` +
      'command again, and it runs the queue itself.',
  );
  const watcher = connections.connect('worker');
  watcher.on('close', () => {
    askInfo(urlOf(entry), ANSWER_MS).catch(() => connections.lose(gone));
  });
  log.info({ pid: entry.pid }, 'joined the queue engine of another process');
  return toEngine('joined', connections, async () => {
    watcher.removeAllListeners('close');
    await connections.close();
  });
}

function toEngine(kind: Engine['kind'], connections: Connections, shutDown: () => Promise<void>): Engine {
  let closed: Promise<void> | null = null;
  return {
    kind,
    connect: (role) => connections.connect(role),
    onLost: (listener) => connections.onLost(listener),
    close() {
      closed ??= shutDown();
      return closed;
    },
  };
}

function unusable(dataDir: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(
    `engine.json in the data folder ${dataDir} cannot be read or written (${String(cause)}): give this user the right to, ` +
      'or set HANDOFF_DATA_DIR to another folder.',
    { cause },
  );
}

function brokenDown(cause: Error): UnavailableError {
  return new UnavailableError(
    `The embedded queue engine broke down (${cause.message}). Nothing is lost: start the command again.`,
    { cause },
  );
}

function urlOf({ port, password }: Pick<EngineEntry, 'port' | 'password'>): string {
  return `redis://:${password}@127.0.0.1:${port}`;
}

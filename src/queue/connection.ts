/**
 * Connections to the queue's engine. Producers and workers need opposite habits: who enqueues or asks the gate wants to
 * know soon that the engine is away, a worker waits until it is back (docs.bullmq.io, "Going to production").
 */
import { Redis, type RedisOptions } from 'ioredis';
import { UnavailableError } from '../errors.ts';
import type { Logger } from '../log.ts';

/** What a connection is for: a producer fails within seconds while the engine is away, a worker waits. */
export type Role = 'producer' | 'worker';

/** How long a connection, or a producer's command, may take, ms. */
const CONNECT_MS = 5_000;
const COMMAND_MS = 10_000;
/** How long a polite goodbye may take, ms. */
const QUIT_MS = 1_000;
const LONGEST_GAP_MS = 2_000;

/** Which connection belongs to whom, so that an error can be explained wherever it comes up. */
const owners = new WeakMap<Redis, Connections>();

/** All connections of one engine: opened alike, lost together, closed together. */
export class Connections {
  readonly #url: string;
  readonly #name: string;
  readonly #log: Logger;
  readonly #open = new Set<Redis>();
  readonly #listeners: ((error: UnavailableError) => void)[] = [];
  #lost: UnavailableError | null = null;
  /** Lost or closed: no connection tries again, copies that BullMQ made of ours included. */
  #over = false;

  /** `name` is what messages call the engine; it must not hold the password. */
  constructor(url: string, name: string, log: Logger) {
    this.#url = url;
    this.#name = name;
    this.#log = log;
  }

  /** A connection of its own for the caller; it connects by itself and is closed with the engine. */
  connect(role: Role): Redis {
    if (this.#lost !== null) throw this.#lost;
    const redis = new Redis(this.#url, {
      ...(role === 'producer'
        ? { maxRetriesPerRequest: 1, commandTimeout: COMMAND_MS }
        : { maxRetriesPerRequest: null }),
      connectTimeout: CONNECT_MS,
      retryStrategy: (times) => (this.#over ? null : Math.min(times * 100, LONGEST_GAP_MS)),
    });
    owners.set(redis, this);
    this.#open.add(redis);
    this.#tellOutages(redis);
    return redis;
  }

  /** Called once when the engine is gone for good; at once if it already is. */
  onLost(listener: (error: UnavailableError) => void): void {
    if (this.#lost === null) this.#listeners.push(listener);
    else listener(this.#lost);
  }

  /** The engine is gone and will not come back: everything that waits for it fails with this error. */
  lose(error: UnavailableError): void {
    if (this.#lost !== null) return;
    this.#lost = error;
    this.#over = true;
    for (const redis of this.#open) end(redis);
    for (const listener of this.#listeners) listener(error);
  }

  /** What an error of one of these connections means. */
  explain(cause: unknown): UnavailableError {
    if (this.#lost !== null) return this.#lost;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new UnavailableError(`${this.#name} does not answer (${reason}): is it running and reachable?`, {
      cause,
    });
  }

  async close(): Promise<void> {
    this.#listeners.length = 0;
    this.#over = true;
    await Promise.all([...this.#open].map(quit));
  }

  /** One line when an outage begins and one when it ends, not one for each attempt in between. */
  #tellOutages(redis: Redis): void {
    let down = false;
    redis.on('error', (err: Error) => {
      if (!down && !this.#over)
        this.#log.warn({ err, engine: this.#name }, 'queue engine not reached, trying again');
      down = true;
    });
    redis.on('ready', () => {
      if (down) this.#log.info({ engine: this.#name }, 'queue engine reached again');
      down = false;
    });
  }
}

/** What an error that came from this connection means to whoever used it. */
export function explainFailure(redis: Redis, cause: unknown): UnavailableError {
  const owner = owners.get(redis);
  if (owner !== undefined) return owner.explain(cause);
  return new UnavailableError(`The queue engine does not answer: ${String(cause)}`, { cause });
}

/** Connects once, without a second attempt, and gives what INFO says; throws what the server or the network says. */
export async function askInfo(url: string, timeoutMs: number): Promise<string> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    enableReadyCheck: false,
  } satisfies RedisOptions);
  let said: Error | null = null;
  redis.on('error', (error: Error) => {
    said ??= error;
  });
  try {
    await redis.connect();
    const info = await redis.info();
    if (said !== null) throw said;
    return info;
  } catch (error) {
    throw said ?? error;
  } finally {
    redis.disconnect();
  }
}

async function quit(redis: Redis): Promise<void> {
  const goodbye = redis.status === 'ready' ? redis.quit().catch(() => {}) : Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([goodbye, new Promise((resolve) => (timer = setTimeout(resolve, QUIT_MS)))]);
  clearTimeout(timer);
  end(redis);
}

/**
 * ioredis forgets the commands that wait for a reconnection when it is told to disconnect meanwhile; left alone, the
 * next attempt fails and rejects them.
 */
function end(redis: Redis): void {
  if (redis.status !== 'reconnecting') redis.disconnect();
}

/**
 * One call to HubSpot through the SDK's request layer: past the gate, with a time limit, its limits learnt and its answer
 * checked. `apiRequest` neither throws on a refusal nor retries, and knows no time limit; all of that is done here.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@hubspot/api-client';
import type { z } from 'zod';
import { RateLimitedError, UnavailableError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { CallKind, Calls, Clock, Lane, RateGate } from '../ports.ts';
import { errorOf, holdOf, type RawAnswer } from './answers.ts';
import { limitsIn } from './limits.ts';

export interface HttpOptions {
  readonly portal: string;
  readonly token: string;
  readonly baseUrl: string;
  readonly gate: RateGate;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long an answer may take, ms; default 60 s. */
  readonly timeoutMs?: number;
  /** Gap before the first repetition after an outage, ms; it doubles. Default 300 ms. */
  readonly retryGapMs?: number;
}

/** A call. `calls` is counted up for every time it goes out. */
export interface Call<T> {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly kind: CallKind;
  readonly lane: Lane;
  readonly signal?: AbortSignal | undefined;
  readonly calls: Calls;
  /** What is used of the answer. */
  readonly schema: z.ZodType<T>;
}

/** Makes calls. Throws the classes of `errors.ts`. */
export interface Http {
  call<T>(call: Call<T>): Promise<T>;
}

/** All calls can be repeated: reads anyway, writes because they set the same values again. */
const TRIES = 3;
/** How often a call whose turn HubSpot refused (429) queues again. */
const TURNS = 5;
/** A hold up to this long is waited for at the gate; a longer one puts the work back, ms. */
const PATIENCE_MS = 15_000;

/** A caller for one portal and token. */
export function createHttp(options: HttpOptions): Http {
  const { portal, gate, clock, log, timeoutMs = 60_000, retryGapMs = 300 } = options;
  const client = new Client({
    accessToken: options.token,
    basePath: options.baseUrl,
    numberOfApiCallRetries: 0,
  });

  async function send<T>(call: Call<T>): Promise<RawAnswer> {
    await gate.acquire(portal, call.kind, call.lane, call.signal);
    call.calls[call.kind] += 1;
    const { method, path, query, body } = call;
    const request = async () => {
      const response = await client.apiRequest({
        method,
        path,
        ...(query === undefined ? {} : { qs: query }),
        ...(body === undefined ? {} : { body }),
        headers: { Accept: 'application/json' },
      });
      return {
        status: response.status,
        headers: response.headers as unknown as Headers,
        text: await response.text(),
      };
    };
    return withinTime(request(), timeoutMs, nameOf(call));
  }

  /** Sends until the call has had its turn: a 429 closes the gate for everybody and is no failure of the work. */
  async function takeTurn<T>(call: Call<T>): Promise<RawAnswer> {
    for (let turn = 1; ; turn += 1) {
      const answer = await send(call);
      const limits = limitsIn(answer.headers);
      if (limits !== null) await gate.learn(portal, limits);
      if (answer.status !== 429) return answer;
      call.calls.rejected += 1;
      const hold = holdOf(answer, call.kind === 'search', clock.now());
      await gate.close(portal, hold.scope, clock.now() + hold.waitMs);
      log.info({ portal, scope: hold.scope, waitMs: hold.waitMs }, 'HubSpot asked to wait');
      if (turn === TURNS || hold.waitMs > PATIENCE_MS) {
        throw new RateLimitedError(`portal ${portal}: HubSpot's ${hold.scope} limit is used up`, hold.waitMs);
      }
    }
  }

  async function once<T>(call: Call<T>): Promise<T> {
    const answer = await takeTurn(call);
    if (answer.status < 200 || answer.status > 299) throw errorOf(answer, nameOf(call), clock.now());
    return readAnswer(answer, call);
  }

  return {
    async call(call) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await once(call);
        } catch (error) {
          if (!(error instanceof UnavailableError) || attempt === TRIES || call.signal?.aborted) throw error;
          log.info({ portal, call: nameOf(call), attempt, err: error }, 'call repeated');
          await pause(retryGapMs * 2 ** (attempt - 1));
        }
      }
    },
  };
}

function readAnswer<T>(answer: RawAnswer, call: Call<T>): T {
  let body: unknown;
  try {
    body = answer.text === '' ? null : JSON.parse(answer.text);
  } catch (cause) {
    throw new UnavailableError(
      `HubSpot's answer to ${nameOf(call)} is cut off or no JSON (status ${answer.status})`,
      { cause },
    );
  }
  const checked = call.schema.safeParse(body);
  if (checked.success) return checked.data;
  const where = checked.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ');
  throw new UnavailableError(`HubSpot's answer to ${nameOf(call)} is not as documented: ${where}`);
}

function nameOf(call: Pick<Call<unknown>, 'method' | 'path'>): string {
  return `${call.method} ${call.path}`;
}

/** Ends the wait for an answer that does not come; the SDK has no time limit of its own. */
async function withinTime<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new UnavailableError(`HubSpot did not answer ${what} within ${ms / 1_000} s`)),
      ms,
    );
  });
  try {
    return await Promise.race([work, limit]);
  } catch (cause) {
    if (cause instanceof UnavailableError) throw cause;
    throw new UnavailableError(`HubSpot cannot be reached (${reasonOf(cause)}) for ${what}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const cause = (error as { cause?: { code?: unknown; message?: unknown } }).cause;
  return String(cause?.code ?? cause?.message ?? (error as Error).message);
}

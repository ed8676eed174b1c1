/**
 * One call to HubSpot through the SDK's request layer: past the gate, with a time limit, its limits learnt and its answer
 * checked. `apiRequest` neither throws on a refusal nor retries, and knows no time limit; all of that is done here.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@hubspot/api-client';
import type { z } from 'zod';
import { CredentialsError, RateLimitedError, UnavailableError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { CallKind, Calls, Clock, Lane, RateGate } from '../ports.ts';
import { errorOf, holdOf, type RawAnswer } from './answers.ts';
import { limitsIn } from './limits.ts';

/** Where calls of one portal go, with which token (a secret) and through which gate. */
export interface HttpOptions {
  readonly portal: string;
  readonly token: string;
  readonly baseUrl: string;
  readonly gate: RateGate;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long an answer may take, ms; default 30 s. */
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
  /** Takes over what the account says of today's limit; a daily 429 then holds until the reset. */
  learnDay(day: {
    readonly max: number;
    readonly remaining: number;
    readonly resetsAt: number;
  }): Promise<void>;
}

/** All calls can be repeated: reads anyway, writes because they set the same values again. */
const TRIES = 3;
/** How often a call whose turn HubSpot refused (429) queues again. */
const TURNS = 5;
/** A hold up to this long is waited for at the gate; a longer one puts the work back, ms. */
const PATIENCE_MS = 15_000;

/**
 * A caller for one portal and token. The SDK keeps limiter and retries in one place for the whole process, where the
 * latest client overwrites the others' (HubSpot/hubspot-api-nodejs#416), so neither is ever switched on; the token
 * belongs to the client. Throws CredentialsError for a token that no request could carry.
 */
export function createHttp(options: HttpOptions): Http {
  const { portal, gate, clock, log, timeoutMs = 30_000, retryGapMs = 300 } = options;
  if (!/^[\x21-\x7e]+$/.test(options.token)) {
    throw new CredentialsError(
      `portal ${portal}: the token is empty or holds characters that no token has (a line break, a space, an accent?); copy it again from HubSpot`,
    );
  }
  let dayResetsAt: number | null = null;
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
    return answered(request(), timeoutMs, call);
  }

  /** Sends until the call has had its turn: a 429 closes the gate for everybody and is no failure of the work. */
  async function takeTurn<T>(call: Call<T>): Promise<RawAnswer> {
    for (let turn = 1; ; turn += 1) {
      const answer = await send(call);
      const limits = limitsIn(answer.headers);
      if (limits !== null) await gate.learn(portal, limits);
      if (answer.status !== 429) return answer;
      call.calls.rejected += 1;
      const hold = holdOf(answer, call.kind === 'search', clock.now(), dayResetsAt);
      await gate.close(portal, hold.scope, clock.now() + hold.waitMs);
      log.info({ portal, scope: hold.scope, waitMs: hold.waitMs }, 'HubSpot asked to wait');
      if (turn === TURNS || hold.waitMs > PATIENCE_MS) {
        throw new RateLimitedError(`portal ${portal}: HubSpot's ${hold.scope} limit is used up`, hold.waitMs);
      }
    }
  }

  async function once<T>(call: Call<T>): Promise<T> {
    const answer = await takeTurn(call);
    if (answer.status >= 200 && answer.status <= 299) return readAnswer(answer, call);
    const error = errorOf(answer, nameOf(call), clock.now());
    // A portal on the move answers nobody, perhaps for hours: asking with every job would only add to it.
    if (answer.status === 477 && error instanceof RateLimitedError) {
      await gate.close(portal, 'day', clock.now() + error.waitMs);
    }
    throw error;
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
    async learnDay(day) {
      dayResetsAt = day.resetsAt;
      await gate.learn(portal, { day });
    },
  };
}

function readAnswer<T>(answer: RawAnswer, call: Call<T>): T {
  let body: unknown;
  try {
    body = answer.text === '' ? null : JSON.parse(answer.text);
  } catch {
    // Without the parser's own error: it quotes the text.
    throw new UnavailableError(
      `HubSpot's answer to ${nameOf(call)} is cut off or no JSON (status ${answer.status})`,
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

/**
 * Ends the wait for an answer that does not come (`apiRequest` takes no signal), or that nobody waits for any more. What
 * a write has done is worth waiting for; reading can be done again.
 */
async function answered(answer: Promise<RawAnswer>, ms: number, call: Call<unknown>): Promise<RawAnswer> {
  const what = nameOf(call);
  const stop = call.kind === 'write' ? undefined : call.signal;
  const ended = new AbortController();
  const timer = setTimeout(
    () => ended.abort(new UnavailableError(`HubSpot did not answer ${what} within ${ms / 1_000} s`)),
    ms,
  );
  const signal = stop === undefined ? ended.signal : AbortSignal.any([ended.signal, stop]);
  const given = new Promise<never>((_, reject) => {
    const end = () =>
      reject(ended.signal.aborted ? ended.signal.reason : new RateLimitedError(`stopped during ${what}`, 0));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
  try {
    return await Promise.race([answer, given]);
  } catch (error) {
    if (error instanceof UnavailableError || error instanceof RateLimitedError) throw error;
    throw new UnavailableError(
      `HubSpot cannot be reached for ${what} (${reasonOf(error)}): check the network, and HUBSPOT_BASE_URL if it is set`,
    );
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch failed` says nothing; the code of its cause does. Texts are left out: they may quote what was sent. */
function reasonOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return String(cause?.code ?? code ?? 'connection lost');
}

/**
 * One notice to one address. What became of it is returned, never thrown; the address is a secret and appears in
 * nothing that is returned.
 */
import type { Clock } from '../ports.ts';

/** Tries in one round; the gaps between them grow. */
const TRIES = 3;
const FIRST_GAP_MS = 1_000;
/** Longest wait a server may ask for within a round; a longer one ends the round. */
const LONGEST_GAP_MS = 10_000;
/** A server that asks for more than this is asked again all the same. */
const LONGEST_REST_MS = 3_600_000;
const TIMEOUT_MS = 10_000;

/** `refused`: trying again does not help. `later`: it may; not before `restMs` have passed, where the server said so. */
export type Delivery =
  | { readonly outcome: 'delivered' }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'later'; readonly reason: string; readonly restMs: number };

/** What sending needs from outside. `wait` resolves after that many ms. */
export interface SendTools {
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
  /** For one try, ms; default 10 s. */
  readonly timeoutMs?: number;
  /** Whether to try again, asked after each gap; default yes. */
  readonly goOn?: () => boolean;
}

/** Posts JSON. 2xx is delivered; 408, 429, 5xx and network faults are tried again; everything else is refused. */
export async function send(url: string, payload: object, tools: SendTools): Promise<Delivery> {
  for (let attempt = 1; ; attempt += 1) {
    const delivery = await sendOnce(url, payload, tools);
    if (delivery.outcome !== 'later' || attempt === TRIES) return delivery;
    const gapMs = Math.max(FIRST_GAP_MS * 4 ** (attempt - 1), delivery.restMs);
    if (gapMs > LONGEST_GAP_MS) return delivery;
    await tools.wait(gapMs);
    if (tools.goOn?.() === false) return delivery;
  }
}

async function sendOnce(url: string, payload: object, tools: SendTools): Promise<Delivery> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'handoff' },
      body: JSON.stringify(payload),
      // Followed, the notice would go to an address that nobody configured.
      redirect: 'manual',
      signal: AbortSignal.timeout(tools.timeoutMs ?? TIMEOUT_MS),
    });
    await response.body?.cancel();
    return judge(response, tools.clock.now());
  } catch (error) {
    const reason = faultCode(error);
    return reason === 'ERR_INVALID_URL'
      ? { outcome: 'refused', reason }
      : { outcome: 'later', reason, restMs: 0 };
  }
}

function judge(response: Response, now: number): Delivery {
  if (response.ok) return { outcome: 'delivered' };
  const reason = `status ${response.status}`;
  const passes = response.status >= 500 || response.status === 408 || response.status === 429;
  if (!passes) return { outcome: 'refused', reason };
  return { outcome: 'later', reason, restMs: retryAfterMs(response.headers.get('retry-after'), now) };
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3), within bounds. */
function retryAfterMs(header: string | null, now: number): number {
  if (header === null) return 0;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_REST_MS) : 0;
}

/** A code such as `ECONNREFUSED` or `TimeoutError`; never a message, which may hold the address. */
function faultCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const inner = error.cause instanceof Error ? error.cause : error;
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.name;
}

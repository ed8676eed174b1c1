/**
 * HubSpot's three limits: calls in a sliding window (searches excluded), searches per second, calls per day
 * (developers.hubspot.com, usage guidelines). A rejected call takes no room in the windows but counts against the day.
 */
import type { Answer } from './refusal.ts';
import type { Settings, SimulatedCallKind, SimulatorStats } from './types.ts';

type Limit = 'burst' | 'search' | 'day';

/** Instants of the last calls, oldest first. */
class SlidingWindow {
  #times: number[] = [];
  #start = 0;

  /** Calls younger than the window. */
  count(now: number, windowMs: number): number {
    while (this.#start < this.#times.length && (this.#times[this.#start] ?? now) <= now - windowMs)
      this.#start += 1;
    if (this.#start > 1_000 && this.#start * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#start);
      this.#start = 0;
    }
    return this.#times.length - this.#start;
  }

  add(now: number): void {
    this.#times.push(now);
  }
}

/** The limits of one portal and token, and the count of what it was asked. */
export class Limits {
  readonly #settings: Settings;
  #admitted = { burst: new SlidingWindow(), search: new SlidingWindow() };
  #arrived = { burst: new SlidingWindow(), search: new SlidingWindow() };
  #calls = { search: 0, read: 0, write: 0, other: 0 };
  #violations = { burst: 0, search: 0, day: 0 };
  #maxInWindow = { burst: 0, search: 0 };
  #today = 0;
  #resetsAt = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Lets a call in (null) or turns it away with HubSpot's 429. */
  admit(kind: SimulatedCallKind, now: number, correlationId: string): Answer | null {
    this.#startDay(now);
    this.#today += 1;
    const exceeded = this.#exceeded(kind === 'search' ? 'search' : 'burst', now);
    if (exceeded === null) {
      this.#calls[kind] += 1;
      return null;
    }
    this.#violations[exceeded] += 1;
    return this.tooMany(exceeded, now, correlationId);
  }

  /** The 429 of a limit, worded as HubSpot words it. */
  tooMany(limit: Limit, now: number, correlationId: string): Answer {
    const { portalId, retryAfter } = this.#settings;
    const policies = {
      burst: ['ten_secondly_rolling', 'TEN_SECONDLY_ROLLING', 'private_app-api-calls-ten-secondly', 10],
      search: ['secondly', 'SECONDLY', 'crm:search', 1],
      day: ['daily', 'DAILY', 'private-apps-api-calls-daily', Math.ceil((this.resetsAt(now) - now) / 1000)],
    } as const;
    const [words, policyName, group, seconds] = policies[limit];
    return {
      status: 429,
      headers: {
        ...this.headers(limit === 'search' ? 'search' : 'other', now),
        ...(retryAfter ? { 'retry-after': String(seconds) } : {}),
      },
      body: {
        status: 'error',
        message: `You have reached your ${words} limit.`,
        errorType: 'RATE_LIMIT',
        correlationId,
        policyName,
        groupName: `publicapi:${group}:${portalId}`,
      },
    };
  }

  /** The limit headers; search answers are documented to carry none. */
  headers(kind: SimulatedCallKind, now: number): Record<string, string> {
    if (kind === 'search') return {};
    const { burst, windowMs, day } = this.#settings.limits;
    return {
      'x-hubspot-ratelimit-daily': String(day),
      'x-hubspot-ratelimit-daily-remaining': String(Math.max(0, day - this.#today)),
      'x-hubspot-ratelimit-interval-milliseconds': String(windowMs),
      'x-hubspot-ratelimit-max': String(burst),
      'x-hubspot-ratelimit-remaining': String(Math.max(0, burst - this.#admitted.burst.count(now, windowMs))),
    };
  }

  /** Midnight in the account's zone that ends the day of `now`. */
  resetsAt(now: number): number {
    this.#startDay(now);
    return this.#resetsAt;
  }

  stats(): Omit<SimulatorStats, 'faults'> {
    return {
      calls: { ...this.#calls },
      violations: { ...this.#violations },
      maxInWindow: { ...this.#maxInWindow },
      today: this.#today,
    };
  }

  /** Forgets every call, and the day's count. */
  reset(): void {
    this.#admitted = { burst: new SlidingWindow(), search: new SlidingWindow() };
    this.#arrived = { burst: new SlidingWindow(), search: new SlidingWindow() };
    this.#calls = { search: 0, read: 0, write: 0, other: 0 };
    this.#violations = { burst: 0, search: 0, day: 0 };
    this.#maxInWindow = { burst: 0, search: 0 };
    this.#today = 0;
  }

  #exceeded(window: 'burst' | 'search', now: number): Limit | null {
    const { burst, windowMs, searchPerSecond, day } = this.#settings.limits;
    const [max, length] = window === 'burst' ? [burst, windowMs] : [searchPerSecond, 1000];
    this.#arrived[window].add(now);
    this.#maxInWindow[window] = Math.max(this.#maxInWindow[window], this.#arrived[window].count(now, length));
    if (this.#today > day) return 'day';
    if (this.#admitted[window].count(now, length) >= max) return window;
    this.#admitted[window].add(now);
    return null;
  }

  #startDay(now: number): void {
    if (now < this.#resetsAt && now >= this.#resetsAt - 50 * 3_600_000) return;
    this.#today = 0;
    this.#resetsAt = nextMidnight(now, this.#settings.timeZone);
  }
}

/** The other body in which HubSpot's 429s have been seen: a category instead of a policy. */
export function withoutPolicy(turnedAway: Answer): Answer {
  const { status, message, correlationId } = turnedAway.body as Record<string, unknown>;
  return { ...turnedAway, body: { status, message, correlationId, category: 'RATE_LIMITS' } };
}

function nextMidnight(now: number, timeZone: string): number {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone);
  return today.add({ days: 1 }).startOfDay().epochMilliseconds;
}

/**
 * Callers of one process that wait for the same thing stand in line: only the first of them asks, so that a hundred
 * waiters cost no more than one.
 */

/** What asking gave: 0 to go now, or how long to wait (ms) and how far apart turns are after that (ms). */
export interface Verdict {
  readonly waitMs: number;
  readonly paceMs: number;
  /** What the wait is for. */
  readonly reason: string;
}

interface Waiter {
  /** Monotonic ms until which this caller is willing to stand here. */
  readonly patientUntil: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** A first-come-first-served line in front of something that can be asked for one turn at a time. */
export class WaitingLine {
  readonly #ask: () => Promise<Verdict>;
  readonly #refusal: (waitMs: number, reason: string) => Error;
  readonly #waiters: Waiter[] = [];
  #serving = false;
  #wake: (() => void) | null = null;

  /** `refusal` makes the error for a caller whose turn would not come in time (or who leaves: 0 ms). */
  constructor(ask: () => Promise<Verdict>, refusal: (waitMs: number, reason: string) => Error) {
    this.#ask = ask;
    this.#refusal = refusal;
  }

  /** Resolves when it is the caller's turn; rejects when that is further off than `patienceMs`, or the signal aborts. */
  turn(patienceMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(this.#refusal(0, 'stop'));
      const settled = () => signal?.removeEventListener('abort', leave);
      const waiter: Waiter = {
        patientUntil: performance.now() + patienceMs,
        resolve() {
          settled();
          resolve();
        },
        reject(error) {
          settled();
          reject(error);
        },
      };
      const leave = () => this.#leave(waiter);
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiters.push(waiter);
      void this.#serve();
    });
  }

  async #serve(): Promise<void> {
    if (this.#serving) return;
    this.#serving = true;
    while (this.#waiters.length > 0) {
      try {
        const verdict = await this.#ask();
        if (verdict.waitMs === 0) this.#waiters.shift()?.resolve();
        else await this.#wait(verdict);
      } catch (error) {
        for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
      }
    }
    this.#serving = false;
  }

  /** Sends away those whose turn cannot come in time, and waits with the others. */
  async #wait({ waitMs, paceMs, reason }: Verdict): Promise<void> {
    const now = performance.now();
    let place = 0;
    for (const waiter of this.#waiters.splice(0)) {
      const inMs = waitMs + place * paceMs;
      if (now + inMs > waiter.patientUntil) waiter.reject(this.#refusal(inMs, reason));
      else this.#waiters.push(waiter);
      place += 1;
    }
    if (this.#waiters.length === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  #leave(waiter: Waiter): void {
    const place = this.#waiters.indexOf(waiter);
    if (place === -1) return;
    this.#waiters.splice(place, 1);
    waiter.reject(this.#refusal(0, 'stop'));
    if (this.#waiters.length === 0) this.#wake?.();
  }
}

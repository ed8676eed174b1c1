/** Trouble on the way, by seed: the same seed and the same number of calls meet the same faults. */
import { Random } from './random.ts';
import type { Settings } from './types.ts';

/** What happens to one call. */
export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'rate429'; readonly withPolicy: boolean }
  | { readonly kind: 'rate5xx'; readonly status: 500 | 502 | 503 | 504 }
  | { readonly kind: 'dropped'; readonly afterWork: boolean }
  | { readonly kind: 'cutOff' }
  | { readonly kind: 'slow' };

const NONE: Fault = { kind: 'none' };

/** The sequence of faults of one portal. */
export class Faults {
  readonly #settings: Settings;
  readonly #random: Random;
  #count = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#random = new Random(settings.seed ^ 0x5f3759df);
  }

  /** Faults injected so far. */
  get count(): number {
    return this.#count;
  }

  resetCount(): void {
    this.#count = 0;
  }

  /** What happens to the next call. Always takes two draws, so that rates may change without shifting the sequence. */
  next(): Fault {
    const draw = this.#random.next();
    const detail = this.#random.next();
    const rates = this.#settings.faults;
    let left = draw;
    for (const kind of ['rate429', 'rate5xx', 'dropped', 'cutOff', 'slow'] as const) {
      left -= rates[kind];
      if (left >= 0) continue;
      this.#count += 1;
      return fault(kind, detail);
    }
    return NONE;
  }
}

function fault(kind: Exclude<Fault['kind'], 'none'>, detail: number): Fault {
  switch (kind) {
    case 'rate5xx':
      return { kind, status: ([500, 502, 503, 504] as const)[Math.floor(detail * 4)] ?? 502 };
    case 'dropped':
      return { kind, afterWork: detail < 0.5 };
    case 'rate429':
      return { kind, withPolicy: detail < 0.7 };
    case 'cutOff':
    case 'slow':
      return { kind };
  }
}

/** The queue in memory: ids are unique, payloads are checked, errors are retried as their classes say. */
import { isHandoffError, RateLimitedError } from '../../src/errors.ts';
import type { Enqueue, EnqueueOptions, JobDefinition } from '../../src/queue/contract.ts';

interface Waiting {
  readonly job: string;
  readonly payload: unknown;
  readonly options: EnqueueOptions;
  readonly order: number;
  attempt: number;
  readyAt: number;
}

const PRIORITIES = ['live', 'deadline', 'backfill'];
const TOO_MANY_JOBS = 20_000;

/** A clock that tests move. */
export interface ManualClock {
  now(): number;
  set(now: number): void;
}

export class FakeQueue<Deps> {
  /** Every job that was taken in, in order; a second one of the same id is not among them. */
  readonly taken: { readonly job: string; readonly id: string; readonly payload: unknown }[] = [];
  /** Jobs that failed for good. */
  readonly givenUp: { readonly id: string; readonly error: Error }[] = [];
  readonly stopping = new AbortController();
  readonly #jobs: ReadonlyMap<string, JobDefinition<unknown, Deps>>;
  readonly #clock: ManualClock;
  readonly #deps: () => Deps;
  readonly #waiting = new Map<string, Waiting>();
  readonly #active = new Set<string>();
  #order = 0;

  constructor(jobs: readonly JobDefinition<unknown, Deps>[], clock: ManualClock, deps: () => Deps) {
    this.#jobs = new Map(jobs.map((job) => [job.name, job]));
    this.#clock = clock;
    this.#deps = deps;
  }

  readonly enqueue: Enqueue = async (job, payload, options) => {
    const definition = this.#definition(job);
    const parsed = definition.payload.parse(JSON.parse(JSON.stringify(payload)));
    if (options.id.includes(':')) throw new Error(`job id ${options.id} has a colon`);
    if (this.#waiting.has(options.id) || this.#active.has(options.id)) return;
    this.#order += 1;
    const readyAt = this.#clock.now() + (options.delayMs ?? 0);
    this.#waiting.set(options.id, { job, payload: parsed, options, order: this.#order, attempt: 1, readyAt });
    this.taken.push({ job, id: options.id, payload: parsed });
  };

  get waiting(): readonly string[] {
    return [...this.#waiting.keys()];
  }

  /** Everything that waits is lost, as when an engine in memory dies. */
  lose(): void {
    this.#waiting.clear();
  }

  /** Works until nothing waits, or on so many jobs; moves the clock to the next delayed one when nothing else is left. */
  async drain({ jobs = TOO_MANY_JOBS } = {}): Promise<void> {
    for (let done = 0; done < jobs; done += 1) {
      if (!(await this.#runNext(true))) return;
    }
    if (jobs === TOO_MANY_JOBS) throw new Error('the queue never runs empty');
  }

  /** One job that is ready now, if there is one; the clock stays. */
  async step(): Promise<boolean> {
    return this.#runNext(false);
  }

  async #runNext(moveClock: boolean): Promise<boolean> {
    const next = this.#next(moveClock);
    if (next === null) return false;
    const { id } = next.options;
    this.#waiting.delete(id);
    this.#active.add(id);
    try {
      await this.#run(next);
    } finally {
      this.#active.delete(id);
    }
    return true;
  }

  #next(moveClock: boolean): Waiting | null {
    const waiting = [...this.#waiting.values()];
    if (waiting.length === 0) return null;
    const now = this.#clock.now();
    const ready = waiting.filter((one) => one.readyAt <= now);
    if (ready.length === 0) {
      if (!moveClock) return null;
      this.#clock.set(Math.min(...waiting.map((one) => one.readyAt)));
      return this.#next(moveClock);
    }
    const rank = (one: Waiting) => PRIORITIES.indexOf(one.options.priority);
    return ready.sort((a, b) => rank(a) - rank(b) || a.order - b.order)[0]!;
  }

  async #run(one: Waiting): Promise<void> {
    const definition = this.#definition(one.job);
    const { signal } = this.stopping;
    try {
      const lastAttempt = one.attempt >= definition.retry.attempts;
      await definition.handle(one.payload, this.#deps(), { attempt: one.attempt, lastAttempt, signal });
    } catch (error) {
      if (signal.aborted) this.#putBack(one, 0);
      else await this.#fail(one, definition, error as Error);
    }
    if (signal.aborted) this.#putBack(one, 0);
  }

  async #fail(one: Waiting, definition: JobDefinition<unknown, Deps>, error: Error): Promise<void> {
    if (error instanceof RateLimitedError) return this.#putBack(one, error.waitMs);
    const never = isHandoffError(error) && error.retry === 'never';
    const attempts = isHandoffError(error)
      ? definition.retry.attempts
      : Math.min(2, definition.retry.attempts);
    if (!never && one.attempt < attempts) {
      const gap = Math.min(60_000, definition.retry.backoffMs * 2 ** (one.attempt - 1));
      one.attempt += 1;
      return this.#putBack(one, gap);
    }
    this.givenUp.push({ id: one.options.id, error });
    await definition.giveUp?.(one.payload, this.#deps(), error);
  }

  #putBack(one: Waiting, delayMs: number): void {
    one.readyAt = this.#clock.now() + delayMs;
    this.#waiting.set(one.options.id, one);
  }

  #definition(name: string): JobDefinition<unknown, Deps> {
    const definition = this.#jobs.get(name);
    if (definition === undefined) throw new Error(`there is no job ${name}`);
    return definition;
  }
}

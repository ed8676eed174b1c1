/** Runs one job and turns its outcome into BullMQ's terms: the only place where a retry verdict is acted upon. */
import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq';
import { isHandoffError, RateLimitedError, UnavailableError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type AnyJob, parseJob, type Registry } from './registry.ts';

/** A fault of ours rarely goes away; it gets one more chance. */
const ATTEMPTS_OF_UNKNOWN_ERRORS = 2;
const LONGEST_BACKOFF_MS = 60_000;
const SHORTEST_WAIT_MS = 100;

/** What a processor works with. */
export interface ProcessorOptions<Deps> {
  readonly registry: Registry<Deps>;
  readonly deps: Deps;
  readonly log: Logger;
  /** Aborted when this process stops. */
  readonly stopping: AbortSignal;
}

/** What the runtime hands to BullMQ. */
export interface Processor {
  process(job: Job, token: string | undefined): Promise<void>;
  /** Gives up a job that BullMQ failed without asking us: the processes that worked on it died again and again. */
  failed(job: Job, error: Error): Promise<void>;
  /** The gap before the next attempt, ms. */
  backoff(attemptsMade: number, job: { readonly name: string } | undefined): number;
}

/** The job failed for good and `giveUp` has been called. */
class GivenUpError extends UnrecoverableError {}

/** A processor for these jobs. */
export function createProcessor<Deps>(options: ProcessorOptions<Deps>): Processor {
  const { registry, stopping, log } = options;
  return {
    async process(job, token) {
      if (stopping.aborted) return putBack(job, token);
      if (!registry.has(job.name)) {
        log.warn({ job: job.name, id: job.id }, 'unknown job dropped');
        return;
      }
      const startedAt = performance.now();
      try {
        await run(job, options);
      } catch (error) {
        if (!stopping.aborted) await fail(job, token, error, performance.now() - startedAt, options);
      }
      // Whether a handler that returns while we stop has done its work or left it, it cannot tell: it is run again.
      if (stopping.aborted) await putBack(job, token);
    },
    async failed(job, error) {
      if (!(error instanceof UnrecoverableError) || error instanceof GivenUpError) return;
      if (registry.has(job.name)) await giveUp(job, new UnavailableError(error.message), options);
    },
    backoff(attemptsMade, job) {
      const base = registry.get(job?.name ?? '')?.retry.backoffMs ?? 1_000;
      const gap = Math.min(LONGEST_BACKOFF_MS, base * 2 ** (attemptsMade - 1));
      return Math.round(gap * (0.5 + Math.random() / 2));
    },
  };
}

async function run<Deps>(job: Job, { registry, deps, stopping }: ProcessorOptions<Deps>): Promise<void> {
  const { job: definition, payload } = parseJob(registry, job.name, job.data);
  const attempt = job.attemptsMade + 1;
  await definition.handle(payload, deps, {
    attempt,
    lastAttempt: attempt >= attemptsOf(definition, job),
    signal: stopping,
  });
}

/** Always throws: what it throws tells BullMQ what becomes of the job. */
async function fail<Deps>(
  job: Job,
  token: string | undefined,
  error: unknown,
  tookMs: number,
  options: ProcessorOptions<Deps>,
): Promise<never> {
  const facts = { job: job.name, id: job.id, attempt: job.attemptsMade + 1, err: error };
  if (error instanceof RateLimitedError) {
    options.log.debug(facts, 'job put off');
    await putOff(job, token, error.waitMs, tookMs);
  }
  if (mayRetry(job, error, options.registry)) {
    options.log.warn(facts, 'job failed, trying again');
    throw plain(error);
  }
  options.log.error(facts, 'job failed for good');
  await giveUp(job, error instanceof Error ? error : new Error(String(error)), options);
  throw new GivenUpError(plain(error).message);
}

function mayRetry<Deps>(job: Job, error: unknown, registry: Registry<Deps>): boolean {
  if (isHandoffError(error) && error.retry === 'never') return false;
  const definition = registry.get(job.name);
  if (definition === undefined) return false;
  const allowed = attemptsOf(definition, job);
  const attempts = isHandoffError(error) ? allowed : Math.min(allowed, ATTEMPTS_OF_UNKNOWN_ERRORS);
  return job.attemptsMade + 1 < attempts;
}

/** What the job was enqueued with counts, as it does for BullMQ. */
function attemptsOf<Deps>(definition: AnyJob<Deps>, job: Job): number {
  return job.opts.attempts ?? definition.retry.attempts;
}

async function giveUp<Deps>(
  job: Job,
  error: Error,
  { registry, deps, log }: ProcessorOptions<Deps>,
): Promise<void> {
  const definition = registry.get(job.name);
  const parsed = definition?.payload.safeParse(job.data);
  if (definition?.giveUp === undefined || parsed?.success !== true) return;
  try {
    await definition.giveUp(parsed.data, deps, error);
  } catch (err) {
    log.error({ job: job.name, id: job.id, err }, 'failure of a job not recorded');
  }
}

/** Back to the queue as it was, without counting an attempt. */
async function putBack(job: Job, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}

/** BullMQ goes by the system's clock whatever clock we are given; its own stamp of this job's start is that clock. */
async function putOff(job: Job, token: string | undefined, waitMs: number, tookMs: number): Promise<never> {
  const startedAt = job.processedOn ?? job.timestamp;
  await job.moveToDelayed(startedAt + tookMs + Math.max(SHORTEST_WAIT_MS, waitMs), token);
  throw new DelayedError();
}

/** BullMQ keeps the message in Redis: of an error that is not ours, only the name, for who knows what it says. */
function plain(error: unknown): Error {
  if (isHandoffError(error)) return new Error(error.message);
  return new Error(error instanceof Error ? error.name : 'unknown error');
}

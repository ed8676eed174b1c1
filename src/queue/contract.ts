/**
 * What a job is. The jobs themselves live in `jobs/`; the runtime in this folder runs them on BullMQ and knows nothing
 * about contacts. A payload carries the portal's name, ids and cursors, never contact data or secrets.
 */
import type { z } from 'zod';

/** What a handler knows of the attempt it is. */
export interface JobContext {
  /** 1-based. */
  readonly attempt: number;
  /** No attempt follows this one. */
  readonly lastAttempt: boolean;
  /**
   * Aborted when the worker stops; handlers return or throw soon after, leaving work that can be taken up again. However
   * they end then, the job goes back to the queue and is run again, without counting as an attempt.
   */
  readonly signal: AbortSignal;
}

/** Lower runs first. */
export type Priority = 'live' | 'deadline' | 'backfill';

/** How a job is queued. `delayMs`: not before so many ms from now. */
export interface EnqueueOptions {
  /** Deterministic id: adding a job that waits or runs under the same id does nothing. No colons. */
  readonly id: string;
  readonly priority: Priority;
  readonly delayMs?: number;
}

/** One kind of job. `Deps` is what the composition root hands in. Handlers are idempotent and may overlap. */
export interface JobDefinition<Payload, Deps> {
  readonly name: string;
  /** Checked when enqueued and again when run. */
  readonly payload: z.ZodType<Payload>;
  /** Attempts for errors whose `retry` is `backoff`; gaps double from `backoffMs`, capped at a minute. */
  readonly retry: { readonly attempts: number; readonly backoffMs: number };
  handle(payload: Payload, deps: Deps, context: JobContext): Promise<void>;
  /** Called once when a job has failed for good (attempts used up, or an error that never helps to retry). */
  giveUp?(payload: Payload, deps: Deps, error: Error): Promise<void>;
}

/** A schedule, declared once; upserted at start under a stable id. */
export interface Schedule {
  readonly id: string;
  readonly job: string;
  readonly payload: unknown;
  /** Either a cron pattern with its zone, or a fixed interval. */
  readonly at: { readonly cron: string; readonly timeZone: string } | { readonly everyMs: number };
}

/** Queues a job by name. Throws when no such job is registered, its schema refuses the payload, or the engine is away. */
export type Enqueue = (job: string, payload: unknown, options: EnqueueOptions) => Promise<void>;

import { z } from 'zod';
import { ConfigurationError } from '../errors.ts';
import type { JobDefinition } from './contract.ts';

/** A job whose payload type is known to its own schema alone. */
export type AnyJob<Deps> = JobDefinition<unknown, Deps>;

/** Job definitions by name. */
export type Registry<Deps> = ReadonlyMap<string, AnyJob<Deps>>;

/** Puts the definitions in order. Throws ConfigurationError when two have one name, or attempts make no sense. */
export function createRegistry<Deps>(jobs: readonly AnyJob<Deps>[]): Registry<Deps> {
  const registry = new Map<string, AnyJob<Deps>>();
  for (const job of jobs) {
    if (registry.has(job.name)) throw new ConfigurationError(`Two jobs are named ${job.name}: rename one.`);
    if (!Number.isInteger(job.retry.attempts) || job.retry.attempts < 1) {
      throw new ConfigurationError(
        `Job ${job.name}: retry.attempts is ${job.retry.attempts}; it must be a whole number from 1.`,
      );
    }
    registry.set(job.name, job);
  }
  return registry;
}

/** The definition of this name with the payload as its schema reads it. Throws ConfigurationError, naming what is wrong. */
export function parseJob<Deps>(
  registry: Registry<Deps>,
  name: string,
  payload: unknown,
): { readonly job: AnyJob<Deps>; readonly payload: unknown } {
  const job = registry.get(name);
  if (job === undefined) {
    throw new ConfigurationError(
      `There is no job ${name}; there are ${[...registry.keys()].join(', ') || 'none'}.`,
    );
  }
  const parsed = job.payload.safeParse(payload);
  if (parsed.success) return { job, payload: parsed.data };
  throw new ConfigurationError(`Job ${name} cannot take this payload:\n${z.prettifyError(parsed.error)}`);
}

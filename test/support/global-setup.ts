/**
 * Runs once around all tests: starts what this machine has of Redis and PostgreSQL, looks for a browser, and tells the
 * tests where they are (`inject('redisUrl')` and so on; null: not installed, so what needs it is skipped).
 */
import type { TestProject } from 'vitest/node';
import { findProgram, type Service, startPostgres, startRedis } from './services.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A real Redis or Valkey for this run. Files run at the same time: use a prefix of your own. */
    redisUrl: string | null;
    /** A real PostgreSQL for this run, as superuser. Files run at the same time: use a schema or database of your own. */
    databaseUrl: string | null;
    /** The program of an installed Chromium or Chrome. */
    chromiumPath: string | null;
  }
}

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Starts the services and returns what ends them. With HANDOFF_REQUIRE_SERVICES=1 a missing one is an error. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = await Promise.allSettled([startRedis(), startPostgres()]);
  const services = started.map((result) => (result.status === 'fulfilled' ? result.value : null));
  const stop = async (): Promise<void> => {
    await Promise.all(services.map((service: Service | null) => service?.stop()));
  };
  const chromiumPath = findProgram(BROWSERS);
  try {
    for (const result of started) if (result.status === 'rejected') throw result.reason;
    announceMissing([
      ...(services[0] ? [] : [{ name: 'Redis', packageName: 'redis-server' }]),
      ...(services[1] ? [] : [{ name: 'PostgreSQL', packageName: 'postgresql' }]),
      ...(chromiumPath ? [] : [{ name: 'Chromium', packageName: 'chromium' }]),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide('redisUrl', services[0]?.url ?? null);
  project.provide('databaseUrl', services[1]?.url ?? null);
  project.provide('chromiumPath', chromiumPath);
  return stop;
}

function announceMissing(missing: readonly { name: string; packageName: string }[]): void {
  if (missing.length === 0) return;
  const lines = missing.map(
    ({ name, packageName }) =>
      `${name} is not installed: the tests that need it are skipped (apt-get install ${packageName}).`,
  );
  if (process.env.HANDOFF_REQUIRE_SERVICES === '1') throw new Error(lines.join('\n'));
  process.stdout.write(`${lines.join('\n')}\n`);
}

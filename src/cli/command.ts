import type { Command } from 'commander';
import { InterruptedError } from '../app/sync.ts';
import { type App, openApp } from '../app.ts';
import { readEnvironment } from '../config/environment.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Config } from '../config/types.ts';
import { ConfigurationError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { type Failed, failureOf } from './failures.ts';
import type { CommonOptions, Io } from './io.ts';

/** Where the configuration is looked for. */
const DEFAULT_CONFIG = 'config/handoff.yaml';

/** The options that commands on several portals take. */
export function portalOptions(command: Command): Command {
  return configOption(command).option(
    '--portal <name>',
    'only this portal of the configuration (default: all of them)',
  );
}

/** The options that commands on one portal take. */
export function onePortalOptions(command: Command): Command {
  return configOption(command).option(
    '--portal <name>',
    'the portal; needed when the configuration names several',
  );
}

function configOption(command: Command): Command {
  return command.option('--config <file>', 'the configuration', DEFAULT_CONFIG);
}

/** The option of every command that has an answer for programs. */
export function jsonOption(command: Command): Command {
  return command.option('--json', 'print one JSON document instead of text');
}

/** Reads environment and configuration, opens the app, runs the action on the chosen portals, and closes in any case. */
export async function withApp(
  io: Io,
  options: CommonOptions,
  action: (app: App, portals: readonly string[]) => Promise<void>,
): Promise<void> {
  const environment = readEnvironment();
  const config = loadConfig(options.config, environment);
  const log = createLogger(environment.logLevel);
  for (const warning of config.warnings) io.err(`warning: ${warning}\n`);
  const portals = choosePortals(config, options.portal);
  const app = openApp({ config, environment, log });
  try {
    await action(app, portals);
  } finally {
    await app.close();
  }
}

/** The names of the portals to work on. Throws ConfigurationError for one that the configuration lacks. */
function choosePortals(config: Config, name: string | undefined): readonly string[] {
  const names = config.portals.map((portal) => portal.name);
  if (name === undefined) return names;
  if (names.includes(name)) return [name];
  throw new ConfigurationError(
    `--portal ${name}: ${config.file} has no such portal; it names ${names.join(', ')}`,
  );
}

/** For commands about one contact or one report: the only portal, or the one named. */
export function onePortal(portals: readonly string[]): string {
  const [only] = portals;
  if (only !== undefined && portals.length === 1) return only;
  throw new ConfigurationError(`name one portal with --portal: ${portals.join(', ')}`);
}

/** What stands in a JSON document for a portal that failed. */
export interface FailedPortal {
  readonly portal: string;
  readonly error: Failed['error'];
}

/**
 * Does the work for the portals in turn; one that fails does not keep the next from its turn. Its failure is said at once
 * and stands in its place among the results. With a single portal the failure is thrown, and so is a stop.
 */
export async function eachPortal<T extends object>(
  io: Io,
  portals: readonly string[],
  work: (portal: string) => Promise<T>,
): Promise<readonly (T | FailedPortal)[]> {
  const results: (T | FailedPortal)[] = [];
  for (const portal of portals) {
    try {
      results.push(await work(portal));
    } catch (thrown) {
      if (portals.length === 1 || thrown instanceof InterruptedError || io.signal.aborted) throw thrown;
      const { exitCode, text, error } = failureOf(thrown, false);
      io.exit(exitCode);
      io.err(`${portal}: ${text}\n`);
      results.push({ portal, error });
    }
  }
  return results;
}

/** The results that are none of `FailedPortal`. */
export function succeeded<T extends object>(results: readonly (T | FailedPortal)[]): readonly T[] {
  return results.filter((result): result is T => !('error' in result));
}

/** The document of a command: an object for one portal, a list for several. */
export function forPortals<T>(portals: readonly string[], results: readonly T[]): T | readonly T[] {
  const [only] = results;
  return portals.length === 1 && only !== undefined ? only : results;
}

import type { Command } from 'commander';
import { type App, openApp } from '../app.ts';
import { readEnvironment } from '../config/environment.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Config } from '../config/types.ts';
import { ConfigurationError } from '../errors.ts';
import { createLogger } from '../log.ts';
import type { CommonOptions, Io } from './io.ts';

/** Where the configuration is looked for. */
export const DEFAULT_CONFIG = 'config/handoff.yaml';

/** The options every command on a configuration takes. */
export function commonOptions(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration', DEFAULT_CONFIG)
    .option('--portal <name>', 'only this portal of the configuration (default: all of them)')
    .option('--json', 'print one JSON document instead of text');
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
export function choosePortals(config: Config, name: string | undefined): readonly string[] {
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

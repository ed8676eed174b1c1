/** The only reader of `process.env`. */
import process from 'node:process';
import { config as readDotenv } from 'dotenv';
import { z } from 'zod';
import { ConfigurationError } from '../errors.ts';
import type { Environment } from './types.ts';

/** Levels that the log knows, quietest last. */
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Every variable handoff reads by itself. README and .env.example are held against this. */
export const ENVIRONMENT = z.object({
  HUBSPOT_BASE_URL: z
    .url({
      protocol: /^https?$/,
      error: 'must be an address beginning with https:// (or http:// for a simulated portal)',
    })
    .default('https://api.hubapi.com')
    .describe("HubSpot's API; set it to a simulated portal's address to try handoff on that"),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'must be an address beginning with redis:// or rediss://' })
    .optional()
    .describe('Redis or Valkey for queue and rate gate; not set: an engine inside the process'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be an address beginning with postgresql://' })
    .optional()
    .describe('PostgreSQL for the store; not set: SQLite in HANDOFF_DATA_DIR'),
  HANDOFF_DATA_DIR: z.string().default('.handoff').describe('folder for what handoff keeps on this machine'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` })
    .default('warn')
    .describe(`how much to log to standard error: ${LOG_LEVELS.join(', ')}`),
});

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads the environment and `.env` of the working folder; what is set in the environment wins. Throws ConfigurationError with all faults. */
export function readEnvironment(): Environment {
  const fromFile: Record<string, string> = {};
  readDotenv({ quiet: true, processEnv: fromFile });
  return checkEnvironment({ ...fromFile, ...process.env });
}

/** Checks variables; an empty one counts as not set. Messages name variables, never their values. */
export function checkEnvironment(variables: Variables): Environment {
  const set = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  );
  const checked = ENVIRONMENT.safeParse(set);
  if (!checked.success) {
    const faults = checked.error.issues.map((issue) => `  - ${issue.path.join('.')} ${issue.message}`);
    throw new ConfigurationError(`The environment (or .env) cannot be used:\n${faults.join('\n')}`);
  }
  const { HUBSPOT_BASE_URL, REDIS_URL, DATABASE_URL, HANDOFF_DATA_DIR, LOG_LEVEL } = checked.data;
  return {
    hubspotBaseUrl: HUBSPOT_BASE_URL.replace(/\/+$/, ''),
    ...(REDIS_URL === undefined ? {} : { redisUrl: REDIS_URL }),
    ...(DATABASE_URL === undefined ? {} : { databaseUrl: DATABASE_URL }),
    dataDir: HANDOFF_DATA_DIR,
    logLevel: LOG_LEVEL,
    variable: (name) => set[name],
  };
}

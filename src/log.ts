/**
 * The logger: standard error, object first, a fixed sentence after; ids, never values. Secrets are redacted by name as
 * a second line of defence.
 */
import { type Logger, pino } from 'pino';

export type { Logger };

const SECRETS = ['token', 'password', 'authorization', 'url', 'redisUrl', 'databaseUrl'];

/** A logger at the given level (`trace` … `fatal`, or `silent`). Errors are reduced to code and message. */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
      serializers: { err: describeError },
    },
    pino.destination(2),
  );
}

function describeError(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: 'unknown', message: String(error) };
  return { code: String((error as { code?: unknown }).code ?? error.name), message: error.message };
}

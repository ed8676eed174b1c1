import { ConfigurationError, UnavailableError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { askInfo } from './connection.ts';

/** BullMQ's own minimum is 5.0; its advice and our script's habits are those of 6.2 (docs.bullmq.io, "Compatibility"). */
const OLDEST = [6, 2] as const;
const ANSWER_MS = 5_000;

/**
 * Asks the Redis or Valkey at REDIS_URL whether it will do, and names it for messages: host and port, no password.
 * Throws ConfigurationError for an address, password or version that cannot work, UnavailableError when nobody answers;
 * warns when it may throw away keys.
 */
export async function checkService(url: string, log: Logger): Promise<{ readonly name: string }> {
  const place = placeOf(url);
  const info = await ask(url, place);
  const version = /^redis_version:(\S+)/m.exec(info)?.[1] ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (version !== '' && (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))) {
    throw new ConfigurationError(
      `The Redis at ${place} is version ${version}; handoff needs ${OLDEST.join('.')} or newer (any Valkey will do).`,
    );
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction';
  if (policy !== 'noeviction') {
    log.warn(
      { redis: place, policy },
      'Redis may throw away queued jobs: set its maxmemory-policy to noeviction',
    );
  }
  return { name: `The Redis at ${place}` };
}

function placeOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw new ConfigurationError(
      'REDIS_URL is not the address of a Redis: write redis://[user:password@]host:port[/database], rediss:// for TLS.',
    );
  }
  return `${parsed.hostname}:${parsed.port || '6379'}`;
}

async function ask(url: string, place: string): Promise<string> {
  try {
    return await askInfo(url, ANSWER_MS);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (reason.startsWith('NOPERM')) return '';
    if (/^(WRONGPASS|NOAUTH|ERR.*(AUTH|password))/.test(reason)) {
      throw new ConfigurationError(
        `The Redis at ${place} refuses the user or password in REDIS_URL: correct it there.`,
        { cause },
      );
    }
    if (reason.startsWith('ERR DB index')) {
      throw new ConfigurationError(`The Redis at ${place} has no database of the number in REDIS_URL.`, {
        cause,
      });
    }
    throw new UnavailableError(
      `The Redis at ${place} cannot be reached (${reason}): start it or correct REDIS_URL. Without REDIS_URL handoff ` +
        'runs a queue of its own.',
      { cause },
    );
  }
}

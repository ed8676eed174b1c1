/**
 * The data folder: created for its owner alone, and used by one machine at a time, because neither SQLite's write-ahead
 * log nor an embedded queue can be shared over a network drive (sqlite.org/wal.html).
 */
import { accessSync, constants } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError, UnavailableError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Clock } from '../ports.ts';

/** How often a claim shows that its process lives, and after how long without that it no longer counts. Ms. */
const HEARTBEAT_MS = 10_000;
const FRESH_MS = 60_000;

const CLAIM = /^in-use-by\..+\.json$/;

interface Claim {
  readonly host: string;
  readonly pid: number;
  readonly since: number;
  readonly beatAt: number;
}

/** Creates the folder where needed. Throws ConfigurationError when it cannot be created or written, with the reason. */
export async function prepareFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw folderError(dir, error);
  }
}

/**
 * Claims the folder for this machine until released; processes of one machine share it. Throws ConfigurationError when
 * another machine shows signs of life in it, or it cannot be written. `host` is this machine's name.
 */
export async function claimDataFolder(
  dir: string,
  { clock, log, host = hostname() }: { readonly clock: Clock; readonly log: Logger; readonly host?: string },
): Promise<{ release(): Promise<void> }> {
  await prepareFolder(dir);
  const since = clock.now();
  const name = `in-use-by.${host.replaceAll(/[^\w.-]/g, '_')}.${process.pid}.json`;
  const file = join(dir, name);
  const beat = () => writeClaim(file, { host, pid: process.pid, since, beatAt: clock.now() });
  // Written before looking, so that of two machines that start at once at least one sees the other.
  try {
    await beat();
    await refuseOtherMachines(dir, host, clock.now());
  } catch (error) {
    await rm(file, { force: true });
    throw folderError(dir, error);
  }
  const timer = setInterval(() => {
    beat().catch((error: unknown) => log.warn({ err: error }, 'data folder claim not renewed'));
  }, HEARTBEAT_MS);
  timer.unref();
  return {
    async release() {
      clearInterval(timer);
      await rm(file, { force: true });
    },
  };
}

async function refuseOtherMachines(dir: string, host: string, now: number): Promise<void> {
  for (const name of await readdir(dir)) {
    if (!CLAIM.test(name)) continue;
    const claim = await readClaim(join(dir, name));
    if (claim === null) continue;
    const stale = now - claim.beatAt >= FRESH_MS;
    if (stale) await rm(join(dir, name), { force: true });
    if (stale || claim.host === host) continue;
    throw new ConfigurationError(
      `The data folder ${dir} is in use by machine ${claim.host} (process ${claim.pid}) since ` +
        `${new Date(claim.since).toISOString()}: stop handoff there, or set HANDOFF_DATA_DIR to a folder of this ` +
        `machine's own; to work on several machines set DATABASE_URL and REDIS_URL. If that machine is gone, try ` +
        `again in ${FRESH_MS / 1000} seconds.`,
    );
  }
}

/** Under another name first: a reader never meets half a claim. */
async function writeClaim(file: string, claim: Claim): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(claim), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function readClaim(file: string): Promise<Claim | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Claim;
  } catch {
    return null;
  }
}

function folderError(dir: string, error: unknown): Error {
  const code = (error as { code?: unknown }).code;
  if (error instanceof ConfigurationError) return error;
  if (code === 'ENOSPC') {
    return new UnavailableError(`No space left in ${dir}: free some and start again; nothing was lost.`, {
      cause: error,
    });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new ConfigurationError(
    `The data folder ${dir} cannot be used (${reason}): create it, or give this user the right to write there, or set ` +
      'HANDOFF_DATA_DIR to another one.',
    { cause: error },
  );
}

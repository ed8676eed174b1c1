/**
 * `engine.json` in the data folder says which process runs the queue there and how to reach it. It holds a password,
 * so only its owner may read it. Machines never share a folder, so a file of another machine is a leftover.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** The process that runs the engine of a data folder. */
export interface EngineEntry {
  readonly host: string;
  readonly pid: number;
  readonly port: number;
  readonly password: string;
  /** ms since 1970. */
  readonly startedAt: number;
}

/** A file that cannot be read as one is half written, for so long; after that it is a leftover. */
const HALF_WRITTEN = { looks: 20, gapMs: 25 };
/** How long whoever replaced a leftover waits to see whether another did the same at that moment, ms. */
const SETTLE_MS = 250;

/** The text of the file and what it says; null: there is none. `entry` is null when it makes no sense. */
export async function readEngineFile(
  dir: string,
): Promise<{ readonly text: string; readonly entry: EngineEntry | null } | null> {
  for (let look = 1; ; look += 1) {
    const text = await readText(dir);
    if (text === null) return null;
    const entry = parse(text);
    if (entry !== null || look === HALF_WRITTEN.looks) return { text, entry };
    await pause(HALF_WRITTEN.gapMs);
  }
}

/**
 * Makes this entry the folder's, provided that what stands there is still `leftover` (null: nothing). Of several that
 * do so at once, one succeeds; false: another was faster.
 */
export async function publishEngineFile(
  dir: string,
  entry: EngineEntry,
  leftover: string | null,
): Promise<boolean> {
  const text = JSON.stringify(entry);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if (leftover === null) return createFile(fileIn(dir), text);
  if ((await readText(dir)) !== leftover) return false;
  const draft = `${fileIn(dir)}.${randomUUID()}`;
  await createFile(draft, text);
  await rename(draft, fileIn(dir));
  await pause(SETTLE_MS);
  return (await readText(dir)) === text;
}

/** Removes the file if it is still this entry's. */
export async function removeEngineFile(dir: string, entry: EngineEntry): Promise<void> {
  if ((await readText(dir)) === JSON.stringify(entry)) await rm(fileIn(dir), { force: true });
}

/** May the process of this entry be alive? True also for one whose number another process carries by now. */
export function mayBeAlive({ host, pid }: EngineEntry): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function fileIn(dir: string): string {
  return join(dir, 'engine.json');
}

async function createFile(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readText(dir: string): Promise<string | null> {
  try {
    return await readFile(fileIn(dir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parse(text: string): EngineEntry | null {
  try {
    const { host, pid, port, password, startedAt } = JSON.parse(text) as EngineEntry;
    const sound = typeof host === 'string' && typeof password === 'string' && pid > 0 && port > 0;
    return sound ? { host, pid, port, password, startedAt } : null;
  } catch {
    return null;
  }
}

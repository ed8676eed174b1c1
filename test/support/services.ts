/**
 * Real servers for the length of a test run: a Redis and a PostgreSQL of our own, on free loopback ports, in a folder
 * that goes away with them. A keeper process ends them however the run ends, be it Ctrl-C or a kill.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chownSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Client } from 'pg';

const START_MS = 30_000;

/** A server that runs until `stop` is called or this process ends. */
export interface Service {
  readonly url: string;
  stop(): Promise<void>;
}

/** The first of these programs that PATH or one of the further folders has; null when none is installed. */
export function findProgram(names: readonly string[], furtherFolders: readonly string[] = []): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...furtherFolders];
  for (const path of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    if (isExecutable(path)) return path;
  }
  return null;
}

/** Redis or Valkey without persistence, behind a password; null when neither is installed. */
export async function startRedis(): Promise<Service | null> {
  const program = findProgram(['redis-server', 'valkey-server']);
  if (program === null) return null;
  const folder = mkdtempSync(join(tmpdir(), 'handoff-redis-'));
  const port = await freePort();
  const password = randomBytes(12).toString('hex');
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--requirepass', password, '--dir', folder];
  const server = launch(program, [...settings, '--save', '', '--appendonly', 'no'], folder, 'KILL');
  const url = `redis://:${password}@127.0.0.1:${port}`;
  return running('Redis', url, server, () => redisAnswers(url));
}

/** PostgreSQL on a cluster of its own, without fsync; null when it is not installed. */
export async function startPostgres(): Promise<Service | null> {
  const initdb = findProgram(['initdb'], debianPostgresFolders());
  const program = findProgram(['postgres'], debianPostgresFolders());
  if (initdb === null || program === null) return null;
  const user = unprivilegedUser();
  const password = randomBytes(12).toString('hex');
  const folder = createCluster(initdb, password, user);
  const port = await freePort();
  const settings = [
    ...['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'],
    ...[`unix_socket_directories=${folder}`, 'listen_addresses=127.0.0.1', `port=${port}`],
  ].flatMap((setting) => ['-c', setting]);
  const server = launch(program, ['-D', join(folder, 'data'), ...settings], folder, 'QUIT', user);
  const url = `postgresql://handoff:${password}@127.0.0.1:${port}/postgres`;
  return running('PostgreSQL', url, server, () => postgresAnswers(url));
}

function createCluster(initdb: string, password: string, user?: User): string {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-postgres-'));
  const passwordFile = join(folder, 'password');
  const access = ['--username=handoff', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const shape = [`--pgdata=${join(folder, 'data')}`, '--encoding=UTF8', '--locale=C', '--no-sync'];
  try {
    writeFileSync(passwordFile, password);
    if (user) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid);
    execFileSync(initdb, [...access, ...shape], { ...user, cwd: folder, stdio: 'pipe' });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

interface Launched {
  readonly process: ChildProcess;
  readonly keeper: ChildProcess;
  readonly log: string;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Ends the server and removes its folder once its own standard input closes, that is, when this process lets go. */
const KEEPER = `
while read -r line; do :; done
kill -$1 $2
n=0; while kill -0 $2 2>/dev/null && [ $n -lt 50 ]; do n=$((n + 1)); sleep 0.1; done
rm -rf "$3"`;

function launch(
  program: string,
  args: string[],
  folder: string,
  endWith: 'KILL' | 'QUIT',
  user?: User,
): Launched {
  const log = join(folder, 'log');
  const output = openSync(log, 'a');
  const child = spawn(program, args, {
    ...user,
    cwd: folder,
    detached: true,
    stdio: ['ignore', output, output],
  });
  child.on('error', (error) => writeFileSync(log, `${error.message}\n`));
  const keeper = spawn('sh', ['-c', KEEPER, 'keeper', endWith, `${child.pid}`, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  return { process: child, keeper, log };
}

async function running(
  name: string,
  url: string,
  server: Launched,
  answers: () => Promise<boolean>,
): Promise<Service> {
  const giveUpAt = Date.now() + START_MS;
  while (!(await answers())) {
    if (isAlive(server.process) && Date.now() < giveUpAt) {
      await wait(50);
      continue;
    }
    const log = readFileSync(server.log, 'utf8').slice(-2000);
    await stop(server);
    throw new Error(`${name} is installed but did not start. The end of what it said:\n${log}`);
  }
  return { url, stop: () => stop(server) };
}

async function stop(server: Launched): Promise<void> {
  if (!isAlive(server.keeper)) return;
  const ended = new Promise((resolve) => server.keeper.once('exit', resolve));
  server.keeper.stdin?.end();
  await ended;
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function redisAnswers(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

async function postgresAnswers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** PostgreSQL refuses to run as root; a run as root borrows another user. */
function unprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (what: string) => Number(execFileSync('id', [what, name], { stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {}
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and there is neither a user "postgres" nor "nobody" to run it as.',
  );
}

/** Debian keeps the server's programs out of PATH. */
function debianPostgresFolders(): string[] {
  const base = '/usr/lib/postgresql';
  try {
    const versions = readdirSync(base).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(base, version, 'bin'));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { ConfigurationError, UnavailableError } from '../../src/errors.ts';
import { type Engine, openEngine } from '../../src/queue/engine.ts';
import { type Child, clock, open, startChild, tempFolder } from './support.ts';

const redisUrl = inject('redisUrl');
const engines: Engine[] = [];
const children: Child[] = [];
let folder: ReturnType<typeof tempFolder>;

beforeEach(() => {
  folder = tempFolder();
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    await child.ended;
  }
  for (const engine of engines.splice(0)) await engine.close();
  folder.remove();
});

async function opened(url?: string): Promise<Engine> {
  const engine = await open(folder.dir, url);
  engines.push(engine);
  return engine;
}

function hold(): Child {
  const child = startChild('hold-engine.ts', { dir: folder.dir });
  children.push(child);
  return child;
}

const engineFile = () => join(folder.dir, 'engine.json');

describe('the engine of a data folder', () => {
  it('runs in the first process, which leaves a note for its owner alone and takes it away', async () => {
    const engine = await opened();
    expect(engine.kind).toBe('embedded');
    expect(statSync(engineFile()).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(engineFile(), 'utf8'))).toMatchObject({
      host: hostname(),
      pid: process.pid,
      port: expect.any(Number),
      password: expect.stringMatching(/^.{20,}$/),
    });
    await engine.close();
    await engine.close();
    expect(() => statSync(engineFile())).toThrow(/ENOENT/);
  });

  it('is joined by a second process', async () => {
    const engine = await opened();
    const child = hold();
    expect(await child.next()).toEqual({ kind: 'joined', pid: child.pid, answers: 'PONG' });
    expect(await engine.connect('producer').get('opened')).toBe('1');
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)('%s of its process: those who joined are told', async (signal) => {
    const owner = hold();
    await owner.next();
    const engine = await opened();
    const loss = new Promise<Error>((resolve) => engine.onLost(resolve));
    const waiting = engine.connect('worker').blpop('nothing', 0);
    const rejected = expect(waiting).rejects.toThrow();
    owner.kill(signal);
    const error = await loss;
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error.message).toContain(`(${owner.pid}) has stopped`);
    expect(error.message).toContain('start this command again');
    await rejected;
    expect(() => engine.connect('producer')).toThrow(error);
    const after = new Promise<Error>((resolve) => engine.onLost(resolve));
    expect(await after).toBe(error);
  });

  it('is lost to those who joined when its process closes it', async () => {
    const owner = await opened();
    const child = hold();
    await child.next();
    await owner.close();
    expect(await child.next()).toEqual({
      lost: expect.stringContaining('start this command again'),
      code: 'unavailable',
    });
  });

  it('is not lost to who closes it', async () => {
    await opened();
    const joined = await opened();
    expect(joined.kind).toBe('joined');
    const told: Error[] = [];
    joined.onLost((error) => told.push(error));
    await joined.close();
    await engines[0]?.close();
    expect(told).toEqual([]);
  });

  it('is taken over when its process was killed', async () => {
    const owner = hold();
    await owner.next();
    owner.kill('SIGKILL');
    await owner.ended;
    expect(statSync(engineFile()).isFile()).toBe(true);
    expect((await opened()).kind).toBe('embedded');
    expect((await opened()).kind).toBe('joined');
  });

  it.each([
    ['of another machine', { host: 'elsewhere', pid: 1, port: 1, password: 'p', startedAt: 0 }],
    ['whose port is closed', { host: hostname(), pid: process.pid, port: 1, password: 'p', startedAt: 0 }],
    ['that makes no sense', { host: 7 }],
  ])('is taken over from a note %s', async (_, note) => {
    writeFileSync(engineFile(), JSON.stringify(note));
    expect((await opened()).kind).toBe('embedded');
    expect(JSON.parse(readFileSync(engineFile(), 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it('is taken over from a note cut short', async () => {
    writeFileSync(engineFile(), '{"host":');
    expect((await opened()).kind).toBe('embedded');
  });

  it('is taken over when the port answers to another password', async () => {
    const other = tempFolder();
    const stranger = await open(other.dir, undefined);
    const { port } = JSON.parse(readFileSync(join(other.dir, 'engine.json'), 'utf8')) as { port: number };
    writeFileSync(
      engineFile(),
      JSON.stringify({ host: hostname(), pid: process.pid, port, password: 'p', startedAt: 0 }),
    );
    expect((await opened()).kind).toBe('embedded');
    await stranger.close();
    other.remove();
  });

  it('is not taken from a process that lives but does not answer', async () => {
    const { port, close } = await listen((socket) => socket.resume());
    const note = { host: hostname(), pid: process.pid, port, password: 'p', startedAt: 0 };
    writeFileSync(engineFile(), JSON.stringify(note));
    await expect(opened()).rejects.toThrow(`Process ${process.pid} runs the queue`);
    await close();
  });

  it.each([
    ['an empty folder', undefined],
    [
      'a folder with a leftover',
      { host: hostname(), pid: 999_999_999, port: 1, password: 'p', startedAt: 0 },
    ],
  ])('of several that start at once on %s one runs it, the others join', async (_, note) => {
    if (note !== undefined) writeFileSync(engineFile(), JSON.stringify(note));
    const all = Array.from({ length: 5 }, hold);
    const kinds = (await Promise.all(all.map((child) => child.next()))) as { kind: string; pid: number }[];
    expect(kinds.map(({ kind }) => kind).toSorted()).toEqual(['embedded', ...Array(4).fill('joined')]);
    const engine = await opened();
    expect(engine.kind).toBe('joined');
    expect(await engine.connect('producer').get('opened')).toBe('5');
    const { pid } = JSON.parse(readFileSync(engineFile(), 'utf8')) as { pid: number };
    expect(kinds.find(({ kind }) => kind === 'embedded')?.pid).toBe(pid);
  });

  it('says why when the folder cannot be written', async () => {
    const file = join(folder.dir, 'file');
    writeFileSync(file, '');
    await expect(open(join(file, 'folder'), undefined)).rejects.toThrow(ConfigurationError);
  });
});

describe.skipIf(redisUrl === null)('the engine at REDIS_URL', () => {
  it('is used, and leaves nothing in the data folder', async () => {
    const engine = await opened(redisUrl!);
    expect(engine.kind).toBe('services');
    expect(await engine.connect('producer').ping()).toBe('PONG');
    expect(() => statSync(engineFile())).toThrow(/ENOENT/);
  });

  it.each([
    ['a wrong password', (url: URL) => Object.assign(url, { password: 'guessed-secret' })],
    ['no password', (url: URL) => Object.assign(url, { password: '' })],
    ['an unknown user', (url: URL) => Object.assign(url, { username: 'nobody' })],
  ])('is refused with %s, naming the place and no secret', async (_, change) => {
    const url = change(new URL(redisUrl!));
    const error = await opened(url.href).catch((reason: unknown) => reason as Error);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toContain(url.host);
    expect((error as Error).message).toContain('REDIS_URL');
    if (url.password !== '') expect((error as Error).message).not.toContain(url.password);
  });

  it('is refused for a database that it has not', async () => {
    await expect(opened(`${redisUrl}/99`)).rejects.toThrow(/no database/);
  });
});

describe('a REDIS_URL that leads nowhere', () => {
  it.each(['localhost:6379', 'http://localhost', 'redis://', 'my-redis'])('%s is no address', async (url) => {
    await expect(opened(url)).rejects.toThrow(ConfigurationError);
    await expect(opened(url)).rejects.toThrow('redis://[user:password@]host:port');
  });

  it('is reported with its place and what to do, without the password', async () => {
    const { port, close } = await listen(() => {});
    await close();
    const error = await opened(`redis://:my-secret@127.0.0.1:${port}`).catch(
      (reason: unknown) => reason as Error,
    );
    expect(error).toBeInstanceOf(UnavailableError);
    expect(String(error)).toContain(`127.0.0.1:${port}`);
    expect(String(error)).toContain('REDIS_URL');
    expect(String(error)).not.toContain('my-secret');
  });

  it('is given up when nobody answers there', async () => {
    const { port, close } = await listen((socket) => socket.resume());
    await expect(opened(`redis://127.0.0.1:${port}`)).rejects.toThrow(UnavailableError);
    await close();
  });

  it('is refused when the server is too old', async () => {
    const { port, close } = await listen(answering('redis_version:5.0.14'));
    await expect(opened(`redis://127.0.0.1:${port}`)).rejects.toThrow(/version 5\.0\.14.*6\.2/);
    await close();
  });

  it('is used with a warning when the server may throw away keys', async () => {
    const { port, close } = await listen(answering('redis_version:7.2.0\r\nmaxmemory_policy:allkeys-lru'));
    let logged = '';
    const sink = new Writable({
      write(chunk, _encoding, done) {
        logged += chunk;
        done();
      },
    });
    const redisUrl = `redis://127.0.0.1:${port}`;
    const engine = await openEngine({ redisUrl, dataDir: folder.dir, clock, log: pino(sink) });
    await engine.close();
    expect(logged).toContain('noeviction');
    await close();
  });
});

describe('an engine that is away', () => {
  it('fails a producer soon and clearly', async () => {
    const place = await listen(answering('redis_version:7.2.0'));
    const engine = await opened(`redis://127.0.0.1:${place.port}`);
    const redis = engine.connect('producer');
    await redis.info();
    await place.close();
    await expect(redis.ping()).rejects.toThrow();
  });
});

type Answer = (socket: import('node:net').Socket) => void;

/** A server on a free port. */
async function listen(answer: Answer): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<import('node:net').Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Plays a Redis that knows INFO and says yes to everything else. */
function answering(info: string): Answer {
  return (socket) => {
    socket.on('data', (chunk) => {
      for (const command of String(chunk).split(/(?=^\*\d+\r$)/m)) {
        const isInfo = /\r\ninfo\r\n/i.test(command);
        socket.write(isInfo ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
      }
    });
  };
}

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type EmbeddedValkey, startEmbeddedValkey } from '../../src/queue/embedded-valkey.ts';

const servers: EmbeddedValkey[] = [];
const clients: Redis[] = [];

async function start(): Promise<EmbeddedValkey> {
  const server = await startEmbeddedValkey('secret', () => {});
  servers.push(server);
  return server;
}

function connect(server: EmbeddedValkey, password?: string): Redis {
  const client = new Redis({
    host: server.host,
    port: server.port,
    ...(password === undefined ? {} : { password }),
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  client.on('error', () => {});
  clients.push(client);
  return client;
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  for (const server of servers.splice(0)) await server.stop();
});

describe('the embedded server', () => {
  it('answers with the password, and not without', async () => {
    const server = await start();
    expect(await connect(server, 'secret').ping()).toBe('PONG');
    await expect(connect(server).get('key')).rejects.toThrow(/NOAUTH/);
    await expect(connect(server, 'guessed').get('key')).rejects.toThrow(/WRONGPASS|NOAUTH/);
  });

  it('listens on the loopback interface alone', async () => {
    expect((await start()).host).toBe('127.0.0.1');
  });

  it('takes values larger than one read, many commands at once, and scripts', async () => {
    const client = connect(await start(), 'secret');
    const large = 'x'.repeat(2_000_000);
    await client.set('large', large);
    expect(await client.get('large')).toBe(large);
    await Promise.all(Array.from({ length: 2_000 }, () => client.incr('count')));
    expect(await client.get('count')).toBe('2000');
    expect(await client.eval("return redis.call('GET', KEYS[1])", 1, 'count')).toBe('2000');
  });

  it('answers when it is asked, not when its clock ticks', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    try {
      const client = connect(await start(), 'secret');
      for (let i = 0; i < 20; i += 1) await client.incr('count');
      expect(await client.get('count')).toBe('20');
      expect(vi.getTimerCount()).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('runs several times in one process, apart from each other', async () => {
    const [one, other] = [connect(await start(), 'secret'), connect(await start(), 'secret')];
    await one.set('key', 'one');
    expect(await other.get('key')).toBeNull();
  });

  it('wakes a caller that blocks when another brings what it waits for', async () => {
    const server = await start();
    const waiting = connect(server, 'secret').blpop('list', 0);
    await connect(server, 'secret').rpush('list', 'value');
    expect(await waiting).toEqual(['list', 'value']);
  });

  it('stops with connections open, and stopping twice does no harm', async () => {
    const server = await start();
    const client = connect(server, 'secret');
    await client.ping();
    const ended = new Promise((resolve) => client.once('end', resolve));
    await server.stop();
    await server.stop();
    await ended;
    await expect(client.ping()).rejects.toThrow();
  });
});

describe('a process that has stopped its server', () => {
  it('ends by itself, having printed nothing but its own warnings', async () => {
    const script = join(import.meta.dirname, 'children', 'start-and-stop.ts');
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script]);
    expect(stdout).toBe('PONG\n');
    expect(stderr).toContain('Warning: of the process itself');
    expect(stderr).not.toMatch(/WASI|valkey/i);
  });
});

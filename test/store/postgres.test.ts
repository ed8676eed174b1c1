import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Client } from 'pg';
import { afterAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { ConfigurationError, UnavailableError } from '../../src/errors.ts';
import { createLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/open-store.ts';
import { type Place, storeContract } from './contract.ts';
import { aSaved } from './samples.ts';

const databaseUrl = inject('databaseUrl');
const clock = { now: () => 0 };
const log = createLogger('silent');
const open = (url: string) => openStore({ databaseUrl: url, dataDir: 'unused', clock, log });

describe.skipIf(databaseUrl === null)('the PostgreSQL store', () => {
  storeContract({
    newPlace: async () => newSchema(),
    open: ({ options }) => openStore({ ...options, clock, log }),
  });

  const schema = newSchema();
  afterAll(() => schema.remove());

  it('says when the server cannot be reached', async () => {
    const refused = open('postgresql://someone:s3cret@127.0.0.1:1/leads');
    await expect(refused).rejects.toThrow(UnavailableError);
    await expect(refused).rejects.toThrow(
      /^PostgreSQL at 127\.0\.0\.1:1, database leads cannot be reached \(.*ECONNREFUSED/,
    );
    await expect(refused).rejects.not.toThrow('s3cret');
  });

  it('says when the password is wrong, without repeating it', async () => {
    const refused = open(changed({ password: 's3cret' }));
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(
      'database postgres refuses the user or password: check DATABASE_URL.',
    );
    await expect(refused).rejects.not.toThrow('s3cret');
  });

  it('says when the database is missing', async () => {
    const refused = open(changed({ pathname: '/nowhere' }));
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow('database nowhere does not exist');
  });

  it('says when the user may not create the tables', async () => {
    await admin("create role bystander login password 'word'");
    const url = changed({ username: 'bystander', password: 'word' });
    const refused = open(url);
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow('grant it CREATE on the database');
  });

  it.each(['', 'mysql://localhost/leads', 'localhost:5432'])(
    'does not take "%s" for an address',
    async (url) => {
      await expect(open(url)).rejects.toThrow(ConfigurationError);
    },
  );

  it('survives the loss of its connections, in the middle of work too', async () => {
    const store = await open(schema.options.databaseUrl!);
    onTestFinished(() => store.close());
    const blocker = new Client({ connectionString: databaseUrl! });
    await blocker.connect();
    await blocker.query(`begin; lock table ${schema.name}.contact`);
    const waiting = store.save('acme', [aSaved('1')]);
    const refused = expect(waiting).rejects.toThrow(UnavailableError);
    let ended = 0;
    while (ended === 0) {
      const { rows } = await blocker.query(
        `select pg_terminate_backend(pid) from pg_locks where not granted and relation = '${schema.name}.contact'::regclass`,
      );
      ended = rows.length;
    }
    await refused;
    await blocker.query('rollback');
    await blocker.end();
    await store.save('acme', [aSaved('2')]);
    expect(await store.ids('acme', null, 9)).toEqual(['2']);
  });

  it('works again once the server is back', async () => {
    const { hostname, port } = new URL(databaseUrl!);
    const server = new Doorway(hostname, Number(port));
    const door = await server.open(0);
    const url = changed({ port: String(door) }, schema.options.databaseUrl!);
    const store = await open(url);
    onTestFinished(() => store.close());
    await store.setState('acme', 'key', 'value');
    await server.close();
    await expect(store.getState('acme', 'key')).rejects.toThrow(UnavailableError);
    await server.open(door);
    expect(await store.getState('acme', 'key')).toBe('value');
    await server.close();
  });
});

/** A way to the server that can be shut. */
class Doorway {
  readonly #host: string;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  async open(port: number): Promise<number> {
    this.#server = createServer((socket) => {
      const through = connect(this.#port, this.#host);
      for (const end of [socket, through]) {
        this.#sockets.add(end);
        end.on('error', () => {});
      }
      socket.pipe(through).pipe(socket);
    });
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  async close(): Promise<void> {
    const closed = once(this.#server!, 'close');
    this.#server!.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    await closed;
  }
}

function changed(change: Partial<URL>, url: string = databaseUrl!): string {
  return Object.assign(new URL(url), change).href;
}

async function admin(statement: string, schema = 'public'): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: databaseUrl!, options: `-c search_path=${schema}` });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

let schemas = 0;

function newSchema(): Place & { readonly name: string } {
  schemas += 1;
  const name = `store_test_${schemas}`;
  const url = new URL(databaseUrl ?? 'postgresql://nowhere');
  url.searchParams.set('schema', name);
  return {
    name,
    options: { databaseUrl: url.href, dataDir: 'unused' },
    query: (statement) => admin(statement, name),
    async tables() {
      const rows = await admin(`select tablename from pg_tables where schemaname = '${name}' order by 1`);
      return rows.map(({ tablename }) => String(tablename));
    },
    remove: async () => {
      await admin(`drop schema if exists ${name} cascade`);
    },
  };
}

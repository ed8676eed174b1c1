/** Starts an embedded server, uses it, stops it while connected, and has nothing more to do. */
import { Redis } from 'ioredis';
import { startEmbeddedValkey } from '../../../src/queue/embedded-valkey.ts';

const server = await startEmbeddedValkey('secret', (error) => {
  throw error;
});
const client = new Redis({ port: server.port, password: 'secret', retryStrategy: () => null });
client.on('error', () => {});
process.stdout.write(`${await client.ping()}\n`);
process.emitWarning('of the process itself');
await server.stop();

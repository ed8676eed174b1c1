/** Works on the queue, says when it has taken a job, and never finishes it. Stops on SIGTERM. */
import { z } from 'zod';
import { createLogger } from '../../../src/log.ts';
import { openEngine } from '../../../src/queue/engine.ts';
import { startRuntime } from '../../../src/queue/runtime.ts';

interface Settings {
  readonly url?: string;
  readonly dir: string;
  readonly prefix: string;
}

const { url, dir, prefix } = JSON.parse(process.argv[2] ?? '{}') as Settings;
const log = createLogger('silent');
const say = (words: object) => process.stdout.write(`${JSON.stringify(words)}\n`);

const engine = await openEngine({ redisUrl: url, dataDir: dir, clock: { now: () => Date.now() }, log });
const runtime = await startRuntime({
  engine,
  jobs: [
    {
      name: 'work',
      payload: z.unknown(),
      retry: { attempts: 1, backoffMs: 1 },
      async handle() {
        say({ taken: true });
        await new Promise(() => {});
      },
    },
  ],
  deps: null,
  concurrency: 2,
  log,
  prefix,
  takeOver: { lockMs: 1_000, lookMs: 200 },
});
say({ kind: engine.kind });
runtime.lost.catch(async (error: Error) => {
  await runtime.stop(0);
  await engine.close();
  say({ lost: error.message });
  process.exitCode = 3;
});
process.once('SIGTERM', async () => {
  await runtime.stop(0);
  await engine.close();
  say({ stopped: true });
});

/** Opens the engine of a folder, says what it got and holds it until its input ends; tells when it is lost. */
import { createLogger } from '../../../src/log.ts';
import { openEngine } from '../../../src/queue/engine.ts';

const { dir } = JSON.parse(process.argv[2] ?? '{}') as { dir: string };
const say = (words: object) => process.stdout.write(`${JSON.stringify(words)}\n`);

const engine = await openEngine({
  dataDir: dir,
  clock: { now: () => Date.now() },
  log: createLogger('silent'),
});
const redis = engine.connect('producer');
await redis.incr('opened');
say({ kind: engine.kind, pid: process.pid, answers: await redis.ping() });
engine.onLost((error) => say({ lost: error.message, code: error.code }));
process.stdin.resume().once('end', async () => {
  await engine.close();
  say({ closed: true });
});

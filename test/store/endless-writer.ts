/** A process that saves the same contacts over and over, a new round each time, and tells each round once it is kept. */
import { createLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/open-store.ts';
import { aPass, aSaved } from './samples.ts';

const [dataDir = '', databaseUrl = '', portal = '', rounds = '1'] = process.argv.slice(2);
const store = await openStore({
  databaseUrl: databaseUrl === '' ? undefined : databaseUrl,
  dataDir,
  clock: { now: () => 0 },
  log: createLogger('silent'),
});
for (let round = 1; round <= Number(rounds); round += 1) {
  const passes = [aPass(1, { openedAt: round }), aPass(2, { openedAt: round })];
  const saved = Array.from({ length: 50 }, (_, index) =>
    aSaved(String(index + 1), { contact: { updatedAt: round }, facts: { passes } }),
  );
  await store.save(portal, saved);
  process.stdout.write(`${round}\n`);
}
await store.close();

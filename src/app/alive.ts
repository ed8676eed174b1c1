import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../app.ts';

const BEAT_MS = 15_000;

/** The file a health check looks at: touched while store and queue answer. */
const ALIVE_FILE = 'work-alive';

/** Touches the file every 15 s, as long as store and queue answer. Failures are logged and end in a stale file. */
export function keepAlive(app: App): { stop(): void } {
  const file = join(app.environment.dataDir, ALIVE_FILE);
  async function beat(): Promise<void> {
    try {
      const store = await app.store();
      const gate = await app.gate();
      const { name = '' } = app.config.portals[0] ?? {};
      await Promise.all([store.unfinishedRun(name), gate.state(name)]);
      const now = app.clock.now() / 1_000;
      await writeFile(file, '', { flag: 'a' });
      await utimes(file, now, now);
    } catch (err) {
      app.log.warn({ err }, 'sign of life not given');
    }
  }
  void beat();
  const timer = setInterval(() => void beat(), BEAT_MS);
  return { stop: () => clearInterval(timer) };
}

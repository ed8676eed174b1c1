import type { Command } from 'commander';
import { keepAlive } from '../app/alive.ts';
import { schedulesOf } from '../app/schedules.ts';
import type { App } from '../app.ts';
import { jsonOption, portalOptions, withApp } from './command.ts';
import { type CommonOptions, type Io, printJson } from './io.ts';

/** Jobs at once: some per portal, so that one that waits for its quota does not hold up the others. */
const PER_PORTAL = 8;
const AT_MOST = 128;

/** `handoff work`: schedules, workers and deadlines, until told to stop. */
export function addWorkCommand(program: Command, io: Io): void {
  jsonOption(
    portalOptions(
      program
        .command('work')
        .summary('run in the background: schedules, workers, deadlines')
        .description(
          'Polls every portal on its schedule, runs full syncs and scorecards, and watches deadlines to the minute.\n' +
            'Start it as often as you like on one Redis: they share the work. SIGTERM stops it cleanly.\n' +
            'With --json it prints one document when it has stopped.',
        ),
    ),
  ).action((options: CommonOptions) =>
    withApp(io, options, async (app, portals) => {
      await work(app, portals, io);
      if (options.json === true) printJson(io, { portals, stopped: true });
    }),
  );
}

async function work(app: App, portals: readonly string[], io: Io): Promise<void> {
  const concurrency = Math.min(AT_MOST, PER_PORTAL * portals.length);
  const { runtime, deps } = await app.startWorkers(concurrency);
  const ours = (id: string) => portals.some((portal) => id.startsWith(`${portal}.`));
  await runtime.schedule(await schedulesOf(app, portals), ours);
  for (const portal of portals) {
    const options = { id: `${portal}.start.${app.clock.now()}`, priority: 'live' } as const;
    await deps.enqueue('start-run', { portal, mode: 'changes', join: true }, options);
  }
  io.err(`handoff works on ${portals.join(', ')}. Ctrl-C or SIGTERM stops it.\n`);
  const alive = keepAlive(app);
  try {
    await Promise.race([aborted(io.signal), runtime.lost]);
  } finally {
    alive.stop();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Where everything meets: adapters are made from the configuration and handed to the jobs. Open, use, close; what a
 * command does not touch is not started (a report needs no queue).
 */
import type { JobDeps } from '../jobs/deps.ts';
import { JOBS } from '../jobs/index.ts';
import { createParts, type Parts } from './app/parts.ts';
import { cachePerPortal, interpretPortal, type PortalView, toWork, viewPortal } from './app/portals.ts';
import { createTelling } from './app/telling.ts';
import type { Config, Environment, PortalConfig } from './config/types.ts';
import { ConfigurationError, isHandoffError } from './errors.ts';
import type { Logger } from './log.ts';
import type { Clock, FactStore, HubSpot, RateGate } from './ports.ts';
import { type Runtime, startRuntime } from './queue/runtime.ts';

/** The system's clock, ms since 1970. */
const systemClock: Clock = { now: () => Date.now() };

/** What an app is made of; `clock` is the system's unless given. */
export interface AppOptions {
  readonly config: Config;
  readonly environment: Environment;
  readonly log: Logger;
  readonly clock?: Clock;
}

/** Everything a command needs. Parts are opened when first asked for and closed together. */
export interface App {
  readonly config: Config;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly log: Logger;
  store(): Promise<FactStore>;
  gate(): Promise<RateGate>;
  portalConfig(name: string): PortalConfig;
  hubspot(name: string): Promise<HubSpot>;
  /** Account, stages and rules as they stand in HubSpot; kept for some minutes, and remembered in the store. */
  view(name: string): Promise<PortalView>;
  /** The same from the store, without asking HubSpot; null: it was never asked. */
  rememberedView(name: string): Promise<PortalView | null>;
  /** Creates what is missing of our properties; returns the names created. Once per portal. */
  prepare(name: string): Promise<readonly string[]>;
  /** Starts workers in this process. `deps` is what their jobs are handed. */
  startWorkers(concurrency: number): Promise<{ readonly runtime: Runtime; readonly deps: JobDeps }>;
  /** Stops workers, then closes queue and store. Always finishes. */
  close(): Promise<void>;
}

/** An app over a checked configuration. Nothing is opened yet. */
export function openApp({ config, environment, log, clock = systemClock }: AppOptions): App {
  function portalConfig(name: string): PortalConfig {
    const found = config.portals.find((portal) => portal.name === name);
    if (found !== undefined) return found;
    throw new ConfigurationError(
      `${config.file} has no portal ${name}; restart handoff after changing the file`,
    );
  }
  const parts = createParts({ environment, clock, log, portalConfig });
  const { store, gate, hubspot } = parts;

  const view = cachePerPortal(clock, async (name) => {
    const seen = await viewPortal(portalConfig(name), await hubspot(name));
    await rememberView(await store(), name, seen);
    await learnDay(await hubspot(name));
    return seen;
  });
  const app: App = {
    ...{ config, environment, clock, log, store, gate, portalConfig, hubspot, view },
    prepare: cachePerPortal(clock, async (name) => (await hubspot(name)).portal.ensureProperties()),
    async rememberedView(name) {
      const remembered = await (await store()).getState(name, VIEW_KEY);
      return remembered === null ? null : interpretPortal(portalConfig(name), JSON.parse(remembered));
    },
    startWorkers: (concurrency) => startWorkers(app, parts, concurrency),
    close: parts.close,
  };
  return app;
}

async function startWorkers(
  app: App,
  parts: Parts,
  concurrency: number,
): Promise<{ readonly runtime: Runtime; readonly deps: JobDeps }> {
  const { clock, log } = app;
  const telling = createTelling(app);
  const deps: JobDeps = {
    ...{ store: await app.store(), clock, log },
    enqueue: (job, payload, options) => runtime.enqueue(job, payload, options),
    async portal(name) {
      await app.prepare(name);
      return toWork(await app.view(name), await app.hubspot(name));
    },
    sendScorecard: telling.scorecard,
    tellChanges: telling.changes,
    tellFailure: telling.failure,
  };
  const engine = await parts.engine();
  const prefix = await parts.queuePrefix();
  const runtime = await startRuntime({
    ...{ engine, jobs: JOBS, deps, concurrency, log, prefix, takeOver: TAKE_OVER },
  });
  parts.closing(async () => {
    await runtime.stop();
    await telling.flush();
  });
  return { runtime, deps };
}

/** How soon the work of a process that was killed is taken over by another: its lock runs out, and others look for that. */
const TAKE_OVER = { lockMs: 15_000, lookMs: 5_000 } as const;

/** What is remembered of a portal's own set-up, for commands that do not ask HubSpot. */
const VIEW_KEY = 'view';

async function rememberView(store: FactStore, name: string, { account, stages }: PortalView): Promise<void> {
  await store.setState(name, VIEW_KEY, JSON.stringify({ account, stages }));
  if (account.portalId !== null) await store.savePortal(name, { portalId: account.portalId });
}

/** When the day ends is told by the account alone; the gate must know before a daily limit is met. Not every token may ask. */
async function learnDay({ portal }: HubSpot): Promise<void> {
  try {
    await portal.dailyUse();
  } catch (error) {
    if (!isHandoffError(error)) throw error;
  }
}

/**
 * Where everything meets: adapters are made from the configuration and handed to the jobs. Open, use, close; what a
 * command does not touch is not started (a report needs no queue).
 */
import type { JobDeps } from '../jobs/deps.ts';
import { JOBS } from '../jobs/index.ts';
import { cachePerPortal, interpretPortal, type PortalView, toWork, viewPortal } from './app/portals.ts';
import { createTelling } from './app/telling.ts';
import type { Config, Environment, PortalConfig } from './config/types.ts';
import { ConfigurationError } from './errors.ts';
import { createHubSpot } from './hubspot/hubspot.ts';
import type { Logger } from './log.ts';
import type { Clock, FactStore, HubSpot, RateGate } from './ports.ts';
import { openEngine } from './queue/engine.ts';
import { createRateGate } from './queue/rate-gate.ts';
import { type Runtime, startRuntime } from './queue/runtime.ts';
import { claimDataFolder } from './store/data-folder.ts';
import { openStore } from './store/open-store.ts';

/** The system's clock, ms since 1970. */
export const systemClock: Clock = { now: () => Date.now() };

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
  const closers: (() => Promise<void>)[] = [];
  const closing = (close: () => Promise<void>) => closers.unshift(close);

  const folder = once(async () => {
    const claim = await claimDataFolder(environment.dataDir, { clock, log });
    closing(() => claim.release());
  });
  const store = once(async () => {
    await folder();
    const opened = await openStore({
      databaseUrl: environment.databaseUrl,
      dataDir: environment.dataDir,
      clock,
      log,
    });
    closing(() => opened.close());
    return opened;
  });
  const engine = once(async () => {
    await folder();
    const opened = await openEngine({
      redisUrl: environment.redisUrl,
      dataDir: environment.dataDir,
      clock,
      log,
    });
    closing(() => opened.close());
    return opened;
  });
  const gate = once(async () => {
    const redis = (await engine()).connect('producer');
    return createRateGate(redis, { budget: (name) => portalConfig(name).budget, clock });
  });

  function portalConfig(name: string): PortalConfig {
    const found = config.portals.find((portal) => portal.name === name);
    if (found !== undefined) return found;
    throw new ConfigurationError(
      `${config.file} has no portal ${name}; restart handoff after changing the file`,
    );
  }

  const hubspots = new Map<string, Promise<HubSpot>>();
  function hubspot(name: string): Promise<HubSpot> {
    const known = hubspots.get(name);
    if (known !== undefined) return known;
    const { token, apiVersion, write } = portalConfig(name);
    const baseUrl = environment.hubspotBaseUrl;
    const made = gate().then((open) =>
      createHubSpot({ portal: name, token, baseUrl, apiVersion, ...write, gate: open, clock, log }),
    );
    hubspots.set(name, made);
    return made;
  }

  const view = cachePerPortal(clock, async (name) => {
    const seen = await viewPortal(portalConfig(name), await hubspot(name));
    const opened = await store();
    await opened.setState(name, VIEW_KEY, JSON.stringify({ account: seen.account, stages: seen.stages }));
    const { portalId } = seen.account;
    if (portalId !== null) await opened.savePortal(name, { portalId });
    return seen;
  });
  const prepare = cachePerPortal(clock, async (name) => (await hubspot(name)).portal.ensureProperties());

  const app: App = {
    config,
    environment,
    clock,
    log,
    store,
    gate,
    portalConfig,
    hubspot,
    view,
    prepare,
    async rememberedView(name) {
      const remembered = await (await store()).getState(name, VIEW_KEY);
      return remembered === null ? null : interpretPortal(portalConfig(name), JSON.parse(remembered));
    },
    async startWorkers(concurrency) {
      const telling = createTelling(app);
      const deps: JobDeps = {
        store: await store(),
        clock,
        log,
        enqueue: (job, payload, options) => runtime.enqueue(job, payload, options),
        portal: async (name) => {
          await prepare(name);
          return toWork(await view(name), await hubspot(name));
        },
        sendScorecard: telling.scorecard,
        tellChanges: telling.changes,
        tellFailure: telling.failure,
      };
      const runtime = await startRuntime({
        engine: await engine(),
        jobs: JOBS,
        deps,
        concurrency,
        log,
        takeOver: TAKE_OVER,
      });
      closing(async () => {
        await runtime.stop();
        await telling.flush();
      });
      return { runtime, deps };
    },
    async close() {
      for (const close of closers)
        await close().catch((err: unknown) => log.warn({ err }, 'not closed cleanly'));
    },
  };
  return app;
}

/** How soon the work of a process that was killed is taken over by another: its lock runs out, and others look for that. */
const TAKE_OVER = { lockMs: 15_000, lookMs: 5_000 } as const;

/** Opens a part at most once. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | null = null;
  return () => {
    opened ??= open();
    return opened;
  };
}

/** What is remembered of a portal's own set-up, for commands that do not ask HubSpot. */
const VIEW_KEY = 'view';

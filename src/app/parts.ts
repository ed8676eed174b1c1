/** The adapters of one app, each opened when first asked for and closed together. */
import { createHash } from 'node:crypto';
import type { Environment, PortalConfig } from '../config/types.ts';
import { createHubSpot } from '../hubspot/hubspot.ts';
import type { Logger } from '../log.ts';
import type { Clock, FactStore, HubSpot, RateGate } from '../ports.ts';
import { type Engine, openEngine } from '../queue/engine.ts';
import { createRateGate } from '../queue/rate-gate.ts';
import { claimDataFolder } from '../store/data-folder.ts';
import { openStore } from '../store/open-store.ts';

/** What parts are made from. `portalConfig` throws ConfigurationError for a name that the configuration lacks. */
export interface PartsOptions {
  readonly environment: Environment;
  readonly clock: Clock;
  readonly log: Logger;
  portalConfig(name: string): PortalConfig;
}

/** The adapters. A call that fails to open its part fails again for every later caller. */
export interface Parts {
  store(): Promise<FactStore>;
  engine(): Promise<Engine>;
  gate(): Promise<RateGate>;
  hubspot(portal: string): Promise<HubSpot>;
  /** Begins the keys of this store's queue: another installation on the same Redis has its own. */
  queuePrefix(): Promise<string>;
  /** To be done on closing, before what was opened earlier is closed. */
  closing(close: () => Promise<void>): void;
  /** Closes everything in turn and always finishes. */
  close(): Promise<void>;
}

/** Nothing is opened yet. */
export function createParts({ environment, clock, log, portalConfig }: PartsOptions): Parts {
  const closers: (() => Promise<void>)[] = [];
  const closing = (close: () => Promise<void>) => closers.unshift(close);
  const { dataDir, databaseUrl, redisUrl, hubspotBaseUrl: baseUrl } = environment;

  const folder = once(async () => {
    const claim = await claimDataFolder(dataDir, { clock, log });
    closing(() => claim.release());
  });
  const store = once(async () => {
    await folder();
    const opened = await openStore({ databaseUrl, dataDir, clock, log });
    closing(() => opened.close());
    return opened;
  });
  const engine = once(async () => {
    await folder();
    const opened = await openEngine({ redisUrl, dataDir, clock, log });
    closing(() => opened.close());
    return opened;
  });
  const gate = once(async () => {
    const budget = (portal: string) => portalConfig(portal).budget;
    const credential = (portal: string) => nameOfToken(portalConfig(portal).token);
    return createRateGate((await engine()).connect('producer'), { budget, credential, clock });
  });
  const hubspot = oncePerName(async (portal) => {
    const { token, apiVersion, write } = portalConfig(portal);
    return createHubSpot({ portal, token, baseUrl, apiVersion, ...write, gate: await gate(), clock, log });
  });
  return {
    store,
    engine,
    gate,
    hubspot,
    queuePrefix: async () => `handoff-${await (await store()).installation()}`,
    closing,
    async close() {
      for (const close of closers)
        await close().catch((err: unknown) => log.warn({ err }, 'not closed cleanly'));
    },
  };
}

/** HubSpot counts calls by credential, whatever a portal is called here. A digest says nothing of the token. */
function nameOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16);
}

function once<T>(open: () => Promise<T>): () => Promise<T> {
  const opened = oncePerName(open);
  return () => opened('');
}

function oncePerName<T>(open: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const opened = new Map<string, Promise<T>>();
  return (name) => {
    const known = opened.get(name) ?? open(name);
    opened.set(name, known);
    return known;
  };
}

/** The defaults of a simulated portal. */
import { ALL_SCOPES } from './router.ts';
import { DEFAULT_STAGES } from './stages.ts';
import type { Settings, SimulatedFaults, SimulatedLimits, SimulatorOptions } from './types.ts';

/** What HubSpot allows a privately distributed app of a Professional account (developers.hubspot.com, usage guidelines). */
const DEFAULT_LIMITS: SimulatedLimits = { burst: 190, windowMs: 10_000, searchPerSecond: 5, day: 625_000 };

const NO_FAULTS: SimulatedFaults = { rate429: 0, rate5xx: 0, dropped: 0, cutOff: 0, slow: 0, slowMs: 500 };

/** Fills in what was left open. */
export function settingsOf(options: SimulatorOptions): Settings {
  return {
    port: 0,
    host: '127.0.0.1',
    seed: 1,
    size: 0,
    leads: [],
    clock: { now: Date.now },
    latencyMs: 0,
    indexLagMs: 0,
    token: 'pat-eu1-simulated',
    scopes: ALL_SCOPES,
    timeZone: 'Europe/London',
    portalId: 4_711_000,
    stages: DEFAULT_STAGES,
    stageProperties: true,
    tracePartial: true,
    partialStatus: 207,
    noOpBumps: true,
    batchReadFollowsMerges: false,
    retryAfter: false,
    ...options,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    faults: { ...NO_FAULTS, ...options.faults },
  };
}

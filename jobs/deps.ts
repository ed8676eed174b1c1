import type { Clock, FactStore, PortalWork } from '../src/ports.ts';
import type { Enqueue } from '../src/queue/contract.ts';

/** Writes one line: an object of ids and counts, then a fixed sentence. */
export interface JobLog {
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
}

/** What every job is handed. */
export interface JobDeps {
  readonly store: FactStore;
  readonly clock: Clock;
  readonly log: JobLog;
  readonly enqueue: Enqueue;
  /** The portal made ready; throws the classes of `errors.ts` (unknown name, refused token, HubSpot down). */
  portal(name: string): Promise<PortalWork>;
  /** Sends the week's scorecard to the portal's targets. */
  sendScorecard(portal: string): Promise<void>;
  /** Tells the portal's targets what has changed since they were last told. */
  tellChanges(portal: string): Promise<void>;
  /** Tells the portal's targets that syncing fails; once, until it works again. */
  tellFailure(portal: string, error: Error): Promise<void>;
}

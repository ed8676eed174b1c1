/** HubSpot as the rest of handoff sees it: the ports, over the date-based API. */
import type { Logger } from '../log.ts';
import type { Calls, Clock, ContactScope, HubSpot, RateGate } from '../ports.ts';
import { finder, lookUpMarks, type Marks } from './finding.ts';
import { createHttp } from './http.ts';
import { type ApiVersion, pathsOf } from './paths.ts';
import { createPortal } from './portal.ts';
import { locateContacts, type ReadOptions, readContacts } from './reading.ts';
import { writer } from './writing.ts';

/** What one portal is reached with. `token` is a secret: never logged. */
export interface HubSpotOptions {
  /** The portal's name in the configuration, by which the gate finds its credential. */
  readonly portal: string;
  readonly token: string;
  readonly baseUrl: string;
  readonly apiVersion: ApiVersion;
  /** What our properties' names begin with, and the group they stand in. */
  readonly prefix: string;
  readonly group: { readonly name: string; readonly label: string };
  readonly gate: RateGate;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long an answer may take, ms. */
  readonly timeoutMs?: number;
  /** Gap before a call is repeated after an outage, ms. */
  readonly retryGapMs?: number;
}

/** One portal. Nothing is asked of HubSpot yet. */
export function createHubSpot(options: HubSpotOptions): HubSpot {
  const http = createHttp(options);
  const paths = pathsOf(options.apiVersion);
  const calls: Calls = { search: 0, read: 0, write: 0, other: 0, rejected: 0 };
  const { portal, token, prefix, group, log } = options;
  return {
    calls,
    portal: createPortal({ portal, token, http, paths, calls, prefix, group }),
    contacts({ entryStages, properties }: ContactScope, counted: Calls) {
      const read: ReadOptions = { http, paths, calls: counted, prefix, log, properties };
      let marks: Promise<Marks | null> | null = null;
      return {
        source: {
          find: finder({
            ...{ portal, http, paths, calls: counted, log },
            marks(lane, signal) {
              marks ??= lookUpMarks({ http, paths, calls: counted }, entryStages, prefix, lane, signal);
              marks.catch(() => {
                marks = null;
              });
              return marks;
            },
          }),
          read: (ids, lane, signal) => readContacts(read, ids, lane, signal),
          locate: (ids, lane, signal) => locateContacts(read, ids, lane, signal),
        },
        writer: { write: writer({ http, paths, calls: counted, prefix }) },
      };
    },
  };
}

/** The configuration after all checks: frozen, with defaults filled in, ready for `app.ts`. */
import type { MarketingPromise, OpenHours, Role, SlaRule } from '../domain/types.ts';

/** Which stage values have which role, as RevOps wrote it. */
export interface StageAssignment {
  readonly assigned: Readonly<Partial<Record<Role, readonly string[]>>>;
  readonly retired: Readonly<Record<string, Role>>;
}

/** What a notice can tell of. */
export type NoticeEvent =
  | 'scorecard'
  | 'newly_overdue'
  | 'promise_missed'
  | 'sync_failing'
  | 'sync_recovered';

/** Where notices go, in which form, and which of them. */
export interface NoticeTarget {
  /** A secret: Slack webhook addresses let anybody post. Never logged. */
  readonly url: string;
  readonly format: 'slack' | 'json';
  readonly on: readonly NoticeEvent[];
}

/** The agreement for one portal, and how to reach it. Lengths of time in ms. */
export interface PortalConfig {
  readonly name: string;
  /** A secret. Never logged, stored or queued. */
  readonly token: string;
  readonly stages: StageAssignment;
  readonly clearGraceMs: number;
  /** `timeZone` absent: the portal's own. `week` is indexed 0 = Monday … 6 = Sunday. */
  readonly calendar: {
    readonly timeZone?: string;
    readonly week: readonly (readonly OpenHours[])[];
    readonly holidays: readonly string[];
  };
  /** Local date `YYYY-MM-DD` in the calendar's zone. */
  readonly since?: string;
  readonly sales: readonly Omit<SlaRule, 'version'>[];
  readonly marketing?: MarketingPromise;
  readonly write: {
    readonly prefix: string;
    readonly group: { readonly name: string; readonly label: string };
  };
  /** Fractions 0..1 of the portal's limits that we may use. */
  readonly budget: { readonly ofBurst: number; readonly ofDay: number };
  /** Dated version of HubSpot's API paths. */
  readonly apiVersion: '2026-09' | '2026-03';
  /** `pollMs` null: no polling; cron patterns are read in the calendar's zone; null: never. */
  readonly schedule: {
    readonly pollMs: number | null;
    readonly full: string | null;
    readonly scorecard: string | null;
  };
  readonly notify: readonly NoticeTarget[];
}

/** One configuration file, all of its portals. */
export interface Config {
  /** The file it came from, as given. */
  readonly file: string;
  readonly portals: readonly PortalConfig[];
  /** For people, e.g. a notice target left out because its variable is not set. */
  readonly warnings: readonly string[];
}

/** What the environment says, defaults filled in; read by `environment.ts` alone. */
export interface Environment {
  /** `HUBSPOT_BASE_URL` */
  readonly hubspotBaseUrl: string;
  /** `REDIS_URL`; absent: the embedded engine. */
  readonly redisUrl?: string;
  /** `DATABASE_URL`; absent: SQLite. */
  readonly databaseUrl?: string;
  /** `HANDOFF_DATA_DIR` */
  readonly dataDir: string;
  /** `LOG_LEVEL` */
  readonly logLevel: string;
  /** Any other variable, for `${NAME}` in the configuration. */
  readonly variable: (name: string) => string | undefined;
}

import { setTimeout as pause } from 'node:timers/promises';
import type { App } from '../app.ts';
import type { PortalConfig } from '../config/types.ts';
import {
  changeNotices,
  describeFailure,
  failureNotices,
  type Present,
  type Subject,
  scorecardNotice,
} from '../notify/notices.ts';
import { createNotifier, type Notifier } from '../notify/notifier.ts';
import { type Periods, periodsOf, scorecardFigures, stillHold } from './periods.ts';

/** Tells a portal's notice targets; a portal without targets costs nothing. Targets never hold up or fail a sync. */
export interface Telling {
  /** Newly overdue contacts, promises missed, and that syncing works again. */
  changes(portal: string): Promise<void>;
  failure(portal: string, error: unknown): Promise<void>;
  scorecard(portal: string): Promise<void>;
  /** Gives notices that wait a last moment before the process ends. */
  flush(): Promise<void>;
}

/** How long leaving waits for targets, ms; what they did not take is sent by the next start. */
const LAST_MOMENT_MS = 5_000;

/** The telling of one app. Weeks and windows are looked up again when a new one has begun, or the data of one is complete. */
export function createTelling(app: App): Telling {
  const notifiers = new Map<string, Notifier>();
  const periods = new Map<string, Periods>();

  async function notifier(config: PortalConfig): Promise<Notifier | null> {
    if (config.notify.length === 0) return null;
    const known = notifiers.get(config.name);
    if (known !== undefined) return known;
    const { clock, log } = app;
    const made = createNotifier({
      portal: config.name,
      targets: config.notify,
      store: await app.store(),
      clock,
      log,
    });
    notifiers.set(config.name, made);
    return made;
  }

  async function subject(portal: string): Promise<Subject> {
    const view = await app.rememberedView(portal);
    const timeZone = app.portalConfig(portal).calendar.timeZone ?? view?.account.timeZone ?? 'UTC';
    return { portal, portalId: view?.account.portalId ?? null, timeZone };
  }

  async function present(portal: string, now: number): Promise<Present> {
    const store = await app.store();
    const { cursor } = await store.portal(portal);
    const known = periods.get(portal);
    const current =
      known !== undefined && stillHold(known, cursor, now) ? known : await periodsOf(app, portal, now);
    periods.set(portal, current);
    const [lastRun, overdue] = await Promise.all([store.lastRun(portal), store.overdue(portal, now)]);
    return {
      overdue,
      salesWeeks: current.salesWeeks,
      windows: current.windows,
      workedUntil: cursor,
      lastCompleteRunAt: lastRun?.finishedAt ?? null,
    };
  }

  return {
    async changes(portal) {
      const one = await notifier(app.portalConfig(portal));
      if (one === null) return;
      const about = await subject(portal);
      const now = app.clock.now();
      const holds = await present(portal, now);
      await one.change((told) => changeNotices(about, told, holds, now));
    },
    async failure(portal, error) {
      const one = await notifier(app.portalConfig(portal));
      if (one === null) return;
      const about = await subject(portal);
      await one.change((told) => failureNotices(about, told, describeFailure(error), app.clock.now()));
    },
    async scorecard(portal) {
      const one = await notifier(app.portalConfig(portal));
      if (one === null) return;
      const figures = await scorecardFigures(app, portal);
      await one.notify([scorecardNotice(await subject(portal), figures, app.clock.now())]);
    },
    async flush() {
      const all = [...notifiers.values()];
      const flushed = Promise.all(all.map((one) => one.flush()));
      await Promise.race([flushed, pause(LAST_MOMENT_MS, undefined, { ref: false })]);
      await Promise.all(all.map((one) => one.leave()));
    },
  };
}

import type { App } from '../app.ts';
import type { Schedule } from '../queue/contract.ts';

const MINUTE_MS = 60_000;

/** The schedules of these portals, under ids that stay the same from start to start. Cron patterns are in the calendar's zone. */
export async function schedulesOf(app: App, portals: readonly string[]): Promise<readonly Schedule[]> {
  const schedules: Schedule[] = [];
  for (const portal of portals) {
    const { schedule, calendar } = app.portalConfig(portal);
    const timeZone = calendar.timeZone ?? (await app.rememberedView(portal))?.account.timeZone ?? 'UTC';
    const add = (id: string, job: string, payload: object, at: Schedule['at']) =>
      schedules.push({ id: `${portal}.${id}`, job, payload: { portal, ...payload }, at });
    if (schedule.pollMs !== null) add('poll', 'start-run', { mode: 'changes' }, { everyMs: schedule.pollMs });
    if (schedule.full !== null) add('full', 'start-run', { mode: 'full' }, { cron: schedule.full, timeZone });
    if (schedule.scorecard !== null)
      add('scorecard', 'scorecard', {}, { cron: schedule.scorecard, timeZone });
    add('deadlines', 'watch-deadlines', {}, { everyMs: MINUTE_MS });
  }
  return schedules;
}

import type { App } from '../app.ts';
import { isHandoffError } from '../errors.ts';
import type { Schedule } from '../queue/contract.ts';

const MINUTE_MS = 60_000;

/** The schedules of these portals, under ids that stay the same from start to start. Cron patterns are in the calendar's zone. */
export async function schedulesOf(app: App, portals: readonly string[]): Promise<readonly Schedule[]> {
  const schedules: Schedule[] = [];
  for (const portal of portals) {
    const { schedule, calendar } = app.portalConfig(portal);
    const timeZone = calendar.timeZone ?? (await zoneOf(app, portal));
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

/** The portal's own zone; while HubSpot cannot be asked, as it was last seen, else UTC. */
async function zoneOf(app: App, portal: string): Promise<string> {
  try {
    return (await app.view(portal)).account.timeZone;
  } catch (error) {
    if (!isHandoffError(error)) throw error;
    return (await app.rememberedView(portal).catch(() => null))?.account.timeZone ?? 'UTC';
  }
}

/** Simulated portals in processes of their own, and commands run against them. */
import { type Ended, newPlace, type Place, startCommand } from '../e2e/command.ts';

/** HubSpot's usual delay for a batch call, ms. */
export const LATENCY_MS = 120;

const BURST = 190;
const BURST_SECONDS = 10;
const SEARCHES_A_SECOND = 5;

/** The token of every simulated portal. */
const TOKEN = 'pat-eu1-simulated';

/** The whole quota, so that the figures compare with the quota itself. */
export const AGREEMENT = `
portals:
  main:
    token: \${HUBSPOT_ACCESS_TOKEN}
    calendar: { timeZone: Europe/London, hours: { monday-friday: "09:00-17:30" } }
    sales:
      - { name: by-wednesday, by: { weekday: wednesday, time: "17:00", cutoff: { weekday: monday, time: "09:00" } } }
    marketing: { quota: 50, window: { weekday: monday, time: "09:00" } }
    budget: { ofBurst: 100% }
`;

/** Lends a place whose commands talk to a fresh portal with so many contacts and HubSpot's real limits. */
export async function withPortal<T>(contacts: number, use: (place: Place) => Promise<T>): Promise<T> {
  const args = ['--contacts', String(contacts), '--latency', String(LATENCY_MS), '--port', '0'];
  const { process: child, ended } = startCommand(['simulate', ...args], import.meta.dirname, environment());
  const url = await new Promise<string>((resolve, reject) => {
    let out = '';
    child.stdout?.on('data', (text: string) => {
      out += text;
      const found = /listening on (\S+)\n/.exec(out);
      if (found?.[1] !== undefined) resolve(found[1]);
    });
    ended.then(({ err }) => reject(new Error(`the simulated portal did not start: ${err}`)), reject);
  });
  const place = await newPlace({ url, token: TOKEN }, { redisUrl: null, databaseUrl: null });
  try {
    await place.configure(AGREEMENT);
    return await use(place);
  } finally {
    child.kill('SIGTERM');
    await ended;
    await place.remove();
  }
}

/** The output of a command that has to end well. */
export function outputOf({ code, out, err }: Ended): string {
  if (code !== 0) throw new Error(`a command ended with code ${code}: ${err}${out}`);
  return out;
}

/**
 * Seconds that no client can undercut: 190 calls at once and 190 more every ten seconds, beside them five searches a
 * second (developers.hubspot.com, usage guidelines), and the answer to the last call.
 */
export function quotaBound({
  search = 0,
  read = 0,
  write = 0,
  other = 0,
}: Readonly<Record<string, number>>): number {
  const windows = Math.floor((read + write + other - 1) / BURST) * BURST_SECONDS;
  const searches = Math.floor((search - 1) / SEARCHES_A_SECOND);
  return Math.max(windows, searches) + LATENCY_MS / 1_000;
}

function environment(): Record<string, string> {
  const { PATH = '' } = process.env;
  return { PATH };
}

/** A full sync with the real command, against HubSpot's quota and against the script one would write without handoff. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import type { SyncDocument } from '../../src/cli/sync.ts';
import type { Place } from '../e2e/command.ts';
import { type BenchLine, count, type Scale, timed } from './measure.ts';
import { LATENCY_MS, outputOf, quotaBound, withPortal } from './simulated.ts';

/** Two fifths of them were handed over: 20,000 to be found. */
const CONTACTS = 50_000;
/** Fewer, for the script takes its time. */
const CONTACTS_WITH_SCRIPT = 20_000;

/** Time of a full sync ÷ the least that the quota allows for the calls it made. */
export async function benchSync(scale: Scale): Promise<BenchLine[]> {
  const { document, seconds } = await withPortal(CONTACTS / scale, (place) => fullSync(place));
  const bound = quotaBound(document.calls);
  const { search = 0, read = 0, write = 0, other = 0, rejected = 0 } = document.calls;
  return [
    {
      name: `first full sync of ${count(document.found)} contacts (budget 100%, answers after ${LATENCY_MS} ms)`,
      value: `${seconds.toFixed(1)} s`,
      ratio: seconds / bound,
      against: `the quota's own ${bound.toFixed(1)} s for its ${search} searches and ${read + write + other} other calls, ${rejected} of them turned away (1 is the best possible)`,
    },
  ];
}

/** The script's time ÷ ours, each on a fresh portal with the same contacts. */
export async function benchPlainScript(scale: Scale): Promise<BenchLine[]> {
  const contacts = CONTACTS_WITH_SCRIPT / scale;
  const ours = await withPortal(contacts, (place) => fullSync(place));
  const script = join(import.meta.dirname, 'plain-script.ts');
  const plain = await withPortal(contacts, ({ environment }) =>
    timed(() => promisify(execFile)(process.execPath, [script], { env: environment })),
  );
  const { written } = JSON.parse(plain.result.stdout) as { readonly written: number };
  return [
    {
      name: `first full sync of a portal of ${count(contacts)} contacts, ${count(ours.document.written)} written`,
      value: `${ours.seconds.toFixed(1)} s`,
      ratio: plain.seconds / ours.seconds,
      against: `a plain SDK script: ${plain.seconds.toFixed(1)} s, ${count(written)} written (above 1 is faster than the script)`,
    },
  ];
}

/** The whole command, from its start to its end. */
async function fullSync(place: Place) {
  const { seconds, result } = await timed(() => place.run('sync', '--full', '--json'));
  return { seconds, document: JSON.parse(outputOf(result)) as SyncDocument };
}

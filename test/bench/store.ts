/** The scorecard and the watch over deadlines on a big store, against reading the same rows plainly. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Scorecard } from '../../src/domain/scorecard/document.ts';
import { type BigStore, openEveryPass, PORTAL, withBigStore } from './big-store.ts';
import { type BenchLine, count, type Scale, seconds, timed } from './measure.ts';
import { AGREEMENT, quotaBound } from './simulated.ts';

const PASSES = 1_000_000;
const TURNING = 20_000;
/** Milliseconds are measured so many times. */
const ROUNDS = 5;

const COMMAND = join(import.meta.dirname, '../../src/cli/handoff.js');
const USAGE = pathToFileURL(join(import.meta.dirname, 'usage.ts')).href;

/** Both use one store: filling it is what takes long. */
export function benchStore(scale: Scale): Promise<BenchLine[]> {
  return withBigStore(PASSES / scale, async (big) => [
    ...(await benchReport(big)),
    ...(await benchWatch(big, scale)),
  ]);
}

/** `report --format json` as a command ÷ a process that reads the same columns and forgets them. */
async function benchReport({ dataDir, file }: BigStore): Promise<BenchLine[]> {
  const config = join(dataDir, 'handoff.yaml');
  await writeFile(config, AGREEMENT);
  const report = await measured([COMMAND, 'report', '--format', 'json', '--config', config], dataDir);
  const { quality } = JSON.parse(report.out) as Scorecard;
  const plain = await measured([join(import.meta.dirname, 'plain-read.ts'), file], dataDir);
  const { passes } = JSON.parse(plain.out) as { readonly passes: number };
  if (quality.passes !== passes) throw new Error(`the report counts ${quality.passes} of ${passes} passes`);
  return [
    {
      name: `report over ${count(passes)} passes`,
      value: `${report.seconds.toFixed(1)} s`,
      ratio: report.seconds / plain.seconds,
      against: `reading the same rows with node:sqlite: ${plain.seconds.toFixed(1)} s (less is better)`,
    },
    {
      name: 'the same: peak memory',
      value: `${Math.round(report.megabytes)} MiB`,
      ratio: report.megabytes / plain.megabytes,
      against: `of that reading: ${Math.round(plain.megabytes)} MiB (less is better)`,
    },
  ];
}

/** One look of the watch ÷ a scan of the same rows, and ÷ the least time that working on what it finds can take. */
async function benchWatch(big: BigStore, scale: Scale): Promise<BenchLine[]> {
  const turning = TURNING / scale;
  openEveryPass(big, turning);
  const look = () => timed(() => big.store.due(PORTAL, big.now, turning * 2));
  const database = new DatabaseSync(big.file, { readOnly: true });
  const scan = database.prepare(`
    SELECT CAST(id AS text) AS id, changes_at FROM contact NOT INDEXED
    WHERE portal = ? AND archived = 0 AND changes_at <= ? ORDER BY changes_at, id`);
  const found = { due: (await look()).result.length, scanned: scan.all(PORTAL, big.now).length };
  const [looks, scans]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    looks.push((await look()).seconds);
    scans.push(seconds(() => scan.all(PORTAL, big.now)));
  }
  const [due, plain] = [median(looks), median(scans)];
  database.close();
  if (found.due !== turning || found.scanned !== turning) {
    throw new Error(`${found.due} due and ${found.scanned} scanned of ${turning}`);
  }
  // A batch of a hundred is two reads and a write.
  const workSeconds = quotaBound({ read: 2 * Math.ceil(turning / 100), write: Math.ceil(turning / 100) });
  return [
    {
      name: `watch: finding ${count(turning)} turning ones among ${count(PASSES / scale)} open passes`,
      value: `${(due * 1_000).toFixed(0)} ms`,
      ratio: due / plain,
      against: `a scan of the same rows: ${(plain * 1_000).toFixed(0)} ms (medians of ${ROUNDS}; less is better)`,
    },
    {
      name: 'the same, beside the work it brings',
      value: `${(due * 1_000).toFixed(0)} ms`,
      ratio: due / workSeconds,
      against: `the least the quota allows for their reads and writes, not run here: ${workSeconds.toFixed(1)} s (near 0: the watch costs nothing beside it)`,
    },
  ];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** Runs a script in a process of its own: what it printed, how long it took and how much memory. */
async function measured(args: readonly string[], dataDir: string) {
  const { PATH = '' } = process.env;
  const env = { PATH, HANDOFF_DATA_DIR: dataDir, HUBSPOT_ACCESS_TOKEN: 'pat-none' };
  const options = { env, maxBuffer: 64 * 1024 * 1024 };
  const { seconds: taken, result } = await timed(() =>
    promisify(execFile)(process.execPath, ['--import', USAGE, ...args], options),
  );
  const kibibytes = Number(/peak memory (\d+) KiB/.exec(result.stderr)?.[1] ?? Number.NaN);
  return { out: result.stdout, seconds: taken, megabytes: kibibytes / 1_024 };
}

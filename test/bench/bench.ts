/**
 * `npm run bench` measures, `npm run bench -- --quick` does so at a tenth of the size. Each line holds a figure and its
 * ratio to a bound, or to a rival measured in the same run. Nothing here is a test: a slow machine fails nothing.
 */
import { cpus, loadavg } from 'node:os';
import process from 'node:process';
import { benchCore } from './core.ts';
import { type BenchLine, type Scale, timed } from './measure.ts';
import { benchStore } from './store.ts';
import { benchPlainScript, benchSync } from './sync.ts';

const TOPICS: readonly ((scale: Scale) => BenchLine[] | Promise<BenchLine[]>)[] = [
  benchSync,
  benchPlainScript,
  benchCore,
  benchStore,
];

const quick = process.argv.includes('--quick');
const { seconds } = await timed(async () => {
  console.log(heading());
  for (const topic of TOPICS) {
    for (const line of await topic(quick ? 10 : 1)) console.log(row(line));
  }
});
console.log(`\nMeasured in ${Math.round(seconds)} s${quick ? ' at a tenth of the size' : ''}.`);

function heading(): string {
  const processors = cpus();
  const machine = `${processors.length} cores (${processors[0]?.model ?? 'unknown'}), load ${loadavg()[0]?.toFixed(1)} at the start`;
  return `Node ${process.versions.node}, ${machine}\n\n| what | figure | ratio | to |\n|---|---|---|---|`;
}

function row({ name, value, ratio, against }: BenchLine): string {
  return `| ${name} | ${value} | ${ratio.toPrecision(3)} | ${against} |`;
}

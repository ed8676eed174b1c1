/** One line of the benchmark: a figure, and its ratio to a bound or a rival measured in the same run. */
export interface BenchLine {
  readonly name: string;
  readonly value: string;
  readonly ratio: number;
  /** What the ratio is to, and which way is good. */
  readonly against: string;
}

/** Divides every size: 1, or 10 in quick mode. */
export type Scale = number;

/** Wall-clock seconds of a piece of work. */
export function seconds(work: () => unknown): number {
  const from = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - from) / 1e9;
}

/** The same for work that waits, with what it gave. */
export async function timed<T>(
  work: () => Promise<T>,
): Promise<{ readonly seconds: number; readonly result: T }> {
  const from = process.hrtime.bigint();
  const result = await work();
  return { seconds: Number(process.hrtime.bigint() - from) / 1e9, result };
}

/** Bytes on the heap after a collection; needs node --expose-gc. */
export function gc(): number {
  if (globalThis.gc === undefined)
    throw new Error('start the benchmark with npm run bench (node --expose-gc)');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** 20000 as `20,000`. */
export function count(number: number): string {
  return number.toLocaleString('en-GB');
}

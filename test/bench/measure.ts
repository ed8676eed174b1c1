/** One line of the benchmark: a figure, and its ratio to a bound or a rival measured in the same run. */
export interface BenchLine {
  readonly name: string;
  readonly value: string;
  readonly ratio: number;
  /** What the ratio is to, and which way is good. */
  readonly against: string;
}

/** Wall-clock seconds of a piece of work. */
export function seconds(work: () => unknown): number {
  const from = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - from) / 1e9;
}

/** The same for work that waits. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const from = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - from) / 1e9;
}

/** Bytes on the heap after a collection; needs node --expose-gc. */
export function gc(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Peak resident memory while the work runs, MB, looked at every 20 ms. */
export async function peakMegabytes(work: () => Promise<unknown>): Promise<number> {
  let peak = process.memoryUsage().rss;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  await work();
  clearInterval(timer);
  return Math.max(peak, process.memoryUsage().rss) / 2 ** 20;
}

import { fraction } from '../statistics.ts';
import type { MarketingPromise } from '../types.ts';
import type { Blocks, DeliveryWindow } from './document.ts';
import type { Part } from './part.ts';
import { type Periods, perPeriod, windowIndex } from './periods.ts';

/** Leads delivered in each window against the marketing promise; no windows without one. `whole` is false for a group. */
export function marketingPart(
  promise: MarketingPromise | undefined,
  periods: Periods,
  whole: boolean,
): Part<Blocks['marketing']> {
  const delivered = new Uint32Array(periods.windows.length);
  const fit = new Uint32Array(periods.windows.length);
  return {
    add(pass, row) {
      const window = windowIndex(periods, pass.openedAt);
      if (window < 0) return;
      delivered[window] = (delivered[window] as number) + 1;
      if (row.fit === true) fit[window] = (fit[window] as number) + 1;
    },
    block: () => ({
      windows:
        promise === undefined
          ? []
          : perPeriod(periods.windows, (at) => {
              const counts = { delivered: delivered[at] as number, fit: fit[at] as number };
              const shown = { ...counts, fit: promise.fit === undefined ? null : counts.fit };
              return whole
                ? { ...shown, ...judged(promise, counts, periods, at) }
                : { ...shown, quota: null, kept: null, pace: null };
            }),
    }),
  };
}

function judged(
  { quota, fit }: MarketingPromise,
  counts: { readonly delivered: number; readonly fit: number },
  { windows, asOf }: Periods,
  at: number,
): Pick<DeliveryWindow, 'quota' | 'kept' | 'pace'> {
  const [from, to] = [windows[at] as number, windows[at + 1] as number];
  const fits = fit === undefined || counts.delivered === 0 || counts.fit / counts.delivered >= fit.share;
  const kept = counts.delivered >= quota && fits;
  const expected = quota * ((asOf - from) / (to - from));
  const isCurrent = asOf > from && asOf <= to;
  return {
    quota,
    kept: kept || asOf >= to ? kept : null,
    pace: isCurrent && expected > 0 ? fraction(counts.delivered / expected) : null,
  };
}

/** The two promises side by side, at the top of the terminal report. */
import type { DeliveryWindow, Scorecard } from '../domain/scorecard/document.ts';
import { rate } from '../domain/statistics.ts';
import { bar, type Painter, sparkline } from './columns.ts';
import { attainment } from './context.ts';
import { count, type Dates, isSmall, percent, times, verdict } from './format.ts';

const COLUMN = 48;
const BAR = 20;

/** Marketing on the left, sales on the right. */
export function promiseLines(scorecard: Scorecard, dates: Dates, paint: Painter): string[] {
  const left = marketing(scorecard, dates);
  const right = sales(scorecard);
  return left.map((line, at) => {
    const [one, other] = [line.padEnd(COLUMN), right[at] ?? ''];
    const text = `  ${at === 0 ? paint(one, 'bold') : one}${at === 0 ? paint(other, 'bold') : other}`;
    return text.trimEnd();
  });
}

function marketing({ marketing: { windows } }: Scorecard, dates: Dates): string[] {
  const current = windows.at(-1);
  if (current === undefined) return ['MARKETING', 'nothing promised', '', ''];
  const quota = current.quota ?? 0;
  return [
    `MARKETING  leads until ${dates.moment(current.to)}`,
    `${bar(quota > 0 ? current.delivered / quota : null, BAR)}  ${count(current.delivered)} of ${count(quota)}`,
    `pace ${times(current.pace)}${fitOf(current)}`,
    `${sparkline(
      windows.map(({ delivered }) => delivered),
      Math.max(...windows.map(({ delivered }) => delivered)),
    )}  ${lastWindow(windows)}`,
  ];
}

function fitOf({ fit, delivered }: DeliveryWindow): string {
  return fit === null || delivered === 0 ? '' : `, ${percent(rate(fit, delivered))} fit`;
}

function lastWindow(windows: readonly DeliveryWindow[]): string {
  const over = windows.slice(0, -1);
  const kept = over.filter((window) => window.kept === true).length;
  const last = over.at(-1);
  return last === undefined ? '' : `${kept} of ${over.length} kept; last one ${verdict(last.kept)}`;
}

function sales({ sales: { weeks, pending, overdue } }: Scorecard): string[] {
  const current = weeks.at(-1);
  if (current === undefined) return [];
  const { kept, due } = attainment({ sales: { weeks, pending, overdue } });
  const few = isSmall(due) ? '*' : '';
  return [
    'SALES  decided in time, this week',
    `${bar(current.rate, BAR)}  ${percent(current.rate)} (${count(current.kept)} of ${count(current.due)})`,
    `${count(pending)} pending, ${count(overdue)} overdue now`,
    `${sparkline(
      weeks.map(({ rate: share }) => share),
      1,
    )}  ${percent(rate(kept, due))}${few} of ${count(due)} due in these weeks`,
  ];
}

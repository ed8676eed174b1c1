/** Charts as SVG text, drawn on the server; colours are variables of the page, so that one drawing serves light and dark. */
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { DayShares, DeliveryWindow, Scorecard } from '../domain/scorecard/document.ts';
import type { Dates } from './format.ts';

use([BarChart, LineChart, GridComponent, LegendComponent, SVGRenderer]);

/** A drawing at the two widths that the page switches between. */
export interface Drawing {
  readonly wide: string;
  readonly narrow: string;
}

type Series = Readonly<Record<string, unknown>>;

interface Plot {
  /** Sets the names inside the drawing apart from those of other drawings on the page. */
  readonly id: string;
  readonly categories: readonly (string | number)[];
  readonly series: readonly Series[];
  /** How the vertical axis writes a value. */
  readonly unit: (value: number) => string;
  readonly max?: number;
  /** Categories between two marks of the horizontal axis; left out: as fits. */
  readonly interval?: number;
}

const WIDE = { width: 560, height: 260 };
const NARROW = { width: 330, height: 270 };
const TEXT = { color: 'var(--muted)', fontFamily: 'inherit', fontSize: 12 };
/** Stripes over a colour: not finished yet. */
const HATCHED = {
  symbol: 'rect',
  ...{ color: 'var(--panel)', dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: Math.PI / 4 },
};
const percentAxis = (value: number) => `${Math.round(value * 100)} %`;

function draw(plot: Plot): Drawing {
  return { wide: svg(plot, WIDE, 'w'), narrow: svg(plot, NARROW, 'n') };
}

function svg(plot: Plot, size: typeof WIDE, suffix: string): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption(option(plot, size.width));
  const drawn = chart.renderToSVGString();
  chart.dispose();
  return drawn
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ class="[^"]*"| ecmeta_\w+="[^"]*"/g, '')
    .replace(/\bzr\d+-/g, `${plot.id}-${suffix}-`);
}

function option({ categories, series, unit, max, interval }: Plot, width: number): EChartsCoreOption {
  const legendRows = series.length > 3 && width < WIDE.width ? 2 : 1;
  return {
    animation: false,
    textStyle: TEXT,
    grid: {
      left: 4,
      right: 12,
      top: 14 + 20 * legendRows,
      bottom: 4,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    legend: {
      top: 0,
      left: 0,
      itemWidth: 14,
      itemHeight: 10,
      itemGap: legendRows > 1 ? 14 : 26,
      textStyle: TEXT,
    },
    xAxis: {
      ...{ type: 'category', data: categories, boundaryGap: series.some(({ type }) => type === 'bar') },
      axisLabel: {
        ...TEXT,
        hideOverlap: true,
        ...(interval === undefined ? {} : { interval: interval - 1 }),
      },
      ...{ axisLine: { lineStyle: { color: 'var(--grid)' } }, axisTick: { show: false } },
    },
    yAxis: {
      ...{ type: 'value', min: 0, ...(max === undefined ? { splitNumber: 4 } : { max, interval: max / 4 }) },
      axisLabel: { ...TEXT, formatter: unit },
      splitLine: { lineStyle: { color: 'var(--grid)' } },
    },
    series,
  };
}

function bars(name: string, data: readonly (number | null)[], color: string, more: Series = {}): Series {
  return { type: 'bar', name, data, stack: 'one', barMaxWidth: 34, itemStyle: { color }, ...more };
}

function line(name: string, data: readonly (number | null)[], color: string, more: Series = {}): Series {
  const { lineStyle = {}, ...rest } = more;
  return {
    ...{ type: 'line', name, data, symbol: 'circle', symbolSize: 6, itemStyle: { color } },
    lineStyle: { color, width: 2, ...(lineStyle as object) },
    ...rest,
  };
}

/** Conversion of each cohort so far; those with passes younger than 30 days are hatched. */
export function conversionChart({ conversion: { weeks } }: Scorecard, dates: Dates): Drawing {
  const isMature = ({ passes, within }: (typeof weeks)[number]) => within['30'].n === passes;
  return draw({
    id: 'conversion',
    categories: weeks.map(({ from }) => dates.day(from)),
    unit: percentAxis,
    series: [
      bars(
        'qualified so far',
        weeks.map((week) => (isMature(week) ? week.rate : null)),
        'var(--good)',
      ),
      bars(
        'still maturing',
        weeks.map((week) => (isMature(week) ? null : week.rate)),
        'var(--good)',
        {
          itemStyle: { color: 'var(--good)', opacity: 0.75, decal: HATCHED },
        },
      ),
      line(
        'within 7 days',
        weeks.map(({ within }) => within['7'].rate),
        'var(--ink)',
      ),
    ],
  });
}

/** Kept and missed promises of sales by the week they fell due. */
export function attainmentChart({ sales: { weeks } }: Scorecard, dates: Dates): Drawing {
  return draw({
    id: 'attainment',
    categories: weeks.map(({ from }) => dates.day(from)),
    unit: String,
    series: [
      bars(
        'kept',
        weeks.map(({ kept }) => kept),
        'var(--good)',
      ),
      bars(
        'missed',
        weeks.map(({ missed }) => missed),
        'var(--bad)',
        {
          itemStyle: {
            color: 'var(--bad)',
            decal: { ...HATCHED, rotation: -Math.PI / 4, dashArrayY: [1, 5] },
          },
        },
      ),
    ],
  });
}

/** Leads delivered in each window against what was promised; in the current window, against what was due by now. */
export function deliveryChart({ marketing: { windows }, asOf }: Scorecard, dates: Dates): Drawing {
  return draw({
    id: 'delivery',
    categories: windows.map(({ to }) => dates.day(to)),
    unit: String,
    series: [
      bars(
        'delivered',
        windows.map(({ delivered }) => delivered),
        'var(--good)',
      ),
      line(
        'quota',
        windows.map(({ quota }) => quota),
        'var(--ink)',
        { symbol: 'none' },
      ),
      line(
        'due by now',
        windows.map((window) => dueByNow(window, asOf)),
        'var(--bad)',
        {
          ...{ symbol: 'diamond', symbolSize: 16 },
          itemStyle: { color: 'var(--bad)', borderColor: 'var(--panel)', borderWidth: 2 },
        },
      ),
    ],
  });
}

/** The elapsed share of the quota of the current window; the others are over. */
function dueByNow({ from, to, quota }: DeliveryWindow, asOf: string): number | null {
  const [start, end, now] = [Date.parse(from), Date.parse(to), Date.parse(asOf)];
  if (quota === null || now <= start || now > end) return null;
  return Math.round(((quota * (now - start)) / (end - start)) * 10) / 10;
}

/** What becomes of a pass, day by day: qualified, recycled and disqualified stacked, the rest is open. */
export function sharesChart({ timeToQualify }: Scorecard): Drawing {
  const days = timeToQualify.shareQualifiedByDay;
  const area = (name: string, color: string, pick: (day: DayShares) => number | null) =>
    line(name, days.map(pick), color, {
      ...{ stack: 'shares', step: 'end', symbol: 'none', areaStyle: { color, opacity: 0.75 } },
      lineStyle: { width: 1 },
    });
  return draw({
    id: 'shares',
    categories: days.map(({ day }) => day),
    ...{ unit: percentAxis, max: 1, interval: 15 },
    series: [
      area('qualified', 'var(--good)', ({ qualified }) => qualified),
      area('recycled', 'var(--third)', ({ recycled }) => recycled),
      area('disqualified', 'var(--bad)', ({ disqualified }) => disqualified),
      area('open', 'var(--grid)', ({ open }) => open),
    ],
  });
}

/** Median and 90th percentile of the time to qualify by cohort, in days. */
export function timesChart({ timeToQualify: { weeks } }: Scorecard, dates: Dates): Drawing {
  const days = (hours: number | null) => (hours === null ? null : Math.round((hours / 24) * 100) / 100);
  return draw({
    id: 'times',
    categories: weeks.map(({ from }) => dates.day(from)),
    unit: (value) => `${value} d`,
    series: [
      line(
        'median',
        weeks.map(({ medianHours }) => days(medianHours)),
        'var(--good)',
      ),
      line(
        '90 % within',
        weeks.map(({ p90Hours }) => days(p90Hours)),
        'var(--bad)',
        {
          ...{ symbol: 'triangle', symbolSize: 8, lineStyle: { type: 'dashed' } },
        },
      ),
    ],
  });
}

import { type Cell, columns, painter } from './columns.ts';
import { count, datesIn, isSmall, NOTHING, percent } from './format.ts';
import type { JudgedBy, WhatIf } from './what-if.ts';

/** Two promises side by side for a terminal. `color` as in `renderText`. */
export function renderWhatIfText(
  whatIf: WhatIf,
  { color = false }: { readonly color?: boolean } = {},
): string {
  const paint = painter(color);
  const dates = datesIn(whatIf.timeZone);
  const { today, proposed, deadlines } = whatIf;
  const head = ['week of', 'due today', 'kept', 'rate', 'due proposed', 'kept', 'rate', 'change'];
  const weeks = today.sales.weeks.map((week, at): Cell[] => {
    const other = proposed.sales.weeks[at] ?? week;
    return [
      ...[dates.day(week.from), count(week.due), count(week.kept), percent(week.rate)],
      ...[count(other.due), count(other.kept), percent(other.rate), change(week.rate, other.rate)],
    ];
  });
  const total = ['all weeks', ...figures(today), ...figures(proposed), change(today.rate, proposed.rate)];
  const open: Cell[][] = [
    ['open now', 'not yet due', 'overdue'],
    ['today', count(today.sales.pending), count(today.sales.overdue)],
    ['proposed', count(proposed.sales.pending), count(proposed.sales.overdue)],
  ];
  const achievable = deadlines.map(({ rule, passes, open: stillOpen, hours, businessHours }) => [
    ...[
      rule,
      `${count(passes)}${isSmall(passes) ? '*' : ''}`,
      count(stillOpen),
      inHours(hours),
      inHours(businessHours),
    ],
  ]);
  return [
    `${paint(`What if: sales promise of ${whatIf.portal}`, 'bold')} as of ${dates.moment(whatIf.asOf)} (${whatIf.timeZone})`,
    '',
    ...columns([head, ...weeks, total], [0], paint),
    '',
    ...columns(open, [0], paint),
    '',
    `${paint('Deadlines that 90 % of these passes would have kept', 'bold')}  ${paint('open ones counted; – not reached', 'dim')}`,
    ...columns([['rule', 'passes', 'open', 'hours', 'business hours'], ...achievable], [0], paint),
    '',
    paint('* fewer than 20: says little.', 'dim'),
    '',
  ].join('\n');
}

/** The comparison as one JSON document, ending in a newline. */
export function renderWhatIfJson(whatIf: WhatIf): string {
  return `${JSON.stringify(whatIf, null, 2)}\n`;
}

function figures({ due, kept, rate }: JudgedBy): readonly string[] {
  return [count(due), count(kept), percent(rate)];
}

function change(from: number | null, to: number | null): string {
  if (from === null || to === null) return NOTHING;
  const points = (to - from) * 100;
  return `${points > 0 ? '+' : ''}${points.toFixed(1)}`;
}

function inHours(value: number | null): string {
  return value === null ? NOTHING : `${value.toFixed(1)} h`;
}

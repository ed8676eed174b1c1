/** The scorecard for a terminal: at most 100 columns, the two promises first. */
import type { Scorecard } from '../domain/scorecard/document.ts';
import { rate } from '../domain/statistics.ts';
import { bar, type Cell, columns, type Painter, painter } from './columns.ts';
import {
  attainment,
  cohortTotal,
  groupingName,
  groupsOf,
  type ReportContext,
  recordLink,
} from './context.ts';
import {
  ago,
  count,
  type Dates,
  datesIn,
  duration,
  isSmall,
  NOTHING,
  percent,
  times,
  verdict,
} from './format.ts';
import { promiseLines } from './text-promises.ts';
import { trapName } from './words.ts';

interface Sheet {
  readonly card: Scorecard;
  readonly context: ReportContext;
  readonly dates: Dates;
  readonly paint: Painter;
}

const OVERDUE_SHOWN = 10;
const GROUPS_SHOWN = 20;

/** `color`: may the text carry ANSI colours? Nothing is said by colour alone. */
export function renderText(
  scorecard: Scorecard,
  context: ReportContext,
  { color = false }: { readonly color?: boolean } = {},
): string {
  const dates = datesIn(scorecard.timeZone);
  const sheet: Sheet = { card: scorecard, context, dates, paint: painter(color) };
  const head = `Scorecard of ${scorecard.portal}`;
  const when = `as of ${dates.moment(scorecard.asOf)} (${scorecard.timeZone}), ${scorecard.weeks === 1 ? '1 week' : `${scorecard.weeks} weeks`}`;
  const sections = [
    promiseLines(scorecard, dates, sheet.paint),
    conversionLines(sheet),
    salesLines(sheet),
    marketingLines(sheet),
    timesLines(sheet),
    groupLines(sheet),
    overdueLines(sheet),
    qualityLines(sheet),
  ].filter((lines) => lines.length > 0);
  const foot = '* fewer than 20: says little.  Definitions: README, “What the numbers mean”.';
  return [[`${sheet.paint(head, 'bold')} ${when}`], ...sections, [sheet.paint(foot, 'dim')]]
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function heading({ paint }: Sheet, title: string, note: string): string {
  return `${paint(title, 'bold')}  ${paint(note, 'dim')}`;
}

/** A rate with a star where it stands on few. */
function starred(share: number | null, n: number): string {
  return `${percent(share)}${isSmall(n) ? '*' : ' '}`;
}

function conversionLines(sheet: Sheet): string[] {
  const { card, dates, paint } = sheet;
  const head = [
    'week of',
    'passes',
    'qualified',
    'recycled',
    'disq.',
    'open',
    '7 d ',
    '30 d ',
    '90 d ',
    'so far ',
    '',
  ];
  const rows = card.conversion.weeks.map((week) => [
    ...[dates.day(week.from), count(week.passes), count(week.qualified), count(week.recycled)],
    ...[count(week.disqualified), count(week.open)],
    ...([week.within['7'], week.within['30'], week.within['90']] as const).map(({ rate: share, n }) =>
      starred(share, n),
    ),
    ...[starred(week.rate, week.passes), bar(week.rate, 12)],
  ]);
  const { period } = card.conversion;
  const recent = period
    .slice(-2)
    .map(
      ({ from, mql, sql, rate: share }) =>
        `week of ${dates.day(from)}: ${count(sql)} SQL ÷ ${count(mql)} MQL = ${percent(share)}`,
    );
  return [
    heading(sheet, 'Conversion MQL→SQL', 'by the week a pass opened; N d: only passes at least N days old'),
    ...columns([head, ...rows], [0], paint),
    paint(`  by period: ${recent.join('; ')}`, 'dim'),
  ];
}

function salesLines(sheet: Sheet): string[] {
  const { card, dates, paint } = sheet;
  const rows = card.sales.weeks.map((week): Cell[] => [
    ...[dates.day(week.from), count(week.due), count(week.kept), count(week.missed)],
    ...[starred(week.rate, week.due), bar(week.rate, 20)],
  ]);
  return [
    heading(sheet, 'Sales promise', 'by the week it fell due; open and past due counts as missed'),
    ...columns([['week of', 'due', 'kept', 'missed', 'kept in time ', ''], ...rows], [0], paint),
  ];
}

function marketingLines(sheet: Sheet): string[] {
  const { card, dates, paint } = sheet;
  const { windows } = card.marketing;
  if (windows.length === 0) return [];
  const rows = windows.map((window): Cell[] => [
    ...[dates.moment(window.to), count(window.delivered), count(window.quota), count(window.fit)],
    percent(window.fit === null ? null : rate(window.fit, window.delivered)),
    {
      text: verdict(window.kept),
      style: window.kept === true ? 'good' : window.kept === false ? 'bad' : 'dim',
    },
    times(window.pace),
  ]);
  return [
    heading(sheet, 'Marketing promise', 'by delivery window'),
    ...columns(
      [['until', 'delivered', 'quota', 'fit', 'fit share', 'promise', 'pace'], ...rows],
      [0, 5],
      paint,
    ),
  ];
}

const DAYS_SHOWN = [1, 3, 7, 14, 30, 60, 90];

function timesLines(sheet: Sheet): string[] {
  const { timeToQualify: found } = sheet.card;
  const days = found.shareQualifiedByDay.filter(({ day }) => DAYS_SHOWN.includes(day));
  const share = (name: string, pick: (day: (typeof days)[number]) => number | null) => [
    name,
    ...days.map((day) => percent(pick(day))),
  ];
  const note = `${count(found.n)} qualified${isSmall(found.n) ? '*' : ''}, ${count(found.instant)} instant left out`;
  return [
    heading(sheet, 'Time to qualify', `of the passes opened in these weeks; ${note}`),
    `  median ${duration(found.medianHours)}   90 % within ${duration(found.p90Hours)}   in business hours: median ` +
      `${duration(found.medianBusinessHours)}, 90 % within ${duration(found.p90BusinessHours)}`,
    `  median until decided, open ones counted: ${duration(found.medianHoursToDecision)}`,
    ...columns(
      [
        ['by day', ...days.map(({ day }) => String(day))],
        share('qualified', (day) => day.qualified),
        share('recycled', (day) => day.recycled),
        share('disqualified', (day) => day.disqualified),
        share('open', (day) => day.open),
      ],
      [0],
      sheet.paint,
    ),
  ];
}

function groupLines(sheet: Sheet): string[] {
  const groups = groupsOf(sheet.card, sheet.context);
  if (groups.length === 0) return [];
  const rows = groups.slice(0, GROUPS_SHOWN).map(({ label, blocks }) => {
    const { passes, qualified } = cohortTotal(blocks);
    const { kept, due } = attainment(blocks);
    const { timeToQualify, sales } = blocks;
    return [
      ...[clip(label, 30), count(passes), starred(rate(qualified, passes), passes), count(due)],
      ...[starred(rate(kept, due), due), count(sales.overdue)],
      ...[duration(timeToQualify.medianHours), duration(timeToQualify.p90Hours)],
    ];
  });
  const head = [
    groupingName(sheet.card.by ?? ''),
    'passes',
    'qualified ',
    'due',
    'kept ',
    'overdue',
    'median',
    '90 %',
  ];
  return [
    heading(sheet, 'Groups', 'all weeks shown together, largest first'),
    ...columns([[clip(head[0] ?? '', 30), ...head.slice(1)], ...rows], [0], sheet.paint),
    ...more(sheet, groups.length - rows.length, '--format json shows all'),
  ];
}

function overdueLines(sheet: Sheet): string[] {
  const { context, card, dates, paint } = sheet;
  if (context.overdue.length === 0) return [];
  const shown = context.overdue.slice(0, OVERDUE_SHOWN);
  const rows = shown.map(({ contactId, rule, dueAt }) => [
    ...[contactId, clip(rule, 30), dates.moment(new Date(dueAt).toISOString())],
    ago(dueAt, Date.parse(card.asOf)),
  ]);
  const link = recordLink(context, 'CONTACT');
  return [
    heading(sheet, 'Overdue', `${count(context.overdue.length)} passes, longest first`),
    ...columns([['contact', 'rule', 'was due', 'overdue for'], ...rows], [0, 1, 2], paint),
    ...more(sheet, context.overdue.length - shown.length, '--format csv lists all'),
    ...(link === null ? [] : [paint(`  in HubSpot: ${link}`, 'dim')]),
  ];
}

function qualityLines(sheet: Sheet): string[] {
  const { quality } = sheet.card;
  const found = quality.traps.filter(({ passes }) => passes > 0);
  const rows = found.map((effect) => [
    ...[trapName(effect.trap), count(effect.passes), percent(effect.rateWith), percent(effect.rateWithout)],
    ...[duration(effect.medianHoursWith), duration(effect.medianHoursWithout)],
  ]);
  const direct = quality.direct_sql === null ? NOTHING : count(quality.direct_sql);
  return [
    heading(sheet, 'History quality', 'everything remembered: what would change with and without'),
    `  ${count(quality.contacts)} contacts, ${count(quality.passes)} passes, ${direct} SQLs without an MQL`,
    ...(found.length === 0
      ? []
      : columns(
          [['trap', 'passes', 'rate with', 'without', 'median with', 'without'], ...rows],
          [0],
          sheet.paint,
        )),
  ];
}

function more({ paint }: Sheet, count: number, where: string): string[] {
  return count > 0 ? [paint(`  and ${count} more; ${where}`, 'dim')] : [];
}

function clip(text: string, width: number): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
  return clean.length > width ? `${clean.slice(0, width - 1)}…` : clean;
}

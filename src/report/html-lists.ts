import type { Scorecard } from '../domain/scorecard/document.ts';
import { rate } from '../domain/statistics.ts';
import { FLAGS } from '../domain/types.ts';
import {
  attainment,
  cohortTotal,
  type Group,
  groupingName,
  groupsOf,
  type ReportContext,
  recordLink,
} from './context.ts';
import { ago, count, type Dates, duration, isSmall, percent } from './format.ts';
import { dataTable, EMPTY, figure, html, type Markup, pointerStep } from './markup.ts';
import { trapMeaning, trapName } from './words.ts';

/** How many rows of a list are seen at once, behind a click, and on paper. */
const SHOWN = { open: 20, folded: 500, paper: 9 };

/** The groups of the scorecard, one row each; nothing without a grouping. */
export function groupsSection(scorecard: Scorecard, context: ReportContext): Markup {
  const groups = groupsOf(scorecard, context);
  if (scorecard.by === undefined) return EMPTY;
  const head = [
    ...[
      'Group',
      'passes',
      'qualified',
      'rate',
      'due',
      'kept',
      'in time',
      'overdue',
      'pending',
      'median',
      '90 %',
    ],
  ];
  return html`<section aria-labelledby="groups">
<h2 id="groups">By ${groupingName(scorecard.by)}</h2>
${limitedTable('Groups, all weeks shown together, largest first', head, groups.map(groupRow))}
</section>`;
}

function groupRow({ value, label, blocks }: Group): readonly (Markup | string)[] {
  const pointer = `/groups${pointerStep(value)}`;
  const { passes, qualified } = cohortTotal(blocks);
  const { kept, due } = attainment(blocks);
  const { sales, timeToQualify } = blocks;
  const few = (n: number) => (isSmall(n) ? ' (few)' : '');
  return [
    ...[label, count(passes), count(qualified), `${percent(rate(qualified, passes))}${few(passes)}`],
    ...[count(due), count(kept), `${percent(rate(kept, due))}${few(due)}`],
    figure(`${pointer}/sales/overdue`, sales.overdue, count),
    figure(`${pointer}/sales/pending`, sales.pending, count),
    figure(`${pointer}/timeToQualify/medianHours`, timeToQualify.medianHours, duration),
    figure(`${pointer}/timeToQualify/p90Hours`, timeToQualify.p90Hours, duration),
  ];
}

/** Open passes after their due time, each with its link into HubSpot. */
export function overdueSection(scorecard: Scorecard, context: ReportContext, dates: Dates): Markup {
  const asOf = Date.parse(scorecard.asOf);
  const rows = context.overdue.map(({ contactId, pass, rule, dueAt }) => {
    const due = new Date(dueAt).toISOString();
    const link = recordLink(context, contactId);
    return [
      link === null ? contactId : html`<a href="${link}">${contactId}</a>`,
      ...[String(pass), rule, html`<time datetime="${due}">${dates.moment(due)}</time>`, ago(dueAt, asOf)],
    ];
  });
  const head = ['Contact', 'pass', 'rule', 'was due', 'overdue for'];
  return html`<section aria-labelledby="overdue">
<h2 id="overdue">Overdue now</h2>
${rows.length === 0 ? html`<p>Nothing is overdue.</p>` : limitedTable('Open passes after their due time, longest first', head, rows, [2, 3])}
</section>`;
}

type Rows = readonly (readonly (Markup | string)[])[];

/** A table cut to what a screen holds (the rest behind a click), and further on paper, saying how many are left out. */
function limitedTable(
  caption: string,
  head: readonly string[],
  rows: Rows,
  text: readonly number[] = [],
): Markup {
  const folded = rows.slice(SHOWN.open, SHOWN.folded);
  const left = (shown: number) => (rows.length > shown ? `And ${count(rows.length - shown)} more.` : '');
  return html`${dataTable(caption, head, rows.slice(0, SHOWN.open), { text, onPaper: SHOWN.paper })}
${
  folded.length === 0
    ? EMPTY
    : html`<details><summary>${count(folded.length)} more</summary>${dataTable(`${caption}, continued`, head, folded, { text })}</details>`
}<p class="note screen">${left(SHOWN.folded)}</p><p class="note paper">${left(SHOWN.paper)}</p>`;
}

/** How sound the histories are, and how much each trap moves the numbers. */
export function qualitySection({ quality }: Scorecard): Markup {
  const flags = FLAGS.filter((flag) => quality.flags[flag] > 0);
  const effects = quality.traps.flatMap((effect, at) => {
    if (effect.passes === 0) return [];
    const pointer = `/quality/traps/${at}`;
    return [
      [
        html`${trapName(effect.trap)} <span class="note">${trapMeaning(effect.trap)}</span>`,
        figure(`${pointer}/passes`, effect.passes, count),
        figure(`${pointer}/rateWith`, effect.rateWith, percent),
        figure(`${pointer}/rateWithout`, effect.rateWithout, percent),
        figure(`${pointer}/medianHoursWith`, effect.medianHoursWith, duration),
        figure(`${pointer}/medianHoursWithout`, effect.medianHoursWithout, duration),
      ],
    ];
  });
  const head = ['What can mislead', 'passes', 'rate with', 'without', 'median with', 'without'];
  return html`<section aria-labelledby="quality">
<h2 id="quality">How sound the histories are</h2>
<p>${figure('/quality/contacts', quality.contacts, count)} contacts, ${figure('/quality/passes', quality.passes, count)} passes,
${figure('/quality/direct_sql', quality.direct_sql, count)} SQLs without an MQL. Contacts with flags:
${flags.length === 0 ? 'none' : flags.map((flag, at) => html`${at > 0 ? ', ' : ''}${trapName(flag)} ${figure(`/quality/flags/${flag}`, quality.flags[flag], count)}`)}.</p>
${effects.length === 0 ? EMPTY : dataTable('Conversion and median time to qualify of everything remembered, with and without', head, effects)}
</section>`;
}

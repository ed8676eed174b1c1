import { SMALL } from '../domain/scorecard/document.ts';
import { html, type Markup } from './markup.ts';

const TERMS: readonly (readonly [string, string])[] = [
  [
    'Pass',
    'One attempt to qualify a lead: from entering an MQL stage until it qualifies, goes back (recycled) or is lost (disqualified). A contact can have several.',
  ],
  [
    'Sales promise',
    'Kept when the clock of a pass stopped at or before its due time. Counted in the week of the due date; an open pass past it is missed from that moment on, one not yet due is shown apart.',
  ],
  [
    'Marketing promise',
    'Leads that became MQL between one cutoff and the next, against the quota and the share of good fit. Pace: delivered ÷ quota due by now.',
  ],
  [
    'Conversion by cohort',
    'Of the passes opened in a week, those that have qualified by now. Within N days: only passes at least N days old, above and below the line.',
  ],
  [
    'Conversion by period',
    'SQL entries ÷ MQL entries of a week, whenever those leads began. It can exceed 100 %.',
  ],
  [
    'Time to qualify',
    'From MQL to SQL. Those under a minute count as converted and are left out of median and 90 %.',
  ],
  [
    'Share by day',
    'Cumulative incidence (Aalen–Johansen): recycled and disqualified compete with qualified, open leads count as long as they were seen.',
  ],
  ['Median until decided', 'Kaplan–Meier over all outcomes; shown once half are estimated to be decided.'],
  ['Few', `A rate over fewer than ${SMALL}: it says little.`],
];

/** What the words on the page mean. */
export function definitionsSection(): Markup {
  return html`<section aria-labelledby="definitions">
<h2 id="definitions">What the numbers mean</h2>
<dl class="terms">${TERMS.map(([term, meaning]) => html`<div><dt>${term}</dt><dd>${meaning}</dd></div>\n`)}</dl>
</section>`;
}

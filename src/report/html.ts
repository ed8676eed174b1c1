/** The scorecard as one page: no script, no network; the two promises first, then trends, lists and definitions. */
import type { DeliveryWindow, SalesWeek, Scorecard } from '../domain/scorecard/document.ts';
import { rate } from '../domain/statistics.ts';
import { attainment, type ReportContext } from './context.ts';
import { count, type Dates, datesIn, isSmall, percent, times, verdict } from './format.ts';
import { definitionsSection } from './html-definitions.ts';
import { groupsSection, overdueSection, qualitySection } from './html-lists.ts';
import { STYLE } from './html-style.ts';
import { trendsSection } from './html-trends.ts';
import { EMPTY, figure, html, type Markup, trusted } from './markup.ts';

/** How many weeks or windows the two cards remember. */
const MARKS = 13;

/** One self-contained HTML document. Every figure carries its exact value and where it stands in the JSON document. */
export function renderHtml(scorecard: Scorecard, context: ReportContext): string {
  const dates = datesIn(scorecard.timeZone);
  const when = dates.moment(scorecard.asOf);
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Scorecard of ${scorecard.portal}, ${when}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the scorecard</a>
<header>
<h1>Marketing to sales: scorecard of ${scorecard.portal}</h1>
<p class="note">As of <time datetime="${scorecard.asOf}">${when}</time> (${scorecard.timeZone}), ${figure('/weeks', scorecard.weeks, count)} weeks</p>
</header>
<main id="content">
<section aria-labelledby="promises">
<h2 id="promises">The two promises</h2>
<div class="promises">
${marketingCard(scorecard, dates)}
${salesCard(scorecard, dates)}
</div>
</section>
${trendsSection(scorecard, dates)}
<div class="second">
${groupsSection(scorecard, context)}
${overdueSection(scorecard, context, dates)}
${qualitySection(scorecard)}
${definitionsSection()}
</div>
</main>
<footer><p>Times are those of ${scorecard.timeZone}. The same figures, exactly: <code>report --format json</code>.</p></footer>
</body>
</html>
`;
  return markup;
}

function marketingCard({ marketing: { windows } }: Scorecard, dates: Dates): Markup {
  const at = windows.length - 1;
  const current = windows[at];
  if (current === undefined) {
    return html`<article class="panel"><h3>Marketing delivers</h3><p class="note">Nothing is promised in the configuration.</p></article>`;
  }
  const pointer = `/marketing/windows/${at}`;
  return html`<article class="panel">
<h3>Marketing delivers</h3>
<p class="big">${figure(`${pointer}/delivered`, current.delivered, count)} <span class="unit">of</span> ${figure(`${pointer}/quota`, current.quota, count)}</p>
<p>leads until ${dates.moment(current.to)}</p>
${meter(current.quota === null || current.quota === 0 ? null : current.delivered / current.quota)}
<dl class="facts">
<div><dt>Pace</dt><dd>${figure(`${pointer}/pace`, current.pace, times)}</dd></div>
<div><dt>Promise</dt><dd>${figure(`${pointer}/kept`, current.kept, verdict)}</dd></div>
${current.fit === null ? EMPTY : fitFact(pointer, current)}
</dl>
<p class="note" id="windows">Promise by window, latest last:</p>
<ul class="marks" aria-labelledby="windows">${latest(windows, (window, of) => windowMark(window, of, dates))}</ul>
</article>`;
}

function fitFact(pointer: string, { fit, delivered }: DeliveryWindow): Markup {
  const share = percent(rate(fit ?? 0, delivered));
  return html`<div><dt>Good fit</dt><dd>${figure(`${pointer}/fit`, fit, count)} <span class="unit">${share}</span></dd></div>`;
}

function windowMark({ to, kept }: DeliveryWindow, at: number, dates: Dates): Markup {
  const [style, sign] = kept === null ? ['', '…'] : kept ? ['kept', '✓'] : ['missed', '✗'];
  return mark(
    style,
    `until ${dates.day(to)}: ${verdict(kept)}`,
    figure(`/marketing/windows/${at}/kept`, kept, () => sign),
  );
}

/** A sign for the eye, words for a screen reader and for a pointer that rests on it. */
function mark(style: string, words: string, sign: Markup): Markup {
  return html`<li class="${style}" title="${words}"><span aria-hidden="true">${sign}</span><span class="hidden">${words}</span></li>`;
}

/** The latest of a list as marks, oldest first; `show` is given its place in the list. */
function latest<T>(list: readonly T[], show: (item: T, at: number) => Markup): readonly Markup[] {
  return list.map(show).slice(-MARKS);
}

function salesCard(scorecard: Scorecard, dates: Dates): Markup {
  const { weeks, pending, overdue } = scorecard.sales;
  const at = weeks.length - 1;
  const current = weeks[at] as SalesWeek;
  const pointer = `/sales/weeks/${at}`;
  const total = attainment(scorecard);
  return html`<article class="panel">
<h3>Sales decides in time</h3>
<p class="big">${figure(`${pointer}/rate`, current.rate, percent)}${few(current.due)}</p>
<p>${figure(`${pointer}/kept`, current.kept, count)} of ${figure(`${pointer}/due`, current.due, count)} due in the week of ${dates.day(current.from)}</p>
${meter(current.rate)}
<dl class="facts">
<div><dt>Overdue now</dt><dd>${figure('/sales/overdue', overdue, count)}</dd></div>
<div><dt>Not yet due</dt><dd>${figure('/sales/pending', pending, count)}</dd></div>
<div><dt>All weeks shown</dt><dd>${percent(rate(total.kept, total.due))}</dd></div>
</dl>
<p class="note" id="weeks">Kept in time by week, in per cent, latest last:</p>
<ul class="marks" aria-labelledby="weeks">${latest(weeks, (week, of) => weekMark(week, of, dates))}</ul>
</article>`;
}

function weekMark({ from, rate: share }: SalesWeek, at: number, dates: Dates): Markup {
  const rounded = (value: number | null) => (value === null ? '–' : `${Math.round(value * 100)}`);
  return mark(
    '',
    `week of ${dates.day(from)}: ${percent(share)}`,
    figure(`/sales/weeks/${at}/rate`, share, rounded),
  );
}

function meter(share: number | null): Markup {
  const width = (Math.min(1, Math.max(0, share ?? 0)) * 100).toFixed(1);
  return html`<div class="meter" aria-hidden="true"><span style="width:${width}%"></span></div>`;
}

/** Marks a rate that stands on few. */
function few(n: number): Markup {
  return isSmall(n) ? html`<span class="few">few</span>` : EMPTY;
}

import { HORIZONS, type Scorecard } from '../domain/scorecard/document.ts';
import {
  attainmentChart,
  conversionChart,
  type Drawing,
  deliveryChart,
  sharesChart,
  timesChart,
} from './charts.ts';
import { count, type Dates, duration, isSmall, percent, times, verdict } from './format.ts';
import { dataTable, EMPTY, figure, html, type Markup, trusted } from './markup.ts';

/** The charts, each followed by its figures as a table. */
export function trendsSection(scorecard: Scorecard, dates: Dates): Markup {
  return html`<section aria-labelledby="trends">
<h2 id="trends">Trends</h2>
<div class="charts">
${conversion(scorecard, dates)}
${attainment(scorecard, dates)}
${scorecard.marketing.windows.length === 0 ? EMPTY : delivery(scorecard, dates)}
${timesByWeek(scorecard, dates)}
${shares(scorecard)}
${summary(scorecard)}
</div>
</section>`;
}

function chart(title: string, description: string, drawing: Drawing, tables: Markup): Markup {
  const drawn = (size: 'wide' | 'narrow') => {
    const label = html` role="img" aria-label="${title}. ${description} The figures follow as a table."`;
    return html`<div class="${size}">${trusted(drawing[size].replace('<svg', `<svg${label.markup}`))}</div>`;
  };
  return html`<article class="panel chart">
<h3>${title}</h3>
<figure style="margin:0">${drawn('wide')}${drawn('narrow')}<figcaption>${description}</figcaption></figure>
<details><summary>Figures: ${title}</summary>${tables}</details>
</article>`;
}

/** A rate as a figure, marked where it stands on few. */
function rateOf(pointer: string, share: number | null, n: number): Markup {
  return figure(pointer, share, (value) => `${percent(value)}${isSmall(n) ? ' (few)' : ''}`);
}

function conversion(scorecard: Scorecard, dates: Dates): Markup {
  const { weeks, period } = scorecard.conversion;
  const cohorts = weeks.map((week, at) => {
    const pointer = `/conversion/weeks/${at}`;
    const counts = (['passes', 'qualified', 'recycled', 'disqualified', 'open'] as const).map((name) =>
      figure(`${pointer}/${name}`, week[name], count),
    );
    const within = HORIZONS.flatMap((days) => {
      const { n, qualified, rate } = week.within[days];
      const of = `${pointer}/within/${days}`;
      return [
        html`${figure(`${of}/qualified`, qualified, count)} of ${figure(`${of}/n`, n, count)}`,
        rateOf(`${of}/rate`, rate, n),
      ];
    });
    return [dates.day(week.from), ...counts, rateOf(`${pointer}/rate`, week.rate, week.passes), ...within];
  });
  const periods = period.map(({ from, mql, sql, rate }, at) => [
    ...[dates.day(from), figure(`/conversion/period/${at}/mql`, mql, count)],
    ...[
      figure(`/conversion/period/${at}/sql`, sql, count),
      rateOf(`/conversion/period/${at}/rate`, rate, mql),
    ],
  ]);
  const within = HORIZONS.flatMap((days) => [`within ${days} d`, 'rate']);
  const head = ['Week of', 'passes', 'qualified', 'recycled', 'disqualified', 'open', 'rate', ...within];
  return chart(
    'Conversion MQL→SQL by cohort',
    'Share of the passes opened in a week that have qualified by now. Striped: some are younger than 30 days, the share can still grow.',
    conversionChart(scorecard, dates),
    html`${dataTable('Conversion by the week a pass opened', head, cohorts)}
${dataTable('Conversion by period: SQL entries ÷ MQL entries of a week', ['Week of', 'MQL', 'SQL', 'rate'], periods)}`,
  );
}

function attainment(scorecard: Scorecard, dates: Dates): Markup {
  const rows = scorecard.sales.weeks.map((week, at) => [
    dates.day(week.from),
    ...(['due', 'kept', 'missed'] as const).map((name) =>
      figure(`/sales/weeks/${at}/${name}`, week[name], count),
    ),
    rateOf(`/sales/weeks/${at}/rate`, week.rate, week.due),
  ]);
  return chart(
    'Sales promise by week',
    'Passes by the week they fell due. An open pass past its due time counts as missed.',
    attainmentChart(scorecard, dates),
    dataTable(
      'Sales promise by week of the due date',
      ['Week of', 'due', 'kept', 'missed', 'kept in time'],
      rows,
    ),
  );
}

function delivery(scorecard: Scorecard, dates: Dates): Markup {
  const rows = scorecard.marketing.windows.map((window, at) => {
    const pointer = `/marketing/windows/${at}`;
    return [
      ...[dates.moment(window.to), figure(`${pointer}/delivered`, window.delivered, count)],
      ...[figure(`${pointer}/quota`, window.quota, count), figure(`${pointer}/fit`, window.fit, count)],
      ...[figure(`${pointer}/kept`, window.kept, verdict), figure(`${pointer}/pace`, window.pace, times)],
    ];
  });
  return chart(
    'Marketing promise by window',
    'Leads delivered in each window against the quota. The diamond is what was due by now in the current one.',
    deliveryChart(scorecard, dates),
    dataTable('Delivery by window', ['Until', 'delivered', 'quota', 'fit', 'promise', 'pace'], rows),
  );
}

function timesByWeek(scorecard: Scorecard, dates: Dates): Markup {
  const rows = scorecard.timeToQualify.weeks.map(({ from, n, medianHours, p90Hours }, at) => {
    const pointer = `/timeToQualify/weeks/${at}`;
    return [
      ...[
        dates.day(from),
        figure(`${pointer}/n`, n, (value) => `${count(value)}${isSmall(value) ? ' (few)' : ''}`),
      ],
      ...[
        figure(`${pointer}/medianHours`, medianHours, duration),
        figure(`${pointer}/p90Hours`, p90Hours, duration),
      ],
    ];
  });
  return chart(
    'Time to qualify by cohort',
    'Of those that qualified: half were faster than the median, nine in ten than the dashed line. Young cohorts look faster than they will be.',
    timesChart(scorecard, dates),
    dataTable('Time to qualify by the week a pass opened', ['Week of', 'n', 'median', '90 % within'], rows),
  );
}

function shares(scorecard: Scorecard): Markup {
  const rows = scorecard.timeToQualify.shareQualifiedByDay.map((day, at) => [
    figure(`/timeToQualify/shareQualifiedByDay/${at}/day`, day.day, count),
    ...(['qualified', 'recycled', 'disqualified', 'open'] as const).map((name) =>
      figure(`/timeToQualify/shareQualifiedByDay/${at}/${name}`, day[name], percent),
    ),
  ]);
  return chart(
    'What becomes of a lead, day by day',
    'Estimated share by days since the MQL, counting leads still open for as long as they were seen.',
    sharesChart(scorecard),
    dataTable('Estimated shares by day', ['Day', 'qualified', 'recycled', 'disqualified', 'open'], rows),
  );
}

function summary({ timeToQualify: found }: Scorecard): Markup {
  const fact = (name: keyof typeof found & `${string}Hours`, title: string) =>
    html`<div><dt>${title}</dt><dd>${figure(`/timeToQualify/${name}`, found[name] as number | null, duration)}</dd></div>`;
  const decision = found.medianHoursToDecision;
  return html`<article class="panel">
<h3>Time to qualify, all weeks shown</h3>
<dl class="facts">
${fact('medianHours', 'Median')}${fact('p90Hours', '90 % within')}
${fact('medianBusinessHours', 'Median, business hours')}${fact('p90BusinessHours', '90 %, business hours')}
<div><dt>Median until decided, open ones counted</dt><dd>${figure('/timeToQualify/medianHoursToDecision', decision, duration)}</dd></div>
<div><dt>Qualified</dt><dd>${figure('/timeToQualify/n', found.n, count)}</dd></div>
<div><dt>Instant, left out</dt><dd>${figure('/timeToQualify/instant', found.instant, count)}</dd></div>
</dl>
</article>`;
}

import { describe, expect, it } from 'vitest';
import type { Scorecard } from '../../src/domain/scorecard/document.ts';
import { renderHtml } from '../../src/report/html.ts';
import { renderJson } from '../../src/report/json.ts';
import { buildScorecard } from '../../src/report/scorecard.ts';
import { row, rules as smallRules } from '../domain/scorecard/rows.ts';
import { at, leaves, pageFigures } from './pointers.ts';
import { asOf, sample, sampleContext } from './sample.ts';

const context = sampleContext();
const none = { portalId: null, owners: new Map(), overdue: [] };

async function page(by?: string): Promise<{ readonly card: Scorecard; readonly html: string }> {
  const card = await sample(by);
  return { card, html: renderHtml(card, context) };
}

describe('the figures of the page', () => {
  it('are those of the JSON document', async () => {
    const { card, html } = await page('owner');
    const document: unknown = JSON.parse(renderJson(card));
    const figures = pageFigures(html);
    expect(figures.length).toBeGreaterThan(800);
    for (const { pointer, value } of figures)
      expect([pointer, at(document, pointer)]).toEqual([pointer, value]);
  });

  it('are all there', async () => {
    const { card, html } = await page();
    const shown = new Set(pageFigures(html).map(({ pointer }) => pointer));
    const { groups: _, quality, ...whole } = card;
    expect(leaves(whole).filter((pointer) => !shown.has(pointer))).toEqual([]);
    const traps = quality.traps.flatMap(({ passes }, of) =>
      passes > 0 ? [`/quality/traps/${of}/rateWithout`] : [],
    );
    expect(traps.length).toBeGreaterThan(3);
    expect(traps.filter((pointer) => !shown.has(pointer))).toEqual([]);
  });

  it('survive group values that would break out of markup or pointers', async () => {
    const value = '"><img src=x onerror=alert(1)>/~';
    const rows = [row({ opened: '2026-03-10T10:00:00Z', properties: { team: value } })];
    const counts = { contacts: 1, directSql: 0, flags: {} };
    const card = await buildScorecard(rows, {
      portal: '<main>',
      asOf,
      weeks: 2,
      rules: smallRules,
      by: 'team',
      counts,
    });
    const html = renderHtml(card, none);
    expect(html).not.toContain('<img');
    expect(html).not.toContain('<main>&');
    expect(html).toContain('scorecard of &lt;main&gt;');
    for (const { pointer, value: shown } of pageFigures(html)) expect(at(card, pointer)).toEqual(shown);
    expect(pageFigures(html).some(({ pointer }) => pointer.startsWith('/groups/'))).toBe(true);
  });
});

describe('the page', () => {
  it('needs neither script nor network', async () => {
    const { html } = await page('owner');
    expect(html).not.toMatch(/<script|<link|<iframe|@import|url\((?!#)|\son\w+=|src=/i);
    const addresses = [...html.matchAll(/https?:\/\/[^"'\s<]+/g)].map(([address]) => address);
    const foreign = addresses.filter(
      (address) => !/^https:\/\/app\.hubspot\.com\/|^http:\/\/www\.w3\.org\//.test(address),
    );
    expect(foreign).toEqual([]);
  });

  it('is the same whenever it is made, and gives no name twice', async () => {
    const { card, html } = await page('owner');
    expect(renderHtml(card, context)).toBe(html);
    const ids = [...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toContain('promises');
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  it('links every overdue contact into HubSpot, longest overdue first', async () => {
    const { html } = await page();
    const linked = [
      ...html.matchAll(/href="https:\/\/app\.hubspot\.com\/contacts\/4242\/record\/0-1\/(\d+)"/g),
    ];
    expect(linked.map(([, id]) => id)).toEqual(context.overdue.map(({ contactId }) => contactId));
  });

  it('names contacts without links where the portal number is not known', async () => {
    const html = renderHtml(await sample(), { ...context, portalId: null });
    expect(html).not.toContain('app.hubspot.com');
    expect(html).toContain(`<th scope="row">${context.overdue[0]?.contactId}</th>`);
  });

  it('names owners with their team, escaped', async () => {
    const { html } = await page('owner');
    expect(html).toContain('By owner');
    expect(html).toContain('Ada &lt;script&gt;alert(1)&lt;/script&gt; (North &amp; West)');
    expect(html).toContain('>Grace<');
  });

  it('puts the two promises first, then trends, groups, overdue, quality and definitions', async () => {
    const { html } = await page('owner');
    const ids = [...html.matchAll(/<h2 id="(\w+)"/g)].map(([, id]) => id);
    expect(ids).toEqual(['promises', 'trends', 'groups', 'overdue', 'quality', 'definitions']);
  });

  it('gives every chart words and a table', async () => {
    const { html } = await page();
    const charts = html.match(/<article class="panel chart">[\s\S]*?<\/article>/g) ?? [];
    expect(charts).toHaveLength(5);
    for (const chart of charts) {
      expect(chart.match(/<svg role="img" aria-label="[^"]{40,}"/g)).toHaveLength(2);
      expect(chart).toMatch(
        /<details><summary>[\s\S]*<caption>[\s\S]*<th scope="col">[\s\S]*<th scope="row">/,
      );
    }
  });

  it('tells finished cohorts from those still maturing', async () => {
    const { html } = await page();
    const [chart = ''] = html.match(/<article class="panel chart">[\s\S]*?<\/article>/) ?? [];
    expect(chart).toContain('still maturing');
    expect(chart).toContain('<pattern');
  });

  it('marks rates over few', async () => {
    const rows = [row({ opened: '2026-03-02T10:00:00Z', due: '2026-03-10T10:00:00Z' })];
    const counts = { contacts: 1, directSql: 0, flags: {} };
    const card = await buildScorecard(rows, { portal: 'main', asOf, weeks: 2, rules: smallRules, counts });
    const html = renderHtml(card, none);
    expect(html).toContain('<span class="few">few</span>');
    expect(html).toContain('0.0 % (few)');
  });

  it('says so where nothing is promised, due or known', async () => {
    const counts = { contacts: 0, directSql: 0, flags: {} };
    const { marketing: _, ...rules } = smallRules;
    const html = renderHtml(
      await buildScorecard([], { portal: 'main', asOf, weeks: 1, rules, counts }),
      none,
    );
    expect(html).toContain('Nothing is promised in the configuration.');
    expect(html).toContain('Nothing is overdue.');
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(html.match(/<article class="panel chart">/g)).toHaveLength(4);
  });

  it('folds a long list and says how many are left out', async () => {
    const overdue = Array.from({ length: 520 }, (_, of) => ({
      ...{ contactId: String(of + 1), pass: 1, rule: 'hot', dueAt: asOf - 3_600_000 },
    }));
    const html = renderHtml(await sample(), { ...context, overdue });
    expect(html).toContain('<summary>480 more</summary>');
    expect(html).toContain('And 20 more.');
    expect(html).toContain('And 511 more.');
  });
});

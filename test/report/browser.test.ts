/** The page in a real browser: on a desk, on a phone, in the dark, on paper. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderHtml } from '../../src/report/html.ts';
import { buildScorecard } from '../../src/report/scorecard.ts';
import { at } from './pointers.ts';
import { asOf, rules, sample, sampleContext, sampleRows } from './sample.ts';

const CHROMIUM = '/usr/bin/chromium';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Look {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

describe.skipIf(!existsSync(CHROMIUM))('the page in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-page-'));
  const file = join(folder, 'card.html');
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(file, renderHtml(await sample('owner'), sampleContext()));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open({ width, scheme }: Look, work: (page: Page, complaints: string[]) => Promise<void>) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(pathToFileURL(file).href);
    await work(page, complaints);
    await page.close();
  }

  it.each<Look>([
    { width: 1_280, scheme: 'light' },
    { width: 1_280, scheme: 'dark' },
    { width: 360, scheme: 'light' },
    { width: 360, scheme: 'dark' },
  ])('is quiet, accessible and never wider than $width in $scheme', (look) =>
    open(look, async (page, complaints) => {
      await page.evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(look.width);
      expect(complaints).toEqual([]);
      await page.addScriptTag({ content: axe });
      const found = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + " " + nodes[0].html))',
      );
      expect(found).toEqual([]);
    }),
  );

  it('shows one drawing of each chart, that for its width', () =>
    open({ width: 360, scheme: 'light' }, async (page) => {
      const visible = '[...document.querySelectorAll("svg")].filter((one) => one.checkVisibility())';
      expect(await page.evaluate(`${visible}.length`)).toBe(5);
      expect(await page.evaluate(`${visible}.every((one) => one.getAttribute("width") === "330")`)).toBe(
        true,
      );
    }));

  it('draws in the colours of the scheme', async () => {
    const color = 'getComputedStyle(document.querySelector(".chart .wide svg text")).fill';
    const seen: unknown[] = [];
    for (const scheme of ['light', 'dark'] as const) {
      await open({ width: 1_280, scheme }, async (page) => void seen.push(await page.evaluate(color)));
    }
    expect(seen).toEqual(['rgb(82, 92, 110)', 'rgb(170, 180, 196)']);
  });

  it('shows the figures of the document', async () => {
    const card = await sample('owner');
    await open({ width: 1_280, scheme: 'light' }, async (page) => {
      const figures = (await page.evaluate(
        '[...document.querySelectorAll("[data-value]")].map(({ dataset }) => [dataset.pointer, dataset.value])',
      )) as [string, string][];
      expect(figures.length).toBeGreaterThan(800);
      for (const [pointer, value] of figures)
        expect([pointer, JSON.parse(value)]).toEqual([pointer, at(card, pointer)]);
    });
  });

  it('can be reached by keyboard, with a way past the head', () =>
    open({ width: 1_280, scheme: 'light' }, async (page) => {
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the scorecard');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.querySelector("details").open')).toBe(true);
    }));

  it('prints on two pages, also in the dark and with every list full', async () => {
    const rows = sampleRows().map((one, at) => ({
      ...one,
      properties: { team: `Team with a rather long name ${at % 30}` },
      flags: ['merged', 'truncated', 'unmapped', 'future'],
    }));
    const flags = {
      imported: 61,
      merged: 760,
      truncated: 760,
      unmapped: 760,
      future: 760,
      cleared: 30,
      instant: 9,
    };
    const counts = { contacts: 790, directSql: 30, flags };
    const full = await buildScorecard(rows, { portal: 'main', asOf, weeks: 26, rules, counts, by: 'team' });
    for (const [card, scheme] of [
      [await sample(), 'light'],
      [full, 'dark'],
    ] as const) {
      writeFileSync(file, renderHtml(card, sampleContext()));
      await open({ width: 1_280, scheme }, async (page) => {
        const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
        expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(2);
      });
    }
  });
});

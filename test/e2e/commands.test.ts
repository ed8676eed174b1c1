/** What each command prints, for people and for programs, on a small simulated portal. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckResult } from '../../src/app/check.ts';
import type { ExplainedContact } from '../../src/app/explain.ts';
import type { PlanResult } from '../../src/app/plan.ts';
import type { SyncDocument } from '../../src/cli/sync.ts';
import type { Scorecard } from '../../src/domain/scorecard/document.ts';
import { PROPERTY_NAMES } from '../../src/domain/types.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/types.ts';
import { runHere } from '../cli/run-here.ts';
import { AGREEMENT } from './agreement.ts';
import { newPlace, type Place } from './command.ts';

let simulator: Simulator;
let place: Place;

/** The portal before the first sync. */
let checkedBefore: { readonly text: string; readonly json: CheckResult };

/** The portal as planned and then synced; the tests only look at it. */
let planned: { readonly text: string; readonly json: PlanResult; readonly csv: string };

beforeAll(async () => {
  simulator = await startSimulator({ seed: 5, size: 300, limits: { burst: 2_000, searchPerSecond: 200 } });
  place = await newPlace(simulator, { redisUrl: null, databaseUrl: null });
  await place.configure(AGREEMENT);
  checkedBefore = { text: (await run('check')).out, json: await json<CheckResult>('check') };
  const file = join(place.folder, 'plan.csv');
  const { out } = await run('plan', '--csv', file);
  planned = { text: out, json: await json<PlanResult>('plan'), csv: readFileSync(file, 'utf8') };
  expect((await run('sync')).code).toBe(0);
});

afterAll(async () => {
  await simulator.close();
  await place.remove();
});

function run(...args: string[]) {
  return runHere([...args, '--config', join(place.folder, 'handoff.yaml')], place.environment);
}

/** Writes a further configuration beside the place's own; returns its path. */
function configuration(name: string, yaml: string): string {
  const file = join(place.folder, name);
  writeFileSync(file, yaml);
  return file;
}

/** Standard output as the one document it must be. */
async function json<T>(...args: string[]): Promise<T> {
  const { out } = await run(...args, '--json');
  return JSON.parse(out) as T;
}

describe('check', () => {
  it('shows account, scopes, every stage with its role, properties and limits', async () => {
    const { code, out, err } = await run('check');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const line of [
      /handoff\.yaml: valid/,
      /account +4711000, Europe\/London/,
      /scopes +.*crm\.objects\.contacts\.write/,
      /marketingqualifiedlead +Marketing Qualified Lead +mql/,
      /properties +all in place/,
      /limits +2000 calls in 10 s, 1800 of them for us; \d+ of 625000 calls left today/,
      /^ {2}ready$/m,
    ])
      expect(out).toMatch(line);
  });

  it('gives the same to programs', async () => {
    const checked = await json<CheckResult>('check');
    expect(checked).toMatchObject({
      ...{ portal: 'main', account: { portalId: '4711000', timeZone: 'Europe/London' } },
      ...{ properties: [], faults: [], limits: { burst: { max: 2_000, ours: 1_800 } } },
    });
    expect(checked.stages).toHaveLength(simulator.settings.stages.length);
  });

  it('does not say of histories what only a sync can know', async () => {
    expect(checkedBefore.json.unmapped).toBeNull();
    expect(checkedBefore.text).toContain('others in histories: not known before the first sync');
    expect((await json<CheckResult>('check')).unmapped).toEqual([]);
    expect((await run('check')).out).not.toContain('not known');
  });
});

describe('plan', () => {
  it('counts the changes and shows the first of them, value by value', () => {
    const { changes } = planned.json;
    expect(planned.text).toContain(`main: ${changes.length} of ${planned.json.found} contacts would change`);
    expect(planned.text).toMatch(/contact \d+\n {2}handoff_status +\(blank\) +→ +\w+/);
    expect(planned.text).toContain(`… and ${changes.length - 10} more; `);
  });

  it('lists every change in the CSV file as the document does', () => {
    const rows: Record<string, string>[] = parse(planned.csv, { columns: true });
    const expected = planned.json.changes.flatMap(({ id, before, after }) =>
      Object.entries(after).map(([property, value]) => {
        return { portal: 'main', id, property, before: before[property], after: value };
      }),
    );
    expect(rows).toEqual(expected);
    expect(rows.length).toBeGreaterThan(500);
  });
});

describe('sync', () => {
  it('says in one document what it found, did and called', async () => {
    const synced = await json<SyncDocument>('sync');
    const numbers = ['found', 'read', 'passes', 'written', 'unchanged', 'cleared', 'seconds'];
    expect(Object.keys(synced)).toEqual(expect.arrayContaining(['portal', 'mode', ...numbers]));
    expect(synced).toMatchObject({ portal: 'main', mode: 'changes', failed: [] });
    expect(Object.keys(synced.calls)).toEqual(['search', 'read', 'write', 'other', 'rejected']);
  });

  it('sums it up for people', async () => {
    const { out, err } = await run('sync', '--full');
    expect(out).toMatch(/main: full run, .*\n\nfound +\d+\nwritten +0\nunchanged +\d+/);
    expect(out).toMatch(/status +\d+ open, \d+ qualified/);
    expect(err).toBe('');
  });
});

describe('explain', () => {
  const qualified = () => planned.json.changes.find(({ after }) => after.handoff_status === 'qualified')!;

  it('shows history, passes, the clock and the origin of every value', async () => {
    const { out } = await run('explain', qualified().id);
    expect(out).toContain(`contact ${qualified().id}`);
    expect(out).toMatch(/Stage history, oldest first \(times in Europe\/London\)\n {2}[✓·]/);
    expect(out).toMatch(/Pass 1\n {2}opened .*\n.*qualified/);
    expect(out).toMatch(/time to qualify\n/);
    for (const name of PROPERTY_NAMES) expect(out).toContain(`  handoff_${name} `);
  });

  it('gives the values that the plan gave', async () => {
    const { id, after } = qualified();
    const explained = await json<ExplainedContact>('explain', id);
    const values = explained.values.filter(({ value }) => value !== '');
    expect(Object.fromEntries(values.map(({ name, value }) => [name, value]))).toEqual(after);
    expect(explained).toMatchObject({ id, portal: 'main', status: 'qualified' });
    expect(explained.values.filter(({ differs }) => differs)).toEqual([]);
  });
});

describe('report', () => {
  it('prints both promises as text', async () => {
    const { out } = await run('report', '--weeks', '3');
    expect(out).toMatch(/^Scorecard of main as of .*\(Europe\/London\), 3 weeks/);
    for (const words of ['MARKETING', 'SALES', 'Conversion', 'Time to qualify', 'Overdue'])
      expect(out).toContain(words);
  });

  it('is the same document with --json and --format json', async () => {
    const asOf = new Date().toISOString();
    const card = await json<Scorecard>('report', '--as-of', asOf);
    const { out } = await run('report', '--format', 'json', '--as-of', asOf);
    expect(JSON.parse(out)).toEqual(card);
    expect(card.sales.weeks).toHaveLength(12);
    expect(card).toMatchObject({ portal: 'main', asOf, timeZone: 'Europe/London', weeks: 12 });
  });

  it('counts today what it counted, judged anew', async () => {
    const { asOf: _, ...now } = await json<Scorecard>('report');
    const { asOf, ...judged } = await json<Scorecard>('report', '--as-of', new Date().toISOString());
    expect(Date.parse(asOf)).toBeGreaterThan(0);
    expect(judged.sales).toEqual(now.sales);
    expect(judged.conversion).toEqual(now.conversion);
    expect(judged.quality).toEqual(now.quality);
  });

  it('takes a date to its end in the zone of the calendar', async () => {
    const { asOf } = await json<Scorecard>('report', '--as-of', '2026-07-01');
    expect(asOf).toBe('2026-07-01T22:59:59.999Z');
  });

  it('gives one row per pass as CSV', async () => {
    const { out } = await run('report', '--format', 'csv');
    const rows: unknown[] = parse(out, { columns: true });
    expect(rows).toHaveLength(planned.json.passes);
  });

  it('writes a file of its own for HTML, and says where', async () => {
    const file = join(place.folder, 'report.html');
    const { out, err } = await run('report', '--format', 'html', '--out', file);
    expect({ out, err }).toEqual({ out: '', err: `written to ${file}\n` });
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n?$/i);
  });

  it('shows owners by name and team, asked for at that moment', async () => {
    const { out } = await run('report', '--by', 'owner');
    expect(out).toMatch(/Owner 50101 \(North\)/);
    const { groups } = await json<Scorecard>('report', '--by', 'owner');
    expect(Object.keys(groups ?? {})).toContain('50101');
  });

  it('shows owners by id when HubSpot does not answer, and says so', async () => {
    const { code, out, err } = await runHere(
      ['report', '--by', 'owner', '--config', join(place.folder, 'handoff.yaml')],
      { ...place.environment, HUBSPOT_BASE_URL: 'http://127.0.0.1:1' },
    );
    expect(code).toBe(0);
    expect(out).toMatch(/50101/);
    expect(err).toMatch(/^Owners are shown by id: /);
  });

  it('refuses to group by what nobody remembers', async () => {
    const { code, err } = await run('report', '--by', 'shoe_size');
    expect(code).toBe(2);
    expect(err).toMatch(/--by shoe_size: .*hubspot_owner_id.*numemployees/);
  });

  it('holds the rules of another file against the present ones', async () => {
    const file = configuration('other.yaml', AGREEMENT.replace('8 business hours', '2 business hours'));
    const { code, out } = await run('report', '--what-if', file);
    expect(code).toBe(0);
    expect(out).toMatch(/^What if: sales promise of main/);
    expect(await json('report', '--what-if', file)).toHaveProperty('portal', 'main');
  });

  it('takes the only portal of the other file whatever its name, and says so', async () => {
    const file = configuration('draft.yaml', AGREEMENT.replace('  main:', '  draft:'));
    const { code, out, err } = await run('report', '--what-if', file);
    expect(code).toBe(0);
    expect(out).toMatch(/^What if: sales promise of main/);
    expect(err).toMatch(/draft\.yaml has no portal main: the rules of draft, its only one, are taken/);
  });

  it('does not guess which of several portals of the other file is meant', async () => {
    const drafts = AGREEMENT.replace('  main:', '  draft:');
    const file = configuration(
      'drafts.yaml',
      drafts + drafts.replace('portals:\n', '').replace('  draft:', '  other:'),
    );
    const { code, out, err } = await run('report', '--what-if', file);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^--what-if .*drafts\.yaml: has no portal main; it names draft, other\./);
  });
});

describe('several portals in one file', () => {
  const SECOND = AGREEMENT.replace('portals:\n', '')
    .replace('  main:', '  second:')
    .replace('HUBSPOT_ACCESS_TOKEN', 'SECOND_TOKEN');
  const TWO = `${AGREEMENT}${SECOND}    write: { prefix: second_, group: { name: second, label: Second } }\n`;

  async function both(token: string, ...args: string[]) {
    const file = configuration('two.yaml', TWO);
    const variables = { ...place.environment, SECOND_TOKEN: token };
    return runHere([...args, '--config', file], variables);
  }

  it.each([['sync'], ['plan'], ['check']])('%s gives a list, in the order of the file', async (command) => {
    const { code, out } = await both(simulator.token, command, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject([{ portal: 'main' }, { portal: 'second' }]);
  });

  it('one that fails does not stop the other, and stands in its place', async () => {
    const file = configuration('failing.yaml', TWO.replace('{HUBSPOT_ACCESS_TOKEN}', '{WRONG}'));
    const variables = { ...place.environment, WRONG: 'pat-eu1-wrong', SECOND_TOKEN: simulator.token };
    for (const command of ['sync', 'plan']) {
      const { code, out, err } = await runHere([command, '--json', '--config', file], variables);
      expect(code).toBe(2);
      const second = { portal: 'second', found: expect.any(Number) };
      expect(JSON.parse(out)).toMatchObject([{ portal: 'main', error: { code: 'credentials' } }, second]);
      expect(err.match(/does not accept the token/g)).toHaveLength(1);
      expect(err).toMatch(/^main: HubSpot does not accept/m);
    }
  });

  it('--portal takes one of them', async () => {
    const { out } = await both(simulator.token, 'report', '--portal', 'second', '--json');
    expect(JSON.parse(out)).toMatchObject({ portal: 'second' });
  });
});

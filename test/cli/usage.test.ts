/** Command lines and configurations that cannot work: one message, code 2, and nothing touched. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runHere } from './run-here.ts';

const GOOD = `
portals:
  main:
    token: \${HUBSPOT_ACCESS_TOKEN}
    calendar: { timeZone: Europe/London, hours: { monday-friday: "09:00-17:30" } }
    sales: [{ name: hot, within: 8 business hours }]
`;
const SECOND = GOOD.replace('portals:', '').replace('main:', 'second:');
const SECRET = 'pat-eu1-nobody-may-see-this';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'handoff-usage-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs with this configuration, and holds that a refusal left no data folder behind and no secret in sight. */
async function refused(yaml: string, command: string, ...args: string[]) {
  const file = join(folder, 'handoff.yaml');
  writeFileSync(file, yaml);
  const dataDir = join(folder, 'data');
  const variables = { HUBSPOT_ACCESS_TOKEN: SECRET, HANDOFF_DATA_DIR: dataDir };
  const ended = await runHere([command, '--config', file, ...args], variables);
  expect(existsSync(dataDir)).toBe(false);
  expect(ended.out + ended.err).not.toContain(SECRET);
  expect(ended.err).not.toMatch(/^Unexpected|\n {4}at /);
  return ended;
}

describe('a command line that cannot work', () => {
  it.each([
    [['sink'], /unknown command 'sink'.*sync/s],
    [['sync', '--ful'], /unknown option '--ful'.*--full/s],
    [['sync', 'main'], /too many arguments/],
    [['explain'], /missing required argument 'contact-id'/],
    [['report', '--format', 'pdf'], /--format.*'pdf'.*text, json, csv, html/s],
    [['report', '--weeks', '0'], /--weeks.*1 to 520/s],
    [['report', '--weeks', 'all'], /--weeks.*1 to 520/s],
    [['report', '--as-of', 'tomorrow'], /--as-of.*2026-11-24/s],
    [['report', '--as-of', '2026-02-30'], /--as-of.*2026-11-24/s],
    [['report', '--as-of', '2026-11-24T09:00'], /--as-of.*zone/s],
    [['report', '--what-if', 'x.yaml', '--by', 'owner'], /--what-if.*leave --by out/],
    [['report', '--what-if', 'x.yaml', '--format', 'html'], /--what-if comes as text or json, not as html/],
    [['report', '--what-if', 'nowhere.yaml'], /^nowhere\.yaml: there is no such file.* --what-if;/],
    [['plan', '--csv'], /--csv.*argument missing/],
    [['sync', '--portal', 'mian'], /--portal mian.*has no such portal.*main/],
  ])('%j is refused with what is allowed', async (args, says) => {
    const { code, out, err } = await refused(GOOD, ...(args as [string]));
    expect(code).toBe(2);
    expect(err).toMatch(says);
    expect(out).toBe('');
  });

  it.each([['explain', '1'], ['report']])('%s with several portals asks for one', async (...args) => {
    const { code, err } = await refused(GOOD + SECOND, ...(args as [string]));
    expect(code).toBe(2);
    expect(err).toMatch(/^name one portal with --portal: main, second\n$/);
    const help = (await runHere([...(args as [string]), '--help'])).out;
    expect(help).toMatch(/--portal <name> +the portal; needed when the configuration names several/);
  });

  it('is answered with a document where one was asked for', async () => {
    const { code, out, err } = await refused(GOOD, 'plan', '--json', '--full');
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("unknown option '--full'") });
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'usage' } });
  });

  it('says what there is when nothing is asked for', async () => {
    const { code, err, out } = await runHere([]);
    expect(code).toBe(2);
    expect(out + err).toMatch(/Usage: handoff .*sync.*report/s);
  });
});

describe('a configuration that cannot work', () => {
  it.each([
    ['broken YAML', GOOD.replace('main:', 'main: ['), /handoff\.yaml:\d+ /],
    ['an unknown key', `${GOOD}    slaes: []\n`, /handoff\.yaml:7 .*slaes.*sales/],
    ['an impossible zone', GOOD.replace('London', 'Londno'), /:5 .*timeZone.*Europe\/Londno/],
    ['an unset variable', GOOD.replace('_ACCESS_', '_OTHER_'), /:4 .*token.*HUBSPOT_OTHER_TOKEN is not set/],
    ['a token written out', GOOD.replace(/\$\{.*\}/, SECRET), /:4 .*token.*environment/],
  ])('with %s is refused by every command, by file, line and key', async (_, yaml, says) => {
    for (const command of [['check'], ['plan'], ['sync'], ['work'], ['report'], ['explain', '1']]) {
      const { code, out, err } = await refused(yaml, ...(command as [string]));
      expect(code).toBe(2);
      expect(err).toMatch(says);
      expect(out).toBe('');
    }
  });

  it('that is not there is refused with where to find an example', async () => {
    const { code, err } = await runHere(['check', '--config', join(folder, 'nowhere.yaml')]);
    expect(code).toBe(2);
    expect(err).toMatch(/nowhere\.yaml: there is no such file.*--config/);
  });

  it('is refused as a document too, for programs', async () => {
    const { code, out } = await refused(GOOD.replace('London', 'Londno'), 'check', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'configuration' } });
  });
});

describe('an environment that cannot work', () => {
  it.each([
    ['HUBSPOT_BASE_URL', 'api.hubapi.com'],
    ['REDIS_URL', 'http://localhost'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['LOG_LEVEL', 'loud'],
  ])('%s is named, its value is not', async (name, value) => {
    const { code, err } = await runHere(['check'], { [name]: value });
    expect(code).toBe(2);
    expect(err).toContain(name);
    expect(err).not.toContain(value);
  });
});

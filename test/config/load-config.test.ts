import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig, parseConfig } from '../../src/config/load-config.ts';
import type { PortalConfig } from '../../src/config/types.ts';
import { ConfigurationError } from '../../src/errors.ts';

const ROOT = join(import.meta.dirname, '../..');
const SAMPLE = join(ROOT, '../shared/examples/handoff.yaml');

const environment = {
  variable: (name: string) =>
    ({ HUBSPOT_ACCESS_TOKEN: 'pat-eu1-token', SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T/B/x' })[
      name
    ],
};
const HOUR = 3_600_000;

function portalOf(yaml: string): PortalConfig {
  const lines = yaml.split('\n').map((line) => `    ${line}`);
  const text = `portals:\n  main:\n    token: \${HUBSPOT_ACCESS_TOKEN}\n${lines.join('\n')}\n`;
  return parseConfig(text, 'handoff.yaml', environment).portals[0]!;
}

const day = (open: number, close: number) => ({ open: open * 60, close: close * 60 });

describe('a portal with nothing but a token', () => {
  it('has defaults for the rest', () => {
    const nine = [day(9, 17)];
    expect(portalOf('')).toEqual({
      name: 'main',
      token: 'pat-eu1-token',
      stages: {
        assigned: {
          mql: ['marketingqualifiedlead'],
          sql: ['salesqualifiedlead'],
          accepted: [],
          before: [],
          after: [],
          lost: [],
        },
        retired: {},
      },
      clearGraceMs: HOUR,
      calendar: { week: [nine, nine, nine, nine, nine, [], []], holidays: [] },
      sales: [],
      write: { prefix: 'handoff_', group: { name: 'handoff', label: 'Marketing to sales handoff' } },
      budget: { ofBurst: 0.9, ofDay: 0.8 },
      apiVersion: '2026-09',
      schedule: { pollMs: 300_000, full: '0 3 * * 0', scorecard: '0 9 * * 1' },
      notify: [],
    });
  });
});

describe('what is written', () => {
  it('may leave parts of a group to their defaults', () => {
    const { stages, budget, schedule, write } = portalOf(
      'stages: { sql: ["123"] }\nbudget: { ofDay: 0.5 }\nschedule: { poll: off }\nwrite: { group: { label: Hand-over } }',
    );
    expect(stages.assigned).toMatchObject({ mql: ['marketingqualifiedlead'], sql: ['123'] });
    expect(budget).toEqual({ ofBurst: 0.9, ofDay: 0.5 });
    expect(schedule).toEqual({ pollMs: null, full: '0 3 * * 0', scorecard: '0 9 * * 1' });
    expect(write).toEqual({ prefix: 'handoff_', group: { name: 'handoff', label: 'Hand-over' } });
  });

  it.each([
    ['16 business hours', { ms: 16 * HOUR, business: true }],
    ['24 hours', { ms: 24 * HOUR, business: false }],
    ['1 hour', { ms: HOUR, business: false }],
    ['1.5 hours', { ms: 1.5 * HOUR, business: false }],
    ['30 business minutes', { ms: HOUR / 2, business: true }],
    ['2 days', { ms: 48 * HOUR, business: false }],
    ['2 Days', { ms: 48 * HOUR, business: false }],
  ])('reads the length %s', (text, length) => {
    expect(portalOf(`sales: [{ name: a, within: ${text} }]`).sales[0]?.target).toEqual({ within: length });
  });

  it.each([
    [
      'monday',
      '09:00-12:30, 13:30-17:30',
      [
        { open: 540, close: 750 },
        { open: 810, close: 1050 },
      ],
    ],
    ['monday', '13:00-17:00, 09:00-13:00', [day(9, 13), day(13, 17)]],
    ['Monday', '9:00-17:00', [day(9, 17)]],
    ['monday', '00:00-24:00', [day(0, 24)]],
    ['monday - tuesday', '09:00 - 17:00', [day(9, 17)]],
  ])('reads the hours %s: %s', (days, text, hours) => {
    expect(portalOf(`calendar: { hours: { "${days}": "${text}" } }`).calendar.week[0]).toEqual(hours);
  });

  it('reads days as ranges and lists; days not named are closed', () => {
    const { week } = portalOf(
      'calendar: { hours: { monday-wednesday: 09:00-17:00, "thursday, saturday": 10:00-12:00, friday: closed } }',
    ).calendar;
    const [nine, ten] = [[day(9, 17)], [day(10, 12)]];
    expect(week).toEqual([nine, nine, nine, ten, [], ten, []]);
  });

  it('reads times without quotes, whatever YAML version the file claims', () => {
    const yaml =
      'portals: { main: { token: "${HUBSPOT_ACCESS_TOKEN}", since: 2026-03-29, sales: [{ name: a, by: { weekday: friday, time: 17:00 } }] } }';
    for (const text of [yaml, `%YAML 1.1\n---\n${yaml}`]) {
      const portal = parseConfig(text, 'handoff.yaml', environment).portals[0];
      expect(portal?.since).toBe('2026-03-29');
      const by = { by: { weekday: 5, minute: 1_020 }, onHoliday: 'next' };
      expect(portal?.sales[0]?.target).toEqual(by);
    }
  });

  it('reads conditions as values or bounds', () => {
    const when =
      '{ a: x, b: 5, c: true, d: [x, 1, false], e: { atLeast: 5 }, f: { atLeast: -1, atMost: 2.5 } }';
    expect(portalOf(`sales: [{ name: a, within: 1 hour, when: ${when} }]`).sales[0]?.when).toEqual({
      a: { anyOf: ['x'] },
      b: { anyOf: ['5'] },
      c: { anyOf: ['true'] },
      d: { anyOf: ['x', '1', 'false'] },
      e: { atLeast: 5 },
      f: { atLeast: -1, atMost: 2.5 },
    });
  });

  it.each([
    ['60%', 0.6],
    ['12.5 %', 0.125],
    ['0.6', 0.6],
    ['100%', 1],
    ['1', 1],
  ])('reads the share %s', (text, share) => {
    expect(portalOf(`budget: { ofDay: ${text} }`).budget.ofDay).toBe(share);
  });

  it.each([
    ['every 5 minutes', 300_000],
    ['every minute', 60_000],
    ['every hour', HOUR],
    ['every 2 hours', 2 * HOUR],
    ['off', null],
  ])('reads the interval %s', (text, ms) => {
    expect(portalOf(`schedule: { poll: ${text} }`).schedule.pollMs).toBe(ms);
  });

  it('keeps holidays sorted, each once', () => {
    const { holidays } = portalOf('calendar: { holidays: [2026-12-25, 2026-01-01, 2026-12-25] }').calendar;
    expect(holidays).toEqual(['2026-01-01', '2026-12-25']);
  });

  it('takes stages by number as their values', () => {
    const { stages } = portalOf('stages: { mql: [47, lead], retired: { 1047999: before } }');
    expect(stages.assigned.mql).toEqual(['47', 'lead']);
    expect(stages.retired).toEqual({ '1047999': 'before' });
  });

  it('may share parts through anchors, and name several portals', () => {
    const text =
      'portals:\n  a: { token: "${HUBSPOT_ACCESS_TOKEN}", calendar: &hours { holidays: [2026-01-01] } }\n' +
      '  b-2: { token: "${HUBSPOT_ACCESS_TOKEN}", calendar: *hours }\n';
    const { portals } = parseConfig(text, 'handoff.yaml', environment);
    expect(portals.map((portal) => [portal.name, portal.calendar.holidays])).toEqual([
      ['a', ['2026-01-01']],
      ['b-2', ['2026-01-01']],
    ]);
  });

  it('cannot be changed afterwards', () => {
    const config = parseConfig(readFileSync(join(ROOT, 'config/handoff.yaml'), 'utf8'), 'f', environment);
    const unfrozen: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) unfrozen.push(path);
      for (const [key, part] of Object.entries(value)) visit(part, `${path}.${key}`);
    };
    visit(config, 'config');
    expect(unfrozen).toEqual([]);
  });
});

describe('variables', () => {
  it('are filled in anywhere, also as part of a text', () => {
    const text = 'portals: { main: { token: "${T}", calendar: { timeZone: "${AREA}/${CITY}" } } }';
    const variables: Readonly<Record<string, string>> = { T: 'pat-x', AREA: 'Europe', CITY: 'Dublin' };
    const { portals } = parseConfig(text, 'f', { variable: (name) => variables[name] });
    expect(portals[0]?.token).toBe('pat-x');
    expect(portals[0]?.calendar.timeZone).toBe('Europe/Dublin');
  });

  it('leave a notice target out, with a warning, where its address is not set', () => {
    const text =
      'portals:\n  main:\n    token: "${HUBSPOT_ACCESS_TOKEN}"\n    notify:\n' +
      '      - { url: "${TEAM_URL}", on: [scorecard] }\n' +
      '      - { url: "${SLACK_WEBHOOK_URL}", format: slack, on: [newly_overdue] }\n';
    const { portals, warnings } = parseConfig(text, 'handoff.yaml', environment);
    expect(portals[0]?.notify).toEqual([
      { url: 'https://hooks.slack.com/services/T/B/x', format: 'slack', on: ['newly_overdue'] },
    ]);
    expect(warnings).toEqual([
      'handoff.yaml: portals.main.notify[0] is left out: TEAM_URL is not set in the environment',
    ]);
  });
});

describe('the files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('of the project are an example that works', () => {
    const config = loadConfig(join(ROOT, 'config/handoff.yaml'), environment);
    expect(config.portals.map((portal) => portal.name)).toEqual(['main']);
    expect(config.portals[0]?.sales.map((rule) => rule.name)).toEqual(['hot', 'by-wednesday']);
    expect(config.warnings).toEqual([]);
  });

  it('are named as given', () => {
    const file = join(folder, 'mine.yaml');
    writeFileSync(file, 'portals: {}');
    expect(() => loadConfig(file, environment)).toThrow(`${file}:1  portals must name at least one portal`);
  });

  it.each([
    { what: 'is not there', file: join(folder, 'none.yaml'), says: 'there is no such file' },
    { what: 'is a folder', file: folder, says: 'it cannot be read (EISDIR)' },
  ])('are refused when one $what', ({ file, says }) => {
    const load = () => loadConfig(file, environment);
    expect(load).toThrow(ConfigurationError);
    expect(load).toThrow(`${file}: ${says}`);
  });

  it.skipIf(!existsSync(SAMPLE))('[sample data] beside the project are accepted as they stand', () => {
    const { portals, warnings } = loadConfig(SAMPLE, environment);
    const [portal] = portals;
    expect(warnings).toEqual([]);
    expect(portal?.sales.map(({ name, target }) => ({ name, target }))).toEqual([
      { name: 'hot', target: { within: { ms: 4 * HOUR, business: true } } },
      {
        name: 'by-wednesday',
        target: {
          by: { weekday: 3, minute: 1_020 },
          cutoff: { weekday: 1, minute: 540 },
          onHoliday: 'next',
        },
      },
    ]);
    expect(portal?.stages.retired).toEqual({ '1047999': 'before' });
    expect(portal?.marketing).toMatchObject({ quota: 50, fit: { share: 0.6 } });
  });
});

/** One row per fault that RevOps may make: what is written, and what the message says about it. */
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load-config.ts';
import { ConfigurationError } from '../../src/errors.ts';

const VARIABLES: Readonly<Record<string, string>> = {
  TOKEN: 'pat-eu1-filled-in',
  NOT_AN_ADDRESS: 'somewhere-secret',
};
const environment = { variable: (name: string) => VARIABLES[name] };

/** Lines 1 to 3 of every snippet; the keys below begin in line 4. */
const HEAD = 'portals:\n  main:\n    token: ${TOKEN}\n';

function faultsOf(text: string): string[] {
  try {
    parseConfig(text, 'handoff.yaml', environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  throw new Error('no fault was found');
}

function inPortal(lines: string): string {
  const indented = lines.split('\n').map((line) => `    ${line}`);
  return `${HEAD}${indented.join('\n')}\n`;
}

/** A rule with the keys given, in lines 4 and 5. */
function rule(keys: string): string {
  return `sales:\n  - { name: hot, ${keys} }`;
}

interface Row {
  readonly yaml: string;
  readonly line: number;
  /** Below `portals.main`. */
  readonly key: string;
  readonly says: string;
}

const HOURS =
  'must be opening hours such as `09:00-12:30, 13:30-17:30` (times from 00:00 to 24:00), or `closed`';
const LENGTH = 'must be a length of time such as `4 business hours`, `24 hours`, `90 minutes` or `2 days`';
const SHARE = 'must be a share above 0 and up to 1, such as 60% or 0.6';
const DATE = 'must be a date that exists, as YYYY-MM-DD';
const ZONE = 'must be an IANA time zone such as Europe/London';
const TIME = 'must be a time of day from 00:00 to 23:59, such as "09:00"';
const WEEKDAY = 'must be a weekday: monday, tuesday, wednesday, thursday, friday, saturday, sunday';
const CRON =
  'must be a cron pattern of five fields (minute hour day month weekday), such as "0 3 * * 0", or `off`';
const POLL = 'must be `every 5 minutes` or the like (a minute at least), or `off`';
const CONDITION = 'must be a value, a list of values, or numbers { atLeast: …, atMost: … }';
const BOUNDS = 'must say atLeast, atMost or both, atLeast not above atMost';
const PREFIX = 'must be lower-case letters, digits and underscores, begin with a letter, and not be hs_';
const PORTAL_KEYS =
  'token, stages, clearGrace, calendar, since, sales, marketing, write, budget, apiVersion, schedule, notify';

// biome-ignore format: a table, one row a fault
const ROWS: readonly Row[] = [
  // Keys
  { yaml: 'sale: []', line: 4, key: 'sale', says: `is not a key that handoff knows; did you mean sales? Allowed here: ${PORTAL_KEYS}` },
  { yaml: 'Since: 2026-01-01', line: 4, key: 'Since', says: `is not a key that handoff knows; did you mean since? Allowed here: ${PORTAL_KEYS}` },
  { yaml: 'colour: red', line: 4, key: 'colour', says: `is not a key that handoff knows. Allowed here: ${PORTAL_KEYS}` },
  { yaml: rule('withn: 4 hours, within: 4 hours'), line: 5, key: 'sales[0].withn', says: 'is not a key that handoff knows; did you mean within? Allowed here: name, when, within, by, stopsOn, dueSoon' },
  { yaml: 'sales: { name: hot }', line: 4, key: 'sales', says: 'must be a list' },
  { yaml: 'calendar:', line: 4, key: 'calendar', says: 'must be keys with values (found nothing)' },
  { yaml: 'write: handoff_', line: 4, key: 'write', says: 'must be keys with values (found handoff_)' },
  // Variables
  { yaml: 'since: ${SINCE}', line: 4, key: 'since', says: 'takes its value from the environment, where SINCE is not set; set it there or in .env (found ${SINCE})' },
  { yaml: 'since: ${no name}', line: 4, key: 'since', says: 'names the variable ${no name}; names are letters, digits and underscores (found ${no name})' },
  // Stages
  { yaml: 'stages: { mql: lead }', line: 4, key: 'stages.mql', says: 'must be a list (found lead)' },
  { yaml: 'stages: { mql: [] }', line: 4, key: 'stages.mql', says: 'must name at least one stage' },
  { yaml: 'stages: { lost: [""] }', line: 4, key: 'stages.lost[0]', says: 'must not be empty (found an empty text)' },
  { yaml: 'stages:\n  mql: [a]\n  sql: [b, a]', line: 6, key: 'stages.sql[1]', says: 'has a role already, under mql; a stage has one (found a)' },
  { yaml: 'stages: { mql: [a, a] }', line: 4, key: 'stages.mql[1]', says: 'has a role already, under mql; a stage has one (found a)' },
  { yaml: 'stages: { lost: [salesqualifiedlead] }', line: 4, key: 'stages.lost[0]', says: 'has a role already, under sql; a stage has one (found salesqualifiedlead)' },
  { yaml: 'stages:\n  mql: [a]\n  retired: { a: before }', line: 6, key: 'stages.retired.a', says: 'has a role already, under mql; a stage has one (found before)' },
  { yaml: 'stages: { retired: { "1047999": befor } }', line: 4, key: 'stages.retired.1047999', says: 'must be one of before, mql, accepted, sql, after, lost (found befor)' },
  // Lengths of time
  { yaml: 'clearGrace: 0 minutes', line: 4, key: 'clearGrace', says: 'must be more than nothing (found 0 minutes)' },
  { yaml: 'clearGrace: 2 business hours', line: 4, key: 'clearGrace', says: `must be plain time, not business hours: ${LENGTH.slice('must be '.length)} (found 2 business hours)` },
  { yaml: rule('within: soon'), line: 5, key: 'sales[0].within', says: `${LENGTH} (found soon)` },
  { yaml: rule('within: 4'), line: 5, key: 'sales[0].within', says: `${LENGTH} (found 4)` },
  { yaml: rule('within: -4 hours'), line: 5, key: 'sales[0].within', says: `${LENGTH} (found -4 hours)` },
  { yaml: rule('within: 2 business days'), line: 5, key: 'sales[0].within', says: 'cannot count business days (one could mean 24 hours or one working day): write business hours (found 2 business days)' },
  { yaml: rule('within: 367 days'), line: 5, key: 'sales[0].within', says: 'must be a year (366 days) at most (found 367 days)' },
  { yaml: rule('within: 4 hours, dueSoon: never'), line: 5, key: 'sales[0].dueSoon', says: `${LENGTH} (found never)` },
  // Calendar
  { yaml: 'calendar: { timeZone: Europe/Londn }', line: 4, key: 'calendar.timeZone', says: `${ZONE}; did you mean Europe/London? (found Europe/Londn)` },
  { yaml: 'calendar: { timeZone: "+01:00" }', line: 4, key: 'calendar.timeZone', says: `${ZONE} (found +01:00)` },
  { yaml: 'calendar: { timeZone: 1 }', line: 4, key: 'calendar.timeZone', says: `${ZONE} (found 1)` },
  { yaml: 'calendar: { holidays: 2026-01-01 }', line: 4, key: 'calendar.holidays', says: 'must be a list (found 2026-01-01)' },
  { yaml: 'calendar:\n  holidays:\n    - 2026-12-25\n    - 2026-02-29', line: 7, key: 'calendar.holidays[1]', says: `${DATE} (found 2026-02-29)` },
  { yaml: 'calendar: { hours: { fryday: 09:00-17:00 } }', line: 4, key: 'calendar.hours.fryday', says: 'must be a weekday, a range such as monday-friday, or a list; the weekdays are monday, tuesday, wednesday, thursday, friday, saturday, sunday (found 09:00-17:00)' },
  { yaml: 'calendar: { hours: { friday-monday: 09:00-17:00 } }', line: 4, key: 'calendar.hours.friday-monday', says: 'runs backwards: write monday-friday (found 09:00-17:00)' },
  { yaml: 'calendar: { hours: { monday: 9-5 } }', line: 4, key: 'calendar.hours.monday', says: `${HOURS} (found 9-5)` },
  { yaml: 'calendar: { hours: { monday: 900 } }', line: 4, key: 'calendar.hours.monday', says: `${HOURS} (found 900)` },
  { yaml: 'calendar: { hours: { monday: 09:00-25:00 } }', line: 4, key: 'calendar.hours.monday', says: `${HOURS} (found 09:00-25:00)` },
  { yaml: 'calendar: { hours: { monday: 09:60-17:00 } }', line: 4, key: 'calendar.hours.monday', says: `${HOURS} (found 09:60-17:00)` },
  { yaml: 'calendar: { hours: { monday: 17:00-09:00 } }', line: 4, key: 'calendar.hours.monday', says: 'closes before it opens (17:00-09:00); hours end at 24:00 at the latest (found 17:00-09:00)' },
  { yaml: 'calendar: { hours: { monday: "13:00-17:00, 09:00-14:00" } }', line: 4, key: 'calendar.hours.monday', says: 'has hours that overlap (found 13:00-17:00, 09:00-14:00)' },
  { yaml: 'calendar:\n  hours:\n    monday-friday: 09:00-17:00\n    friday: 09:00-16:00', line: 7, key: 'calendar.hours.friday', says: 'gives hours to friday a second time (found 09:00-16:00)' },
  { yaml: 'calendar: { hours: { monday: closed } }', line: 4, key: 'calendar.hours', says: 'must open on at least one day' },
  { yaml: 'calendar: { hours: {} }', line: 4, key: 'calendar.hours', says: 'must open on at least one day' },
  // Dates
  { yaml: 'since: 2026-02-30', line: 4, key: 'since', says: `${DATE} (found 2026-02-30)` },
  { yaml: 'since: 2026', line: 4, key: 'since', says: `${DATE} (found 2026)` },
  { yaml: 'since: 1 January', line: 4, key: 'since', says: `${DATE} (found 1 January)` },
  // Sales
  { yaml: 'sales:\n  - within: 4 hours', line: 5, key: 'sales[0].name', says: 'is missing' },
  { yaml: 'sales:\n  - { name: " ", within: 4 hours }', line: 5, key: 'sales[0].name', says: 'must not be empty (found  )' },
  { yaml: 'sales:\n  - { name: a, within: 4 hours }\n  - { name: a, within: 5 hours }', line: 6, key: 'sales[1].name', says: 'is the name of an earlier rule; each needs its own (found a)' },
  { yaml: 'sales:\n  - name: hot', line: 5, key: 'sales[0]', says: 'needs `within` or `by`' },
  { yaml: rule('within: 4 hours, by: { weekday: monday, time: 09:00 }'), line: 5, key: 'sales[0]', says: 'has both `within` and `by`; give it one' },
  { yaml: rule('within: 4 hours, stopsOn: decided'), line: 5, key: 'sales[0].stopsOn', says: 'must be one of decision, acceptance, qualified (found decided)' },
  { yaml: rule('by: { weekday: mon, time: 09:00 }'), line: 5, key: 'sales[0].by.weekday', says: `${WEEKDAY} (found mon)` },
  { yaml: rule('by: { weekday: monday, time: 24:00 }'), line: 5, key: 'sales[0].by.time', says: `${TIME} (found 24:00)` },
  { yaml: rule('by: { weekday: monday, time: 9 }'), line: 5, key: 'sales[0].by.time', says: `${TIME} (found 9)` },
  { yaml: rule('by: { weekday: monday }'), line: 5, key: 'sales[0].by.time', says: 'is missing' },
  { yaml: rule('by: { weekday: monday, time: 09:00, onHoliday: skip }'), line: 5, key: 'sales[0].by.onHoliday', says: 'must be one of next, previous (found skip)' },
  { yaml: rule('by: { weekday: monday, time: 09:00, cutoff: monday }'), line: 5, key: 'sales[0].by.cutoff', says: 'must be keys with values (found monday)' },
  // Conditions
  { yaml: rule('within: 4 hours, when: { Industry: x }'), line: 5, key: 'sales[0].when.Industry', says: 'must be the internal name of a property (found x)' },
  { yaml: rule('within: 4 hours, when: { size: [] }'), line: 5, key: 'sales[0].when.size', says: 'must name at least one value' },
  { yaml: rule('within: 4 hours, when: { size: "" }'), line: 5, key: 'sales[0].when.size', says: 'must not be empty (found an empty text)' },
  { yaml: rule('within: 4 hours, when: { size: [[1]] }'), line: 5, key: 'sales[0].when.size', says: CONDITION },
  { yaml: rule('within: 4 hours, when: { size: { atLeast: many } }'), line: 5, key: 'sales[0].when.size', says: CONDITION },
  { yaml: rule('within: 4 hours, when: { size: { atLeast: 5, atMost: 4 } }'), line: 5, key: 'sales[0].when.size', says: BOUNDS },
  { yaml: rule('within: 4 hours, when: { size: {} }'), line: 5, key: 'sales[0].when.size', says: BOUNDS },
  // Marketing
  { yaml: 'marketing: { quota: 0, window: { weekday: monday, time: 09:00 } }', line: 4, key: 'marketing.quota', says: 'must be at least 1 (found 0)' },
  { yaml: 'marketing: { quota: 1.5, window: { weekday: monday, time: 09:00 } }', line: 4, key: 'marketing.quota', says: 'must be a whole number (found 1.5)' },
  { yaml: 'marketing: { quota: 5 }', line: 4, key: 'marketing.window', says: 'is missing' },
  { yaml: 'marketing:\n  quota: 5\n  window: { weekday: monday, time: 09:00 }\n  fit: { share: 160%, when: { a: b } }', line: 7, key: 'marketing.fit.share', says: `${SHARE} (found 160%)` },
  // Writing, limits, schedules
  { yaml: 'write: { prefix: hs_ }', line: 4, key: 'write.prefix', says: `${PREFIX} (found hs_)` },
  { yaml: 'write: { prefix: Handoff_ }', line: 4, key: 'write.prefix', says: `${PREFIX} (found Handoff_)` },
  { yaml: 'write: { group: { label: "" } }', line: 4, key: 'write.group.label', says: 'must not be empty (found an empty text)' },
  { yaml: 'budget: { ofBurst: 0 }', line: 4, key: 'budget.ofBurst', says: `${SHARE} (found 0)` },
  { yaml: 'budget: { ofDay: 80 }', line: 4, key: 'budget.ofDay', says: `${SHARE} (found 80)` },
  { yaml: 'budget: { ofDay: [1] }', line: 4, key: 'budget.ofDay', says: SHARE },
  { yaml: 'apiVersion: v3', line: 4, key: 'apiVersion', says: 'must be one of 2026-09, 2026-03 (found v3)' },
  { yaml: 'schedule: { poll: every 5 seconds }', line: 4, key: 'schedule.poll', says: `${POLL} (found every 5 seconds)` },
  { yaml: 'schedule: { poll: 5 minutes }', line: 4, key: 'schedule.poll', says: `${POLL} (found 5 minutes)` },
  { yaml: 'schedule: { full: "0 3 * *" }', line: 4, key: 'schedule.full', says: `${CRON} (found 0 3 * *)` },
  { yaml: 'schedule: { full: "0 24 * * 0" }', line: 4, key: 'schedule.full', says: `${CRON} (found 0 24 * * 0)` },
  { yaml: 'schedule: { scorecard: weekly }', line: 4, key: 'schedule.scorecard', says: `${CRON} (found weekly)` },
  // Notices
  { yaml: 'notify:\n  - { url: "https://hooks.slack.com/services/T/B/x", on: [scorecard] }', line: 5, key: 'notify[0].url', says: "is Slack's address with its secret written out; put it in the environment or .env and write ${NAME} here" },
  { yaml: 'notify:\n  - { url: "${NOT_AN_ADDRESS}", on: [scorecard] }', line: 5, key: 'notify[0].url', says: 'must be an address beginning with https:// (or http://)' },
  { yaml: 'notify:\n  - { url: "${UNSET}", on: [scorecard] }\n  - { url: "${UNSET}", on: [scorecards] }', line: 6, key: 'notify[1].on[0]', says: 'must be one of scorecard, newly_overdue, promise_missed, sync_failing, sync_recovered (found scorecards)' },
  { yaml: 'notify:\n  - { url: "${UNSET}", on: [] }', line: 5, key: 'notify[0].on', says: 'must name at least one event' },
];

describe('a fault', () => {
  it.each(ROWS)('$key: $says', ({ yaml, line, key, says }) => {
    expect(faultsOf(inPortal(yaml))).toEqual([`handoff.yaml:${line}  portals.main.${key} ${says}`]);
  });
});

describe('a fault of the file as a whole', () => {
  it.each([
    { yaml: '', line: 1, says: 'is empty; it needs at least `portals:`' },
    { yaml: '# nothing yet\n', line: 1, says: 'is empty; it needs at least `portals:`' },
    { yaml: 'agreement', line: 1, says: 'must be keys with values (found agreement)' },
    { yaml: '- main', line: 1, says: 'must be keys with values' },
    { yaml: '{}', line: 1, says: 'portals is missing' },
    { yaml: 'portals:', line: 1, says: 'portals must be keys with values (found nothing)' },
    { yaml: 'portals: {}', line: 1, says: 'portals must name at least one portal' },
    { yaml: 'portals:\n  main:\n', line: 2, says: 'portals.main must be keys with values (found nothing)' },
    { yaml: 'portals:\n  main: {}\n', line: 2, says: 'portals.main.token is missing' },
    {
      yaml: 'portals:\n  a b: { token: "${TOKEN}" }',
      line: 2,
      says: 'portals.a b must be letters, digits, - and _ (at most 50)',
    },
    { yaml: `${HEAD}  __proto__: {}\n`, line: 4, says: 'portals.__proto__ cannot be a name' },
    {
      yaml: `${HEAD}    since: 2026-01-01\n    since: 2026-01-02\n`,
      line: 5,
      says: 'the key since stands here a second time',
    },
    {
      yaml: `${HEAD}---\nportals: {}\n`,
      line: 4,
      says: 'a second document begins here (---); write everything into one',
    },
    {
      yaml: `${HEAD}\tsince: 2026-01-01\n`,
      line: 4,
      says: 'is not YAML: Tabs are not allowed as indentation',
    },
    {
      yaml: `${HEAD}    since: *start\n`,
      line: 4,
      says: '*start stands for nothing: no &start comes before it',
    },
    {
      yaml: billionLaughs(),
      line: 1,
      says: 'repeats itself too often: at most 100 uses of an anchor (*name) are read',
    },
  ])('$says', ({ yaml, line, says }) => {
    expect(faultsOf(yaml)).toEqual([`handoff.yaml:${line}  ${says}`]);
  });
});

describe('several faults', () => {
  it('stand in one message, in the order of the file', () => {
    const text = [
      'portals:',
      '  main:',
      '    token: pat-eu1-written-out',
      '    sales:',
      '      - { name: hot }',
      '      - { name: hot, within: 1 hour }',
      '    colour: red',
      '    notfy: []',
      '  other:',
      '    since: never',
    ].join('\n');
    const places = faultsOf(text).map((line) => /^(\S+ {2}\S+)/.exec(line)?.[1]);
    expect(places).toEqual([
      'handoff.yaml:3  portals.main.token',
      'handoff.yaml:5  portals.main.sales[0]',
      'handoff.yaml:6  portals.main.sales[1].name',
      'handoff.yaml:7  portals.main.colour',
      'handoff.yaml:8  portals.main.notfy',
      'handoff.yaml:9  portals.other.token',
      'handoff.yaml:10  portals.other.since',
    ]);
    expect(() => parseConfig(text, 'handoff.yaml', environment)).toThrow(/^handoff\.yaml has 7 faults:\n/);
  });

  it('point at the anchor’s text where an alias brought it in', () => {
    const text = `${HEAD}    calendar: &hours { holidays: [never] }\n  other:\n    token: \${TOKEN}\n    calendar: *hours\n`;
    expect(faultsOf(text)).toEqual([
      `handoff.yaml:4  portals.main.calendar.holidays[0] ${DATE} (found never)`,
      `handoff.yaml:4  portals.other.calendar.holidays[0] ${DATE} (found never)`,
    ]);
  });
});

describe('secrets', () => {
  it.each([
    { what: 'a token written out', yaml: 'portals: { main: { token: pat-eu1-SECRET } }' },
    { what: 'a token that is partly a variable', yaml: 'portals: { main: { token: "${TOKEN}-SECRET" } }' },
    { what: 'a token under a misspelt key', yaml: inPortal('tokn: SECRET') },
    { what: 'a token in the wrong place', yaml: inPortal('since: pat-eu1-SECRET') },
    { what: 'a token in keys', yaml: 'portals: { main: { token: { value: SECRET } } }' },
    {
      what: 'an address in the wrong place',
      yaml: inPortal('since: https://hooks.slack.com/services/SECRET'),
    },
    { what: 'an address that is none', yaml: inPortal('notify: [{ url: SECRET, on: [scorecard] }]') },
    {
      what: 'what a variable holds',
      yaml: inPortal('since: ${TOKEN}\nclearGrace: ${TOKEN}\nnotify: [{ url: "${NOT_AN_ADDRESS}" }]'),
    },
  ])('are not in the message: $what', ({ yaml }) => {
    const message = faultsOf(yaml).join('\n');
    expect(message).not.toMatch(/SECRET/);
    for (const value of Object.values(VARIABLES)) expect(message).not.toContain(value);
  });
});

function billionLaughs(): string {
  const ten = (name: string) => Array(10).fill(name).join(', ');
  const levels = ['b', 'c', 'd'].map((name, at) => `${name}: &${name} [${ten(`*${'abc'[at]}`)}]`);
  return ['a: &a [x]', ...levels, 'portals: {}'].join('\n');
}

/** Whatever people write, the answer is a configuration or a sentence about what is wrong, never a crash. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { parseDuration } from '../../src/config/durations.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import { parseDays, parseHours, parseTime } from '../../src/config/week.ts';
import { ConfigurationError } from '../../src/errors.ts';

const environment = { variable: (name: string) => (name === 'T' ? 'pat-eu1-never-shown' : undefined) };
const KEYS = [
  ...['portals', 'main', 'token', 'stages', 'mql', 'retired', 'calendar', 'hours', 'monday', 'sales', 'name'],
  ...['within', 'by', 'weekday', 'time', 'when', 'marketing', 'notify', 'url', 'on', '__proto__', '<<'],
];
const VALUES = [
  ...[
    '${T}',
    '${U}',
    '${',
    '4 business hours',
    '09:00-17:00',
    '09:00',
    '60%',
    'monday',
    '',
    '*a',
    '&a x',
    '!x y',
  ],
  ...['null', 'true', '5', '.nan', '-0', '2026-02-30', '? x', '- -', '{', '[1', '"', "'", '|', '# x'],
];

/** Text that looks like YAML: known keys, odd values, any indentation. */
const yamlish = fc
  .array(
    fc
      .tuple(fc.nat(8), fc.constantFrom('', '- '), fc.constantFrom(...KEYS), fc.constantFrom(...VALUES))
      .map(([indent, dash, key, value]) => `${' '.repeat(indent)}${dash}${key}: ${value}`),
    { maxLength: 12 },
  )
  .map((lines) => lines.join('\n'));

/** Well-formed YAML with known keys at any depth and values of any kind. */
const tree = fc
  .letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constantFrom<unknown>(...VALUES, null, 7, true),
      fc.dictionary(fc.constantFrom(...KEYS), tie('node'), { maxKeys: 5 }),
      fc.array(tie('node'), { maxLength: 3 }),
    ),
  }))
  .node.map((main) => JSON.stringify({ portals: { main } }));

function read(text: string): void {
  try {
    parseConfig(text, 'handoff.yaml', environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(
      /^handoff\.yaml has (a fault|\d+ faults):\n {2}handoff\.yaml:\d+ {2}\S/,
    );
    expect((error as Error).message).not.toContain('never-shown');
  }
}

describe('any text', () => {
  test.prop([fc.string()])('is read or refused', read);
  test.prop([yamlish], { numRuns: 300 })('that looks like a configuration is read or refused', read);
  test.prop([tree], { numRuns: 300 })('with known keys in any place is read or refused', read);
});

/** Text that looks like times. */
const timeish = fc.oneof(
  fc.string(),
  fc.stringMatching(/^([0-2]?\d:[0-5]\d-[0-2]\d:[0-5]\d, ?){0,2}[0-9:-]{11}$/),
);

describe('notations', () => {
  test.prop([fc.oneof(fc.string(), fc.stringMatching(/^\d{1,30}(\.\d+)? (business )?(minute|hour|day)s?$/))])(
    'of durations give a positive, finite whole number of milliseconds or a sentence',
    (text) => {
      const read = parseDuration(text);
      if (typeof read === 'string') expect(read).not.toBe('');
      else expect(Number.isSafeInteger(read.ms) && read.ms > 0).toBe(true);
    },
  );

  test.prop([timeish])(
    'of opening hours give sorted hours inside one day, apart from each other, or a sentence',
    (text) => {
      const hours = parseHours(text);
      if (typeof hours === 'string') return void expect(hours).not.toBe('');
      let last = 0;
      for (const { open, close } of hours) {
        expect(open).toBeGreaterThanOrEqual(last);
        expect(close).toBeGreaterThan(open);
        last = close;
      }
      expect(last).toBeLessThanOrEqual(1_440);
    },
  );

  test.prop([fc.nat(1_439)])('of times of day mean what a clock shows', (minutes) => {
    const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) =>
      String(part).padStart(2, '0'),
    );
    expect(parseTime(`${hour}:${minute}`)).toBe(minutes);
  });

  test.prop([fc.oneof(fc.string(), fc.stringMatching(/^((monday|friday|sunday)[, -]?){1,3}$/))])(
    'of days give weekdays or a sentence',
    (text) => {
      const days = parseDays(text);
      if (typeof days === 'string') return void expect(days).not.toBe('');
      expect(days.every((day) => Number.isInteger(day) && day >= 1 && day <= 7)).toBe(true);
    },
  );
});

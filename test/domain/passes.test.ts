import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareHistory } from '../../src/domain/history.ts';
import { findPasses, type UnjudgedPass } from '../../src/domain/passes.ts';
import { at, type HistoryTable, HOUR, historyOf, rulesWith } from '../support/contacts.ts';

const rules = rulesWith();

/** Stages a day apart, from 2026-01-05; a clear held for a day always counts. */
function daily(stages: string): HistoryTable {
  return stages
    .split(' ')
    .filter((stage) => stage !== '')
    .map(
      (stage, index) =>
        [`2026-01-${String(5 + index).padStart(2, '0')}T10:00Z`, NAMES[stage] ?? stage] as const,
    );
}

const NAMES: Readonly<Record<string, string>> = {
  mql: 'marketingqualifiedlead',
  sql: 'salesqualifiedlead',
  sal: 'salesaccepted',
  clear: '',
};

function courseOf(table: HistoryTable) {
  return findPasses(prepareHistory(historyOf(table), rules, at('2026-12-31T00:00Z')).steps, rules.calendar);
}

/** `qualified 5 (6) 8` = opened on the 5th, accepted on the 6th, decided on the 8th. */
function inShort(pass: UnjudgedPass): string {
  const day = (instant: number) => new Date(instant).getUTCDate();
  const marks = [pass.impliedSql ? 'implied_sql' : '', pass.cleared ? 'cleared' : ''];
  return [
    pass.outcome,
    day(pass.openedAt),
    pass.acceptedAt === null ? '' : `(${day(pass.acceptedAt)})`,
    pass.decidedAt === null ? '' : day(pass.decidedAt),
    ...marks,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

describe('passes', () => {
  it.each<[stages: string, passes: string, directSql: number | null, firstSql: number | null]>([
    ['', '', null, null],
    ['lead', '', null, null],
    ['mql', 'open 5', null, null],
    ['mql sql', 'qualified 5 6', null, 6],
    ['lead mql hotmql sql', 'qualified 6 8', null, 8],
    ['mql sal sql', 'qualified 5 (6) 7', null, 7],
    ['mql sal mql sal sql', 'qualified 5 (6) 9', null, 9],
    ['mql sal', 'open 5 (6)', null, null],
    ['sal', '', null, null],
    ['sal mql', 'open 6', null, null],
    ['mql opportunity', 'qualified 5 6 implied_sql', null, 6],
    ['mql opportunity sql', 'qualified 5 6 implied_sql', null, 6],
    ['mql lead', 'recycled 5 6', null, null],
    ['mql clear', 'recycled 5 6 cleared', null, null],
    ['mql clear lead', 'recycled 5 6 cleared', null, null],
    ['mql clear mql', 'recycled 5 6 cleared | open 7', null, null],
    ['mql other', 'disqualified 5 6', null, null],
    ['mql lead mql sql', 'recycled 5 6 | qualified 7 8', null, 8],
    ['mql sql mql sql', 'qualified 5 6 | qualified 7 8', null, 6],
    ['sql', '', 5, 5],
    ['lead sql customer', '', 6, 6],
    ['customer', '', null, null],
    ['customer sql', '', 6, 6],
    ['mql lead sql', 'recycled 5 6', 7, 7],
    ['mql other sql lead sql', 'disqualified 5 6', 7, 7],
    ['mql sql lead sql', 'qualified 5 6', null, 6],
    ['mql opportunity lead sql', 'qualified 5 6 implied_sql', null, 6],
    ['sql mql', 'open 6', null, 5],
    ['sql mql lead sql', 'recycled 6 7', 8, 5],
    ['mql lead sql mql sql', 'recycled 5 6 | qualified 8 9', null, 7],
    ['mql lead customer', 'recycled 5 6', null, null],
    ['clear mql', 'open 6', null, null],
  ])('%s → %s', (stages, passes, directSql, firstSql) => {
    const course = courseOf(daily(stages));
    const day = (instant: number | null | undefined) =>
      instant == null ? null : new Date(instant).getUTCDate();
    expect(course.passes.map(inShort).join(' | ')).toBe(passes);
    expect(day(course.directSql?.at)).toBe(directSql);
    expect(day(course.firstSqlAt)).toBe(firstSql);
    expect(course.passes.map((pass) => pass.number)).toEqual(course.passes.map((_, index) => index + 1));
  });

  it.each([
    ['59.999 seconds', '2026-01-05T10:00:59.999Z', true],
    ['60 seconds', '2026-01-05T10:01:00.000Z', false],
    ['at once', '2026-01-05T10:00:00.000Z', true],
  ])('qualified after %s: instant %s', (_text, sqlAt, instant) => {
    const [pass] = courseOf([
      ['2026-01-05T10:00Z', NAMES.mql!],
      [sqlAt, NAMES.sql!],
    ]).passes;
    expect(pass?.instant).toBe(instant);
  });

  it.each<
    [what: string, sources: readonly (string | undefined)[], stages: readonly string[], imported: boolean]
  >([
    ['opened by an import', ['IMPORT', undefined], ['mql', 'sql'], true],
    ['qualified by an import', [undefined, 'IMPORT'], ['mql', 'sql'], true],
    ['accepted by an import', [undefined, 'IMPORT', undefined], ['mql', 'sal', 'sql'], false],
    ['recycled by an import', [undefined, 'IMPORT'], ['mql', 'lead'], false],
    ['SQL skipped by an import', [undefined, 'IMPORT'], ['mql', 'customer'], true],
  ])('%s: imported %s', (_what, sources, stages, imported) => {
    const table = daily(stages.join(' ')).map(
      ([when, value], index) => [when, value, sources[index] ?? 'API'] as const,
    );
    expect(courseOf(table).passes.at(-1)?.imported).toBe(imported);
  });

  it('knows a direct SQL that came from an import', () => {
    expect(courseOf([['2026-01-05T10:00Z', NAMES.sql!, 'IMPORT']]).directSql?.imported).toBe(true);
  });

  it('measures business time of qualified passes only', () => {
    expect(courseOf(daily('mql sql')).passes[0]?.businessMs).toBe(8 * HOUR);
    expect(courseOf(daily('mql lead')).passes[0]?.businessMs).toBeNull();
    expect(courseOf(daily('mql')).passes[0]?.businessMs).toBeNull();
  });

  it('never overlap', () => {
    const stage = fc.constantFrom(
      'mql',
      'sql',
      'sal',
      'clear',
      'lead',
      'other',
      'customer',
      'hotmql',
      'gone',
    );
    fc.assert(
      fc.property(fc.array(stage, { maxLength: 20 }), (stages) => {
        const { passes } = courseOf(daily(stages.join(' ')));
        for (const [index, pass] of passes.entries()) {
          const next = passes[index + 1];
          expect(pass.decidedAt === null).toBe(pass.outcome === 'open');
          if (pass.decidedAt !== null) expect(pass.decidedAt).toBeGreaterThan(pass.openedAt);
          if (next !== undefined) expect(pass.decidedAt).toBeLessThan(next.openedAt);
          if (pass.acceptedAt !== null) expect(pass.acceptedAt).toBeGreaterThan(pass.openedAt);
        }
      }),
    );
  });
});

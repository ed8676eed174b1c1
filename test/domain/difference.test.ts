import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference } from '../../src/domain/difference.ts';
import { FLAGS, PROPERTY_NAMES, type PropertyName, type PropertyValues } from '../../src/domain/types.ts';

function valuesWith(values: Partial<PropertyValues>): PropertyValues {
  return { ...Object.fromEntries(PROPERTY_NAMES.map((name) => [name, ''])), ...values } as PropertyValues;
}

describe('the difference', () => {
  it.each<
    [what: string, name: PropertyName, wanted: string, carried: string | null | undefined, differs: boolean]
  >([
    ['equal text', 'status', 'open', 'open', false],
    ['other text', 'status', 'qualified', 'open', true],
    ['text in another case', 'sla', 'Hot', 'hot', true],
    ['blank and null', 'status', '', null, false],
    ['blank and absent', 'status', '', undefined, false],
    ['blank and empty', 'status', '', '', false],
    ['a value to clear', 'status', '', 'open', true],
    ['a value where there was none', 'status', 'open', null, true],
    ['a number in another notation', 'pass', '3', '3.0', false],
    ['another number', 'hours_to_qualify', '3', '3.01', true],
    ['zero is not blank', 'transitions', '0', '', true],
    ['no number at all', 'pass', '3', 'three', true],
    [
      'an instant without milliseconds',
      'mql_date',
      '2026-01-05T09:00:00.000Z',
      '2026-01-05T09:00:00Z',
      false,
    ],
    ['an instant as epoch milliseconds', 'mql_date', '2026-01-05T09:00:00.000Z', '1767603600000', false],
    [
      'an instant in another zone',
      'mql_date',
      '2026-01-05T09:00:00.000Z',
      '2026-01-05T10:00:00+01:00',
      false,
    ],
    ['a millisecond later', 'mql_date', '2026-01-05T09:00:00.000Z', '1767603600001', true],
    ['no instant at all', 'mql_date', '2026-01-05T09:00:00.000Z', 'soon', true],
    ['options in another order', 'flags', 'imported;merged', 'merged;imported', false],
    ['options with a stray separator', 'flags', 'imported;merged', ';merged;imported', false],
    ['another option', 'flags', 'imported;merged', 'imported', true],
  ])('%s', (_what, name, wanted, carried, differs) => {
    const current = carried === undefined ? {} : { [name]: carried };
    expect(difference(valuesWith({ [name]: wanted }), current)).toEqual(differs ? { [name]: wanted } : {});
  });

  it('holds nothing that is right already', () => {
    const values = valuesWith({ status: 'open', pass: '2', flags: 'merged' });
    expect(difference(values, { status: 'open', pass: '1' })).toEqual({ pass: '2', flags: 'merged' });
  });

  it('is empty once it was applied', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.constantFrom('', '3', '3.0', '1767603600000', '2026-01-05T09:00:00Z'),
    );
    const flags = fc.subarray([...FLAGS]).map((some) => some.join(';'));
    const wanted = fc.record({ status: anything, pass: anything, mql_date: anything, flags });
    const current = fc.dictionary(fc.constantFrom(...PROPERTY_NAMES), fc.option(anything));
    fc.assert(
      fc.property(wanted, current, (some, carried) => {
        const values = valuesWith(some);
        const applied = { ...carried, ...difference(values, carried) };
        expect(difference(values, applied)).toEqual({});
      }),
    );
  });
});

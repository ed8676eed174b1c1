import { describe, expect, it } from 'vitest';
import { PROPERTY_CATALOGUE } from '../../src/domain/property-catalogue.ts';
import { FLAGS, PROPERTY_NAMES, SLA_STATUSES, STATUSES } from '../../src/domain/types.ts';

describe('the property catalogue', () => {
  it('holds every property with its type, in the order of the names', () => {
    const types = Object.entries(PROPERTY_CATALOGUE).map(
      ([name, { type, fieldType }]) => `${name} ${type}/${fieldType}`,
    );
    expect(types).toEqual([
      'status enumeration/select',
      'mql_date datetime/date',
      'accepted_date datetime/date',
      'sql_date datetime/date',
      'decided_date datetime/date',
      'hours_to_qualify number/number',
      'business_hours_to_qualify number/number',
      'pass number/number',
      'transitions number/number',
      'first_mql_date datetime/date',
      'first_sql_date datetime/date',
      'sla string/text',
      'sla_status enumeration/select',
      'sla_due_date datetime/date',
      'flags enumeration/checkbox',
    ]);
    expect(Object.keys(PROPERTY_CATALOGUE)).toEqual([...PROPERTY_NAMES]);
  });

  it('offers every value there is as an option', () => {
    const optionsOf = (name: 'status' | 'sla_status' | 'flags') =>
      PROPERTY_CATALOGUE[name].options.map((option) => option.value);
    expect(optionsOf('status')).toEqual([...STATUSES]);
    expect(optionsOf('sla_status')).toEqual([...SLA_STATUSES]);
    expect(optionsOf('flags')).toEqual([...FLAGS]);
  });

  it('has a label of its own and a sentence for each', () => {
    const all = Object.values(PROPERTY_CATALOGUE);
    expect(new Set(all.map((one) => one.label)).size).toBe(all.length);
    for (const { label, description } of all) {
      expect(label).not.toBe('');
      expect(description).toMatch(/\.$/);
    }
  });
});

/** What must be sent so that a contact carries the right values; nothing for a value that only looks different. */
import {
  type CurrentValues,
  type Difference,
  PROPERTY_NAMES,
  type PropertyName,
  type PropertyValues,
} from './types.ts';

type Kind = 'text' | 'number' | 'datetime' | 'set';

const KINDS: Readonly<Record<PropertyName, Kind>> = {
  status: 'text',
  mql_date: 'datetime',
  accepted_date: 'datetime',
  sql_date: 'datetime',
  decided_date: 'datetime',
  hours_to_qualify: 'number',
  business_hours_to_qualify: 'number',
  pass: 'number',
  transitions: 'number',
  first_mql_date: 'datetime',
  first_sql_date: 'datetime',
  sla: 'text',
  sla_status: 'text',
  sla_due_date: 'datetime',
  flags: 'set',
};

/** The values that differ from what the contact carries now, whatever notation HubSpot gave it in. */
export function difference(values: PropertyValues, current: CurrentValues): Difference {
  const differing: Partial<Record<PropertyName, string>> = {};
  for (const name of PROPERTY_NAMES) {
    const wanted = values[name];
    const carried = current[name] ?? '';
    if (wanted === carried) continue;
    if (normalise(KINDS[name], wanted) !== normalise(KINDS[name], carried)) differing[name] = wanted;
  }
  return differing;
}

/** What a contact carries once a difference was written to it. */
export function applyDifference(current: CurrentValues, differing: Difference): CurrentValues {
  return { ...current, ...differing };
}

function normalise(kind: Kind, value: string): string {
  if (value.trim() === '') return '';
  switch (kind) {
    case 'text':
      return value;
    case 'number':
      return numberOr(value, Number(value));
    case 'datetime':
      return numberOr(value, /^-?\d+$/.test(value) ? Number(value) : Date.parse(value));
    case 'set':
      return [...new Set(value.split(';').filter((option) => option !== ''))].sort().join(';');
  }
}

function numberOr(value: string, number: number): string {
  return Number.isFinite(number) ? String(number) : value;
}

/** What must be sent so that a contact carries the right values; nothing for a value that only looks different. */
import { PROPERTY_CATALOGUE } from './property-catalogue.ts';
import {
  type CurrentValues,
  type Difference,
  PROPERTY_NAMES,
  type PropertyName,
  type PropertyValues,
} from './types.ts';

/** The values that differ from what the contact carries now, whatever notation HubSpot gave it in. */
export function difference(values: PropertyValues, current: CurrentValues): Difference {
  const differing: Partial<Record<PropertyName, string>> = {};
  for (const name of PROPERTY_NAMES) {
    const wanted = values[name];
    const carried = current[name] ?? '';
    if (wanted === carried) continue;
    if (normalise(name, wanted) !== normalise(name, carried)) differing[name] = wanted;
  }
  return differing;
}

function normalise(name: PropertyName, value: string): string {
  if (value.trim() === '') return '';
  const { type, fieldType } = PROPERTY_CATALOGUE[name];
  if (fieldType === 'checkbox') return inOrder(value);
  switch (type) {
    case 'enumeration':
    case 'string':
      return value;
    case 'number':
      return numberOr(value, Number(value));
    case 'datetime':
      return numberOr(value, /^-?\d+$/.test(value) ? Number(value) : Date.parse(value));
  }
}

function inOrder(options: string): string {
  return [...new Set(options.split(';').filter((option) => option !== ''))].sort().join(';');
}

function numberOr(value: string, number: number): string {
  return Number.isFinite(number) ? String(number) : value;
}

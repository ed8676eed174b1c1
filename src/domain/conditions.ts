import type { Condition, Conditions } from './types.ts';

/** Do a contact's present property values meet all conditions? A blank value meets none; no conditions are always met. */
export function meetsConditions(
  conditions: Conditions,
  properties: Readonly<Record<string, string>>,
): boolean {
  for (const name in conditions) {
    if (!meets(conditions[name]!, properties[name] ?? '')) return false;
  }
  return true;
}

function meets(condition: Condition, value: string): boolean {
  if (value === '') return false;
  if ('anyOf' in condition) return condition.anyOf.includes(value);
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) return false;
  return number >= (condition.atLeast ?? -Infinity) && number <= (condition.atMost ?? Infinity);
}

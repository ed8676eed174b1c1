/** What HubSpot makes of a value that is written, by the property's type. Codes as its answers carry them. */
import type { Definition } from './definitions.ts';

/** HubSpot's ceiling for one value. */
const LONGEST_VALUE = 65_536;
const DAY_MS = 86_400_000;

/** A value as it will be stored, or HubSpot's code and words against it. */
export type CheckedValue =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** An instant as HubSpot prints it: no fraction where there are no milliseconds. */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

/** Epoch ms or ISO 8601 (a zone must be named, a date alone is midnight UTC); null: neither. */
export function parseInstant(text: string): number | null {
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  const iso = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d))?$/;
  const ms = iso.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/** Checks a value for this property and gives it back as it is stored. Blank clears and is always allowed. */
export function checkValue(definition: Definition, value: string, lenientDates: boolean): CheckedValue {
  if (definition.readOnlyValue) {
    return bad('READ_ONLY_VALUE', `"${definition.name}" is a read only property; its value cannot be set.`);
  }
  if (value === '') return { ok: true, value };
  if (value.length > LONGEST_VALUE) {
    return bad('PROPERTY_TOO_LONG', `Value is longer than ${LONGEST_VALUE} characters.`);
  }
  switch (definition.type) {
    case 'number':
      return checkNumber(value);
    case 'datetime':
      return checkDatetime(value);
    case 'date':
      return checkDate(value, lenientDates);
    case 'enumeration':
    case 'bool':
      return checkOptions(definition, value);
    case 'string':
    case 'phone_number':
      return { ok: true, value };
  }
}

function checkNumber(value: string): CheckedValue {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value)) return { ok: true, value };
  return bad('INVALID_INTEGER', `${value} was not a valid number.`);
}

function checkDatetime(value: string): CheckedValue {
  const ms = parseInstant(value);
  if (ms === null) return bad('INVALID_LONG', `${value} was not a valid long.`);
  return { ok: true, value: isoInstant(ms) };
}

/** Before 2026-09 a date sent in epoch ms must be midnight UTC; since then the time of day is cut off. */
function checkDate(value: string, lenient: boolean): CheckedValue {
  const ms = parseInstant(value);
  if (ms === null || (ms % DAY_MS !== 0 && !lenient)) {
    return bad('INVALID_DATE', `${value} was not a valid date: it is not at midnight UTC.`);
  }
  return { ok: true, value: new Date(ms).toISOString().slice(0, 10) };
}

function checkOptions(definition: Definition, value: string): CheckedValue {
  // Owners are options kept elsewhere: any id will do.
  if (definition.name === 'hubspot_owner_id') return checkNumber(value);
  const allowed = definition.type === 'bool' ? ['true', 'false'] : definition.options.map((o) => o.value);
  const chosen =
    definition.fieldType === 'checkbox' ? value.split(';').filter((part) => part !== '') : [value];
  const wrong = chosen.find((part) => !allowed.includes(part));
  if (wrong === undefined) return { ok: true, value };
  return bad('INVALID_OPTION', `${wrong} was not one of the allowed options: [${allowed.join(', ')}]`);
}

function bad(code: string, message: string): CheckedValue {
  return { ok: false, code, message };
}

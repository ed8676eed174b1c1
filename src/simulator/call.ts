/** A call as a handler sees it, and reading what it brought. */
import type { Limits } from './limits.ts';
import type { Portal } from './portal.ts';
import { invalid } from './refusal.ts';

/** `v3` or the date of the path. */
export type ApiVersion = 'v3' | '2026-03' | '2026-09';

/** One call: what was asked, and of which portal. */
export interface Call {
  readonly portal: Portal;
  readonly limits: Limits;
  readonly version: ApiVersion;
  /** Variable parts of the path, decoded. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  /** Parsed JSON; an empty object where there was no body. */
  readonly body: Json;
  /** Length of the body in characters. */
  readonly bodyLength: number;
}

/** A JSON object, nothing known of what is in it. */
export type Json = Readonly<Record<string, unknown>>;

/** The value as an object, else 400. */
export function asObject(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`Invalid input JSON: ${what} must be an object`);
  }
  return value as Json;
}

/** The value as a list, an absent one as an empty one, else 400. */
export function asList(value: unknown, what: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalid(`Invalid input JSON: ${what} must be a list`);
  return value;
}

/** The value as a list of strings (numbers are taken too), else 400. */
export function asStrings(value: unknown, what: string): string[] {
  return asList(value, what).map((item) => asText(item, what));
}

/** The value as text; numbers and booleans are taken as HubSpot does, anything else is 400. */
export function asText(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw invalid(`Invalid input JSON: ${what} must be a string`);
}

/** Property values to write. `null` clears like a blank. */
export function asValues(value: unknown): Record<string, string> {
  const given = asObject(value, 'properties');
  return Object.fromEntries(
    Object.entries(given).map(([name, item]) => [name, item === null ? '' : asText(item, name)]),
  );
}

/** A list in the query: repeated, or separated by commas. */
export function listed(query: URLSearchParams, name: string): string[] {
  return query
    .getAll(name)
    .flatMap((value) => value.split(','))
    .filter((value) => value !== '');
}

/** `true` or `false` in the query; absent is false. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name) ?? 'false';
  if (value !== 'true' && value !== 'false') throw invalid(`${name} must be true or false`);
  return value === 'true';
}

/** A page size from query or body within HubSpot's bounds, else 400. */
export function pageSize(value: unknown, standard: number, max: number): number {
  const size = value === undefined || value === null || value === '' ? standard : Number(value);
  if (Number.isInteger(size) && size >= 1 && size <= max) return size;
  throw invalid(`Invalid request: the maximum page size is ${max}; limit was ${String(value)}`);
}

/** Faults of a configuration in words: which key, what was found there and what is allowed. */
import type { z } from 'zod';
import type { Place } from './document.ts';
import type { Path } from './variables.ts';

/** One fault. `key` is the path as people write it; empty for the file as a whole. */
export interface Fault {
  readonly line: number;
  readonly key: string;
  readonly message: string;
}

type PlaceOf = (path: Path) => Place;

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  array: 'a list',
  object: 'keys with values',
  record: 'keys with values',
};

/** A fault at a place, with what was found there. */
export function faultOf(path: Path, message: string, placeOf: PlaceOf): Fault {
  const { line, found } = placeOf(path);
  return { line, key: keyText(path), message: found === null ? message : `${message} (found ${found})` };
}

/** The faults that the schema found, but for places that are faulty already. The input must be part of the issues. */
export function zodFaults(
  error: z.ZodError,
  already: readonly { readonly path: Path }[],
  placeOf: PlaceOf,
): Fault[] {
  const known = new Set(already.map(({ path }) => keyText(path)));
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    if (known.has(keyText(path))) return [];
    if (issue.code !== 'unrecognized_keys') return [faultOf(path, messageOf(issue), placeOf)];
    const sentences = issue.message.split('\n');
    // What stands under an unknown key is not shown: it may be a token under a misspelt name.
    return issue.keys.map((key, at) => ({
      line: placeOf([...path, key]).line,
      key: keyText([...path, key]),
      message: sentences[at] ?? issue.message,
    }));
  });
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined && issue.code !== 'custom') return 'is missing';
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  if (issue.code !== 'invalid_type' || !issue.message.startsWith('Invalid input')) return issue.message;
  return `must be ${KINDS[issue.expected] ?? issue.expected}`;
}

function keyText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

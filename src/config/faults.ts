/** Faults of a configuration: where they stand, what was found there and what is allowed. */
import { type Document, isMap, isScalar, type LineCounter, type Node } from 'yaml';
import type { z } from 'zod';
import { isSecret, type Path } from './variables.ts';

/** One fault. `key` is the path as people write it; empty for the file as a whole. */
export interface Fault {
  readonly line: number;
  readonly key: string;
  readonly message: string;
}

/** Where a key stands, and what is written there (null: nothing short enough to show, or a secret). */
export type Place = (path: Path) => { readonly line: number; readonly found: string | null };

const LONGEST_SHOWN = 60;

/** Looks places up in a parsed document; of a key that is not there, the place of the nearest one above it. */
export function placeOf(document: Document, lines: LineCounter): Place {
  return (path) => {
    for (let depth = path.length; depth >= 0; depth -= 1) {
      const node = keyNode(document, path.slice(0, depth));
      if (node?.range == null) continue;
      const found = depth === path.length ? shown(document, path) : null;
      return { line: lines.linePos(node.range[0]).line, found };
    }
    return { line: 1, found: null };
  };
}

/** A fault at a place, with what was found there. */
export function faultOf(path: Path, message: string, place: Place): Fault {
  const { line, found } = place(path);
  return { line, key: keyText(path), message: found === null ? message : `${message} (found ${found})` };
}

/** The faults that the schema found, but for places that are faulty already. */
export function zodFaults(
  error: z.ZodError,
  already: readonly { readonly path: Path }[],
  place: Place,
): Fault[] {
  const known = new Set(already.map(({ path }) => keyText(path)));
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    if (known.has(keyText(path))) return [];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => faultOf([...path, key], messageOf(issue, key), place));
    }
    return [faultOf(path, messageOf(issue), place)];
  });
}

function messageOf(issue: z.core.$ZodIssue, key?: string): string {
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return 'is missing';
  const { message } = issue;
  if (key !== undefined) return message;
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? message;
  return message
    .replace(/^Invalid (input|option): expected /, 'must be ')
    .replace(/, received .*$/, '')
    .replace(/^must be one of /, 'must be one of ')
    .replaceAll('|', ', ');
}

function keyNode(document: Document, path: Path): Node | null {
  if (path.length === 0) return document.contents as Node | null;
  const parent = document.getIn(path.slice(0, -1), true) ?? document.contents;
  const last = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(last));
    return (pair?.key as Node | undefined) ?? null;
  }
  return (document.getIn(path, true) as Node | undefined) ?? null;
}

function shown(document: Document, path: Path): string | null {
  if (isSecret(path)) return null;
  const node = document.getIn(path, true);
  if (!isScalar(node)) return null;
  const text = node.source ?? String(node.value);
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}

function keyText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** The YAML side of the configuration: text → plain values, and where each key stands. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { isSecret, type Path } from './variables.ts';

/** A place in the file, and what is written there (null: nothing short enough to show, or maybe a secret). */
export interface Place {
  readonly line: number;
  readonly found: string | null;
}

/** A text that is well-formed YAML. */
export interface ReadDocument {
  readonly raw: unknown;
  /** Where a key stands; of one that is not there, the nearest one above it. */
  readonly placeOf: (path: Path) => Place;
}

interface SyntaxFault {
  readonly line: number;
  readonly message: string;
}

const LONGEST_SHOWN = 60;
/** More uses of anchors than a person writes, fewer than it takes to fill the memory. */
const MOST_ALIASES = 100;
const SECRET_LOOKING = /^\s*(?:pat-|[a-z]+:\/\/)/i;

/** Reads YAML 1.2, whatever version the text claims (in 1.1 an unquoted 17:00 is a number). The result is what is wrong, or the document. */
export function readDocument(text: string): ReadDocument | readonly SyntaxFault[] {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: 'core',
    prettyErrors: false,
    logLevel: 'error',
  });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const faults = document.errors.map((error) => ({
    line: lineAt(error.pos[0]),
    message: sentence(error, text),
  }));
  for (const alias of lostAliases(document)) {
    const line = lineAt(alias.range?.[0] ?? 0);
    faults.push({
      line,
      message: `*${alias.source} stands for nothing: no &${alias.source} comes before it`,
    });
  }
  if (faults.length > 0) return faults;
  try {
    const raw: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    return { raw, placeOf: (path) => placeIn(document, path, lineAt) };
  } catch {
    return [
      {
        line: 1,
        message: `repeats itself too often: at most ${MOST_ALIASES} uses of an anchor (*name) are read`,
      },
    ];
  }
}

function sentence({ code, message, pos }: YAMLError, text: string): string {
  if (code === 'DUPLICATE_KEY')
    return `the key ${/^[^\s:]*/.exec(text.slice(pos[0]))?.[0]} stands here a second time`;
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here (---); write everything into one';
  return `is not YAML: ${message.split('\n')[0]}`;
}

function lostAliases(document: Document): Alias[] {
  const lost: Alias[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) === undefined) lost.push(alias);
    },
  });
  return lost;
}

function placeIn(document: Document, path: Path, lineAt: (offset: number) => number): Place {
  let node: unknown = document.contents;
  let offset = offsetOf(node) ?? 0;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))
      : undefined;
    const next: unknown = pair === undefined && isSeq(node) ? node.items[Number(part)] : pair?.value;
    if (pair === undefined && next === undefined) return { line: lineAt(offset), found: null };
    offset = offsetOf(pair === undefined ? next : pair.key) ?? offset;
    node = next;
  }
  return { line: lineAt(offset), found: isSecret(path) ? null : shown(node) };
}

function offsetOf(node: unknown): number | null {
  const range = (node as { range?: readonly number[] | null } | null)?.range;
  return range?.[0] ?? null;
}

function shown(node: unknown): string | null {
  if (node === null || (isScalar(node) && node.value === null)) return 'nothing';
  if (!isScalar(node)) return null;
  if (node.value === '') return 'an empty text';
  const text = String(node.source ?? node.value);
  if (SECRET_LOOKING.test(text)) return null;
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}

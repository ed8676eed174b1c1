/** The project's own files as text, for tests that check how it is built. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const NOT_OURS = ['node_modules', '.git', '.handoff', 'coverage'];

/** One file: its path from the top level with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Paths from the top level of every file that belongs to the project: what git tracks, or all there is without git. */
export function projectPaths(): string[] {
  if (!existsSync(join(ROOT, '.git'))) return walk('.');
  const listed = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(ROOT, path)));
}

/** TypeScript and JavaScript files below these folders (or these files themselves), tracked or not yet. */
export function sourceFiles(...places: string[]): SourceFile[] {
  const paths = places.flatMap((place) => (/\.[jt]s$/.test(place) ? [place] : walk(place)));
  return paths.filter((path) => /\.[jt]s$/.test(path)).map((path) => ({ path, text: readProjectFile(path) }));
}

/** The text of a file, by its path from the top level. */
export function readProjectFile(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Does the project have this file or folder? */
export function projectHas(path: string): boolean {
  return existsSync(join(ROOT, path));
}

/**
 * What a file imports or re-exports, types included: packages as written (`node:fs`, `zod`), relative ones as paths
 * from the top level (`src/errors.ts`).
 */
export function importsOf(file: SourceFile): string[] {
  const code = withoutComments(file.text);
  const found = [
    ...code.matchAll(/^\s*(?:import|export)\s[^'"`;]*?\sfrom\s*['"]([^'"]+)['"]/gm),
    ...code.matchAll(/^\s*import\s*['"]([^'"]+)['"]/gm),
    ...code.matchAll(/\bimport\s*\(\s*['"]([^'"]+)['"]/g),
  ].map((match) => match[1] ?? '');
  return found.map((name) => (name.startsWith('.') ? posix.join(posix.dirname(file.path), name) : name));
}

/** The code alone, so that a word in a comment is not taken for its use. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{}(,])\/\/.*$/gm, '$1');
}

/** The package behind an import: `@scope/name/deep.js` → `@scope/name`; null for the project's own files. */
export function packageOf(imported: string): string | null {
  if (/^(?:src|jobs|test|config|package\.json)\b/.test(imported)) return null;
  const parts = imported.split('/');
  return imported.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? null);
}

function walk(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(ROOT.length + 1)
        .split(sep)
        .join('/'),
    )
    .filter((path) => !NOT_OURS.some((name) => path.split('/').includes(name)));
}

/** Where a link in a document leads, as a path from the top level. */
export function linkTarget(document: string, link: string): string {
  return posix.join(dirname(document).split(sep).join('/'), decodeURI(link));
}

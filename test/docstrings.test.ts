/** Everything that a file exports says what it is for, right where it stands. */
import { describe, expect, it } from 'vitest';
import { type SourceFile, sourceFiles } from './support/source-files.ts';

describe('docstrings', () => {
  it('stand above every export', () => {
    expect(sourceFiles('src', 'jobs').flatMap(bareExports)).toEqual([]);
  });
});

describe('the check itself', () => {
  const sample = (text: string): SourceFile => ({ path: 'src/sample.ts', text });

  it.each([
    ['a value', 'const a = 1;\nexport const b = 2;', 'b'],
    ['a function after a blank line', '/** What it does. */\n\nexport async function run() {}', 'run'],
    ['a type under another', '/** One. */\nexport type A = 1;\nexport type B = 2;', 'B'],
    ['an interface under a plain comment', '// What it is.\nexport interface C {}', 'C'],
    ['a class under a block comment', '/* What it is. */\nexport class D {}', 'D'],
    ['the first line of a file', 'export const e = 1;', 'e'],
    ['a generator', 'export function* rows() {}', 'rows'],
  ])('sees %s', (_what, text, name) => {
    expect(bareExports(sample(text))).toEqual([
      `src/sample.ts exports ${name} without a docstring: say above it what it is for, in which units, what it throws`,
    ]);
  });

  it.each([
    ['on one line', '/** What it is. */\nexport const a = 1;'],
    ['over several', '/**\n * What it is,\n * at length.\n */\nexport interface A {}'],
    ['above a note to the linter', '/** What it is. */\n// biome-ignore lint/x: reason\nexport const a = 1;'],
    [
      'over all forms of a function',
      '/** f. */\nexport function f(a: 1): 1;\nexport function f(a: number) {}',
    ],
    ['where the export is declared elsewhere', "export { a } from './a.ts';\nexport type * from './b.ts';"],
  ])('takes a docstring %s', (_what, text) => {
    expect(bareExports(sample(text))).toEqual([]);
  });
});

const EXPORT = /^export (?:declare |abstract |async )*(?:const|let|function\*?|class|interface|type) (\w+)/;

function bareExports({ path, text }: SourceFile): string[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('// biome-ignore'));
  return lines.flatMap((line, at) => {
    const name = EXPORT.exec(line)?.[1];
    if (name === undefined || isDocumented(lines, at) || isOverload(lines[at - 1], name)) return [];
    return [
      `${path} exports ${name} without a docstring: say above it what it is for, in which units, what it throws`,
    ];
  });
}

/** Does a block that begins with two stars end on the line before? */
function isDocumented(lines: readonly string[], at: number): boolean {
  if (!lines[at - 1]?.trimEnd().endsWith('*/')) return false;
  const opening = lines.slice(0, at).findLast((line) => line.trimStart().startsWith('/*'));
  return opening?.trimStart().startsWith('/**') ?? false;
}

/** Another form of the function that stands on the line before has its docstring above the first. */
function isOverload(before: string | undefined, name: string): boolean {
  return before?.startsWith(`export function ${name}(`) === true && before.endsWith(';');
}

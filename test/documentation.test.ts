/** What README.md and `--help` say is what the code does. config/ has its own: test/config/documents.test.ts. */
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../src/cli/program.ts';
import { ENVIRONMENT } from '../src/config/environment.ts';
import { PROPERTY_NAMES } from '../src/domain/types.ts';
import { tables, withTables } from './support/documents.ts';
import { recordIo } from './support/io.ts';
import { readProjectFile } from './support/source-files.ts';

const program = buildProgram(recordIo());
const names = program.commands.map((command) => [command.name(), command] as const);

describe('README.md', () => {
  const readme = readProjectFile('README.md');

  it('shows the properties, commands and variables that there are (else: npm run docs)', () => {
    expect(readme).toBe(withTables(readme));
  });

  it.each([
    { table: 'properties', rows: PROPERTY_NAMES.map((name) => `| \`handoff_${name}\` |`) },
    { table: 'commands', rows: names.map(([name]) => `| **\`${name}`) },
    { table: 'environment', rows: Object.keys(ENVIRONMENT.shape).map((name) => `| \`${name}\` |`) },
  ])('leaves nothing out of its $table', ({ table, rows }) => {
    const lines = tables()[table]?.split('\n') ?? [];
    expect(rows.filter((row) => !lines.some((line) => line.startsWith(row)))).toEqual([]);
  });

  it('cannot lose the place of a table unnoticed', () => {
    expect(() => withTables(readme.replace('<!-- /commands -->', ''))).toThrow('<!-- commands -->');
  });
});

describe('--help', () => {
  it.each(names)('of %s explains it', (_, command) => {
    expect(command.summary()).not.toBe('');
    expect(command.description()).not.toBe('');
    expect(command.options.filter((option) => option.description === '')).toEqual([]);
    expect(command.registeredArguments.filter((argument) => argument.description === '')).toEqual([]);
  });

  it('names every variable', async () => {
    const io = recordIo();
    const help = buildProgram(io).parseAsync(['node', 'handoff', '--help']);
    await expect(help).rejects.toMatchObject({ exitCode: 0 });
    expect(Object.keys(ENVIRONMENT.shape).filter((name) => !io.text.out.includes(name))).toEqual([]);
  });
});

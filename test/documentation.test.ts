/** What the documents say is what the code does: generated parts are fresh, nothing is left without a word. */
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../src/cli/program.ts';
import { ENVIRONMENT } from '../src/config/environment.ts';
import { configJsonSchema, describeKeys, keysTable } from '../src/config/json-schema.ts';
import { withTables } from './support/documents.ts';
import { recordIo } from './support/io.ts';
import { readProjectFile } from './support/source-files.ts';

const { commands } = buildProgram(recordIo());

describe('README.md', () => {
  const readme = readProjectFile('README.md');

  it('shows the properties, commands and variables that there are (else: npm run docs)', () => {
    expect(readme).toBe(withTables(readme));
  });

  it('is refused where a table has no place', () => {
    expect(() => withTables(readme.replace('<!-- /commands -->', ''))).toThrow('<!-- commands -->');
  });
});

describe('the configuration', () => {
  it('has a fresh JSON Schema (else: npm run docs)', () => {
    expect(JSON.parse(readProjectFile('config/handoff.schema.json'))).toEqual(
      JSON.parse(JSON.stringify(configJsonSchema())),
    );
  });

  it('has a fresh table of keys (else: npm run docs)', () => {
    expect(readProjectFile('config/README.md')).toContain(`<!-- keys -->\n${keysTable()}\n<!-- /keys -->`);
  });

  it('has a description for every key', () => {
    const keys = describeKeys();
    expect(keys.length).toBeGreaterThan(50);
    expect(keys.filter(({ description }) => description.length < 10)).toEqual([]);
  });

  it('is pointed to by its example, for editors', () => {
    const [first] = readProjectFile('config/handoff.yaml').split('\n');
    expect(first).toBe('# yaml-language-server: $schema=./handoff.schema.json');
  });
});

describe('.env.example', () => {
  const text = readProjectFile('.env.example');
  const named = [...text.matchAll(/^#?([A-Z_]+)=/gm)].map((match) => match[1] ?? '');

  it('lists what handoff reads, what the example of the configuration names and what compose.yaml asks for', () => {
    const example = readProjectFile('config/handoff.yaml').match(/(?<=\$\{)[A-Z_]+(?=\})/g) ?? [];
    const compose = readProjectFile('compose.yaml').match(/(?<=\$\{)[A-Z_]+(?=:)/g) ?? [];
    const wanted = new Set([...example, ...compose, ...Object.keys(ENVIRONMENT.shape)]);
    expect(named.toSorted()).toEqual([...wanted].sort());
  });

  it('says a word on each', () => {
    for (const block of text.split('\n\n')) expect(block).toMatch(/^# \S/);
  });

  it('holds no secret', () => {
    expect(text).not.toMatch(/^[A-Z_]+=./m);
  });
});

describe('--help', () => {
  it.each(commands.map((command) => [command.name(), command] as const))(
    'of %s explains it',
    (_, command) => {
      expect(command.summary()).not.toBe('');
      expect(command.description()).not.toBe('');
      expect(command.options.filter((option) => option.description === '')).toEqual([]);
      expect(command.registeredArguments.filter((argument) => argument.description === '')).toEqual([]);
    },
  );
});

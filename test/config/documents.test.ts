/** What editors and readers are given follows from the definition; `npm run schema` writes it anew. */
import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ENVIRONMENT } from '../../src/config/environment.ts';
import { configJsonSchema, describeKeys, keysTable } from '../../src/config/json-schema.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import { readProjectFile } from '../support/source-files.ts';

const example = readProjectFile('config/handoff.yaml');

describe('config/handoff.schema.json', () => {
  it('is what the definition gives (else: npm run schema)', () => {
    expect(JSON.parse(readProjectFile('config/handoff.schema.json'))).toEqual(configJsonSchema());
  });

  it('is named in the first line of the example', () => {
    expect(example.split('\n')[0]).toBe('# yaml-language-server: $schema=./handoff.schema.json');
  });

  it('refuses unknown keys at every level, and a token written out', () => {
    const open: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      if ('properties' in node && (node as { additionalProperties?: unknown }).additionalProperties !== false)
        open.push(path);
      for (const [key, part] of Object.entries(node)) if (key !== 'examples') visit(part, `${path}/${key}`);
    };
    visit(configJsonSchema(), '');
    expect(open).toEqual([]);
    const token = 'properties.portals.additionalProperties.properties.token.pattern';
    expect(configJsonSchema()).toHaveProperty(token, '^\\s*\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}\\s*$');
  });
});

describe('config/README.md', () => {
  const readme = readProjectFile('config/README.md');
  const listed = /<!-- keys -->\n([\s\S]*?)\n<!-- \/keys -->/.exec(readme)?.[1] ?? '';

  it('lists every key, and none that is not there (else: npm run schema)', () => {
    expect(listed).toBe(keysTable());
    const keys = [...listed.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]);
    expect(keys).toEqual(describeKeys().map(({ key }) => key));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('says what each key means', () => {
    const silent = describeKeys().filter(({ description }) => description === '');
    expect(silent.map(({ key }) => key)).toEqual([]);
  });

  it.each(examplesIn(readme))('has examples that work: %s', (yaml) => {
    expect(parseConfig(yaml, 'README.md', { variable: () => 'https://example.com' }).warnings).toEqual([]);
  });
});

describe('.env.example', () => {
  const text = readProjectFile('.env.example');
  const listed = parse(text.replace(/^#(?=[A-Z_]+=)/gm, ''));

  it('lists every variable that is read, and none else', () => {
    const named = [...example.replace(/#.*$/gm, '').matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] ?? '');
    const composed = [...readProjectFile('compose.yaml').matchAll(/\$\{(\w+)/g)].map(
      (match) => match[1] ?? '',
    );
    const read = new Set([...Object.keys(ENVIRONMENT.shape), ...named, ...composed]);
    expect(Object.keys(listed).sort()).toEqual([...read].sort());
  });

  it('shows the defaults as they are, and works when uncommented', () => {
    expect(listed).toMatchObject(ENVIRONMENT.parse({}));
    expect(ENVIRONMENT.safeParse(listed).error).toBeUndefined();
  });

  it('explains every variable', () => {
    const unexplained = text.split('\n\n').filter((block) => /^#?[A-Z_]+=/.test(block));
    expect(unexplained).toEqual([]);
    const descriptions = z.toJSONSchema(ENVIRONMENT).properties ?? {};
    for (const part of Object.values(descriptions)) expect(part).toHaveProperty('description');
  });
});

/** The page's YAML blocks as whole configurations: rules are put under a portal. */
function examplesIn(markdown: string): string[] {
  return [...markdown.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => {
    if (yaml.startsWith('portals:')) return yaml;
    const rules = yaml.replace(/^/gm, '      ');
    return `portals:\n  main:\n    token: \${T}\n    sales:\n${rules}`;
  });
}

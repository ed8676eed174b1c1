import { stringify } from 'yaml';
import { z } from 'zod';
import { configSchema } from './schema.ts';

/** The JSON Schema that gives editors completion, from the same definition that checks the file. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    // zod leaves examples out where what is written is turned into something else; ours are as written.
    override({ zodSchema, jsonSchema }) {
      const examples = z.globalRegistry.get(zodSchema)?.['examples'];
      if (Array.isArray(examples)) jsonSchema['examples'] = examples;
    },
  });
  return { ...schema, title: 'handoff configuration' };
}

/** A key as config/README.md lists it. */
export interface DescribedKey {
  readonly key: string;
  readonly type: string;
  /** As YAML writes it; null: none, `required`: it must be there. */
  readonly fallback: string | null;
  /** As YAML writes it; null: none that the default does not give. */
  readonly example: string | null;
  readonly description: string;
}

interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

/** Every key in the order of the file, with `<name>` for names of your choice and `[]` for the items of lists. */
export function describeKeys(): readonly DescribedKey[] {
  return keysOf(configJsonSchema() as SchemaNode, '');
}

/** The keys as a Markdown table. */
export function keysTable(): string {
  const rows = describeKeys().map(({ key, type, fallback, example, description }) =>
    [`\`${key}\``, type, fallback ?? '', example ?? '', description]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  );
  return [
    '| key | type | default | example | meaning |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

function keysOf(node: SchemaNode, path: string): DescribedKey[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, part]) => {
    const key = path === '' ? name : `${path}.${name}`;
    return [describe(key, part, node.required?.includes(name) === true), ...nested(part, key)];
  });
}

function nested(part: SchemaNode, key: string): DescribedKey[] {
  if (part.properties !== undefined) return keysOf(part, key);
  if (part.items?.properties !== undefined) return keysOf(part.items, `${key}[]`);
  const { additionalProperties: values } = part;
  if (typeof values === 'object' && values.properties !== undefined) return keysOf(values, `${key}.<name>`);
  return [];
}

function describe(key: string, node: SchemaNode, required: boolean): DescribedKey {
  const [example] = node.examples ?? [];
  const isEmpty = typeof node.default === 'object' && Object.keys(Object(node.default)).length === 0;
  const fallback = node.default === undefined || isEmpty ? null : asYaml(node.default);
  return {
    key,
    type: typeOf(node),
    fallback: required && node.default === undefined ? 'required' : fallback,
    example: example === undefined ? null : asYaml(example),
    description: node.description ?? '',
  };
}

function asYaml(value: unknown): string {
  return `\`${stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trim()}\``;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'number',
  boolean: 'true or false',
};

function typeOf(node: SchemaNode): string {
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(' ');
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeOf))].join(' or ');
  if (node.items !== undefined) return `list of ${typeOf(node.items)}`;
  if (node.properties !== undefined) return 'keys';
  if (typeof node.additionalProperties === 'object') return 'keys of your choice';
  const types = [node.type ?? 'any'].flat();
  if (types.includes('boolean') && types.includes('string')) return 'text';
  return types.map((type) => TYPES[type] ?? type).join(' or ');
}

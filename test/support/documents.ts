/** The tables of README.md that are generated, so that they cannot tell anything else than the code does. */
import type { Command, Option } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import { ENVIRONMENT } from '../../src/config/environment.ts';
import { PROPERTY_CATALOGUE } from '../../src/domain/property-catalogue.ts';
import { recordIo } from './io.ts';

/** Each table by the name of its markers, `<!-- name -->` and `<!-- /name -->`. */
export function tables(): Readonly<Record<string, string>> {
  return { properties: propertiesTable(), commands: commandsTable(), environment: environmentTable() };
}

/** The document with the tables between their markers. Throws where a marker is missing. */
export function withTables(document: string): string {
  let text = document;
  for (const [name, table] of Object.entries(tables())) {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(open), text.indexOf(close)];
    if (from < 0 || to < from) throw new Error(`README.md lacks ${open} … ${close}`);
    text = `${text.slice(0, from + open.length)}\n${table}\n${text.slice(to)}`;
  }
  return text;
}

function propertiesTable(): string {
  const rows = Object.entries(PROPERTY_CATALOGUE).map(([name, { type, fieldType, description, options }]) => {
    const values = options.map(({ value }) => `\`${value}\``).join(' ');
    return [`\`handoff_${name}\``, `${type}/${fieldType}`, `${description}${values && `<br>${values}`}`];
  });
  return markdown(['property', 'type', 'meaning'], rows);
}

function environmentTable(): string {
  const rows = Object.entries(ENVIRONMENT.shape).map(([name, variable]) => {
    const fallback = variable.safeParse(undefined).data;
    return [`\`${name}\``, fallback === undefined ? '' : `\`${fallback}\``, variable.description ?? ''];
  });
  return markdown(['variable', 'default', 'meaning'], rows);
}

/** Options that several commands share come once, at the end. */
function commandsTable(): string {
  const { commands } = buildProgram(recordIo());
  const users = Map.groupBy(
    commands.flatMap((command) => command.options.map((option) => ({ command, option }))),
    ({ option }) => keyOf(option),
  );
  const isShared = (option: Option) => (users.get(keyOf(option))?.length ?? 0) > 1;
  const own = commands.flatMap((command) => [
    [`**\`${usage(command)}\`**`, command.summary()],
    ...command.options.filter((option) => !isShared(option)).map(optionRow),
  ]);
  const shared = [...users.values()].flatMap(([first, ...others]) => {
    if (first === undefined || others.length === 0) return [];
    const names = [first, ...others].map(({ command }) => command.name());
    const [flags = '', meaning = ''] = optionRow(first.option);
    return [[flags, `${meaning}; ${names.join(', ')}`]];
  });
  return markdown(['command', ''], [...own, ...shared]);
}

/** Options are the same when they mean the same. */
function keyOf({ flags, description }: Option): string {
  return `${flags} ${description}`;
}

function usage(command: Command): string {
  const wanted = command.registeredArguments.map((argument) => ` ${argument.name().toUpperCase()}`);
  return `${command.name()}${wanted.join('')}`.replaceAll('-ID', '_ID');
}

function optionRow({ flags, description, argChoices, defaultValue }: Option): string[] {
  const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`;
  const fallback = defaultValue === undefined ? '' : `; default \`${defaultValue}\``;
  return [`\`${flags}\``, `${description}${choices}${fallback}`];
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

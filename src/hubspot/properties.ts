/** Our own properties in the portal: compared with what they must be, and created where they are missing. */
import { PROPERTY_CATALOGUE, type PropertyDefinition } from '../domain/property-catalogue.ts';
import { PROPERTY_NAMES, type PropertyName } from '../domain/types.ts';
import { ConfigurationError, CredentialsError, RejectedError, UnavailableError } from '../errors.ts';
import type { Calls, PropertyProblem } from '../ports.ts';
import type { Http } from './http.ts';
import type { Paths } from './paths.ts';
import { Anything, PropertiesPage, PropertyObject } from './schema.ts';

/** What the property calls need. `prefix` and `group` are where our properties stand; `calls` is counted up. */
export interface PropertyOptions {
  readonly portal: string;
  readonly http: Http;
  readonly paths: Paths;
  readonly calls: Calls;
  readonly prefix: string;
  readonly group: { readonly name: string; readonly label: string };
}

/** All contact properties of the portal, archived ones left out. */
export async function listProperties({
  http,
  paths,
  calls,
}: PropertyOptions): Promise<readonly PropertyObject[]> {
  const { results } = await http.call({
    ...{ method: 'GET', path: paths.properties, kind: 'other', lane: 'live', calls },
    schema: PropertiesPage,
  });
  return results.filter((property) => property.archived !== true);
}

/** What is not as it must be. */
export async function inspectProperties(options: PropertyOptions): Promise<readonly PropertyProblem[]> {
  const existing = new Map((await listProperties(options)).map((property) => [property.name, property]));
  return PROPERTY_NAMES.flatMap((name) =>
    problemOf(name, existing.get(options.prefix + name), options.prefix),
  );
}

/**
 * Creates what is missing and returns its names. Nothing is created while a property of ours exists with another type:
 * a wrong one is a ConfigurationError, a token that may not create a CredentialsError with what to create by hand.
 */
export async function ensureProperties(options: PropertyOptions): Promise<readonly string[]> {
  const before = await inspectProperties(options);
  refuseWrongTypes(options, before);
  const missing = namesOf(before, 'missing', options.prefix);
  const after = missing.length === 0 ? before : await createMissing(options, missing);
  for (const name of namesOf(after, 'missing_options', options.prefix)) {
    await byHandIfForbidden(options, [name], () => addOptions(options, name));
  }
  return missing.map((name) => options.prefix + name);
}

/** Creates and looks again: a name that was archived comes back as it was, with its old type and options. */
async function createMissing(options: PropertyOptions, missing: readonly PropertyName[]) {
  await byHandIfForbidden(options, missing, async () => {
    await createGroup(options);
    for (const name of missing) await createProperty(options, name);
  });
  const problems = await inspectProperties(options);
  refuseWrongTypes(options, problems);
  const absent = namesOf(problems, 'missing', options.prefix).map((name) => options.prefix + name);
  if (absent.length > 0) {
    throw new UnavailableError(
      `portal ${options.portal}: HubSpot does not show the new properties yet (${absent.join(', ')}); try again in a minute`,
    );
  }
  return problems;
}

function namesOf(
  problems: readonly PropertyProblem[],
  kind: PropertyProblem['problem'],
  prefix: string,
): PropertyName[] {
  return PROPERTY_NAMES.filter((name) =>
    problems.some((one) => one.problem === kind && one.name === prefix + name),
  );
}

function problemOf(name: PropertyName, found: PropertyObject | undefined, prefix: string): PropertyProblem[] {
  const wanted = PROPERTY_CATALOGUE[name];
  if (found === undefined) return [{ name: prefix + name, problem: 'missing' }];
  if (found.type !== wanted.type || isOneForMany(wanted, found)) {
    const kind = (one: { type: string; fieldType: string }) => `${one.type}/${one.fieldType}`;
    return [{ name: prefix + name, problem: 'wrong_type', found: kind(found), wanted: kind(wanted) }];
  }
  const missing = wanted.options.filter(
    ({ value }) => !found.options.some((option) => option.value === value),
  );
  if (missing.length === 0) return [];
  return [{ name: prefix + name, problem: 'missing_options', options: missing.map(({ value }) => value) }];
}

/** A list of values needs a property that takes several; how a single value is shown is the portal's own business. */
function isOneForMany(wanted: PropertyDefinition, found: PropertyObject): boolean {
  return wanted.fieldType === 'checkbox' && found.fieldType !== 'checkbox' && found.fieldType !== '';
}

function refuseWrongTypes({ portal }: PropertyOptions, problems: readonly PropertyProblem[]): void {
  const wrong = problems.filter((one) => one.problem === 'wrong_type');
  if (wrong.length === 0) return;
  const lines = wrong.map(({ name, found, wanted }) => `  - ${name} is ${found}; it must be ${wanted}`);
  throw new ConfigurationError(
    `portal ${portal}: properties of these names exist with another type, so nothing is written:\n${lines.join('\n')}\n` +
      'Rename or delete them in HubSpot (Settings → Properties), or choose another write.prefix.',
  );
}

async function byHandIfForbidden(
  options: PropertyOptions,
  names: readonly PropertyName[],
  change: () => Promise<void>,
) {
  try {
    await change();
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    const { portal, prefix, group } = options;
    const lines = names.map((name) => {
      const { label, type, fieldType, options: choices } = PROPERTY_CATALOGUE[name];
      const values = choices.length === 0 ? '' : `, options ${choices.map(({ value }) => value).join(' ')}`;
      return `  - ${prefix}${name} (${label}): ${type}/${fieldType}${values}`;
    });
    throw new CredentialsError(
      `portal ${portal}: the token may not create or change properties. Grant it crm.schemas.contacts.write, or have an admin create ` +
        `the group ${group.name} (${group.label}) and in it:\n${lines.join('\n')}`,
      { cause: error, missingScopes: ['crm.schemas.contacts.write'] },
    );
  }
}

async function createGroup({ http, paths, calls, group }: PropertyOptions): Promise<void> {
  const body = { name: group.name, label: group.label, displayOrder: -1 };
  const call = {
    method: 'POST',
    path: paths.groups,
    body,
    kind: 'other',
    lane: 'live',
    calls,
    schema: Anything,
  } as const;
  await existingIsFine(http.call(call));
}

async function createProperty(
  { http, paths, calls, prefix, group }: PropertyOptions,
  name: PropertyName,
): Promise<void> {
  const { label, description, type, fieldType, options } = PROPERTY_CATALOGUE[name];
  const body = {
    ...{ name: prefix + name, label, description, type, fieldType, groupName: group.name, formField: false },
    ...(options.length === 0 ? {} : { options: options.map(toOption) }),
  };
  const call = {
    method: 'POST',
    path: paths.properties,
    body,
    kind: 'other',
    lane: 'live',
    calls,
    schema: Anything,
  } as const;
  await existingIsFine(http.call(call));
}

/** PATCHing options replaces the whole list, so those that people added are sent along. */
async function addOptions(
  { http, paths, calls, prefix }: PropertyOptions,
  name: PropertyName,
): Promise<void> {
  const other = { path: paths.property(prefix + name), kind: 'other', lane: 'live', calls } as const;
  const found = await http.call({ ...other, method: 'GET', schema: PropertyObject });
  const missing = PROPERTY_CATALOGUE[name].options.filter(
    ({ value }) => !found.options.some((option) => option.value === value),
  );
  const kept = found.options.map((option) => ({
    ...option,
    hidden: option.hidden ?? false,
    description: option.description ?? '',
  }));
  const body = { options: [...kept, ...missing.map((one, at) => toOption(one, kept.length + at))] };
  await http.call({ ...other, method: 'PATCH', body, schema: Anything });
}

function toOption(
  { value, label }: { readonly value: string; readonly label: string },
  displayOrder: number,
) {
  return { value, label, displayOrder, hidden: false };
}

/** Somebody else was faster, or an earlier try got through: 409. */
async function existingIsFine(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    if (error.status === 409) return;
    throw new ConfigurationError(
      `our properties cannot be created: ${error.message}. The portal may have no custom properties left, or write.prefix or write.group may not suit HubSpot.`,
      { cause: error },
    );
  }
}

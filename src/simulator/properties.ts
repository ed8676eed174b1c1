/** Property definitions and their groups over HTTP. There is no batch update of definitions. */
import { asList, asObject, asText, type Call, flag, type Json } from './call.ts';
import {
  type Definition,
  FIELD_TYPES,
  type Group,
  PROPERTY_TYPES,
  type PropertyOption,
} from './definitions.ts';
import { batchAnswer } from './records.ts';
import { type Answer, invalid, notFound, Refusal } from './refusal.ts';
import { isoInstant } from './values.ts';

const NAME = /^[a-z][a-z0-9_]*$/;

/** `GET properties/contacts`. */
export function listProperties(call: Call): Answer {
  const archived = flag(call.query, 'archived');
  const results = [...call.portal.definitions.values()].filter(
    (definition) => definition.archived === archived,
  );
  return { status: 200, body: { results: results.map(shown) } };
}

/** `GET properties/contacts/{name}`. */
export function readProperty(call: Call): Answer {
  return { status: 200, body: shown(existing(call, flag(call.query, 'archived'))) };
}

/** `POST properties/contacts`: an archived one of that name comes back as it was, with its old type. */
export function createProperty(call: Call): Answer {
  return { status: 201, body: shown(create(call, call.body)) };
}

/** `POST properties/contacts/batch/create`: good ones are made, bad ones listed. */
export function createProperties(call: Call): Answer {
  const results: unknown[] = [];
  const errors: unknown[] = [];
  for (const input of asList(call.body.inputs, 'inputs')) {
    const given = asObject(input, 'inputs');
    try {
      results.push(shown(create(call, given)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const context = { name: [typeof given.name === 'string' ? given.name : ''] };
      errors.push({ status: 'error', message: error.message, ...error.details, context });
    }
  }
  const answer = batchAnswer(call, results, errors);
  return errors.length === 0 ? { ...answer, status: 201 } : answer;
}

/** `PATCH properties/contacts/{name}`: `options` replaces the whole list; the name and what HubSpot defined stay. */
export function changeProperty(call: Call): Answer {
  const before = existing(call, false);
  if (before.hubspotDefined) throw invalid(`${before.name} is defined by HubSpot and cannot be changed`);
  const { body } = call;
  const type = body.type === undefined ? before.type : propertyType(body.type);
  const fieldType = body.fieldType === undefined ? before.fieldType : asText(body.fieldType, 'fieldType');
  checkPairing(type, fieldType);
  const after: Definition = {
    ...before,
    ...{ type, fieldType, updatedAt: call.portal.now() },
    label: body.label === undefined ? before.label : asText(body.label, 'label'),
    description:
      body.description === undefined ? before.description : asText(body.description, 'description'),
    groupName: body.groupName === undefined ? before.groupName : liveGroup(call, body.groupName).name,
    options: body.options === undefined ? before.options : readOptions(body.options),
  };
  call.portal.definitions.set(after.name, after);
  return { status: 200, body: shown(after) };
}

/** `DELETE properties/contacts/{name}`: to the recycle bin. */
export function archiveProperty(call: Call): Answer {
  const definition = existing(call, false);
  if (definition.hubspotDefined)
    throw invalid(`${definition.name} is defined by HubSpot and cannot be archived`);
  call.portal.definitions.set(definition.name, { ...definition, archived: true });
  return { status: 204 };
}

/** `GET properties/contacts/groups`. */
export function listGroups(call: Call): Answer {
  return { status: 200, body: { results: [...call.portal.groups.values()] } };
}

/** `GET properties/contacts/groups/{name}`. */
export function readGroup(call: Call): Answer {
  const group = call.portal.groups.get(call.params[0] ?? '');
  if (group === undefined) throw notFound('Property group does not exist');
  return { status: 200, body: group };
}

/** `POST properties/contacts/groups`. */
export function createGroup(call: Call): Answer {
  const group: Group = {
    name: propertyName(call.body.name),
    label: asText(call.body.label, 'label'),
    displayOrder: Number(call.body.displayOrder ?? -1),
    archived: false,
  };
  if (call.portal.groups.has(group.name)) {
    throw new Refusal(409, `A property group named '${group.name}' already exists.`, {
      category: 'OBJECT_ALREADY_EXISTS',
      subCategory: 'Properties.GROUP_WITH_NAME_EXISTS',
    });
  }
  call.portal.groups.set(group.name, group);
  return { status: 201, body: group };
}

/** `DELETE properties/contacts/groups/{name}`: only an empty one. */
export function archiveGroup(call: Call): Answer {
  const name = call.params[0] ?? '';
  const used = [...call.portal.definitions.values()].some((d) => d.groupName === name && !d.archived);
  if (used) {
    throw invalid(`Property group ${name} still has properties`, {
      subCategory: 'PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES',
    });
  }
  if (!call.portal.groups.delete(name)) throw notFound('Property group does not exist');
  return { status: 204 };
}

function create(call: Call, given: Json): Definition {
  const { definitions } = call.portal;
  const name = propertyName(given.name);
  const before = definitions.get(name);
  if (before?.archived === false) {
    throw new Refusal(409, `A property named '${name}' already exists.`, {
      category: 'OBJECT_ALREADY_EXISTS',
      subCategory: 'Properties.PROPERTY_WITH_NAME_EXISTS',
    });
  }
  const wanted = readDefinition(call, name, given);
  const definition = before === undefined ? wanted : { ...before, archived: false };
  definitions.set(name, definition);
  return definition;
}

function readDefinition(call: Call, name: string, given: Json): Definition {
  if (name.startsWith('hs_')) throw invalid(`Property name ${name} must not begin with hs_`);
  const type = propertyType(given.type);
  const fieldType = asText(given.fieldType, 'fieldType');
  checkPairing(type, fieldType);
  const options = readOptions(given.options);
  if (
    type === 'bool' &&
    options
      .map((o) => o.value)
      .sort()
      .join() !== 'false,true'
  ) {
    throw invalid('Boolean properties must have exactly two options: true and false');
  }
  const now = call.portal.now();
  return {
    ...{ name, type, fieldType, options, createdAt: now, updatedAt: now },
    label: asText(given.label, 'label'),
    groupName: liveGroup(call, given.groupName).name,
    description: given.description === undefined ? '' : asText(given.description, 'description'),
    displayOrder: Number(given.displayOrder ?? -1),
    hidden: given.hidden === true,
    formField: given.formField === true,
    hasUniqueValue: given.hasUniqueValue === true,
    ...{ hubspotDefined: false, calculated: false, archived: false, readOnlyValue: false },
  };
}

function propertyName(value: unknown): string {
  const name = asText(value, 'name');
  if (NAME.test(name) && name.length <= 100) return name;
  throw invalid(
    `Name ${name} must begin with a letter and hold only lower-case letters, digits and underscores`,
  );
}

function propertyType(value: unknown): Definition['type'] {
  const type = PROPERTY_TYPES.find((known) => known === value);
  if (type !== undefined) return type;
  throw invalid(`Invalid input JSON: type must be one of ${PROPERTY_TYPES.join(', ')}`);
}

function checkPairing(type: Definition['type'], fieldType: string): void {
  if (FIELD_TYPES[type].includes(fieldType)) return;
  throw invalid(`fieldType ${fieldType} does not go with type ${type}`);
}

function liveGroup(call: Call, value: unknown): Group {
  const group = call.portal.groups.get(asText(value, 'groupName'));
  if (group === undefined) throw invalid(`Property group ${String(value)} does not exist`);
  return group;
}

function readOptions(value: unknown): PropertyOption[] {
  const options = asList(value, 'options').map((item, place) => {
    const option = asObject(item, 'options');
    return {
      label: asText(option.label, 'label'),
      value: asText(option.value, 'value'),
      displayOrder: Number(option.displayOrder ?? place),
      hidden: option.hidden === true,
      ...(option.description === undefined ? {} : { description: asText(option.description, 'description') }),
    };
  });
  for (const key of ['label', 'value'] as const) {
    if (new Set(options.map((option) => option[key])).size < options.length) {
      throw invalid(`Property option ${key}s must be unique`);
    }
  }
  return options;
}

function existing(call: Call, archived: boolean): Definition {
  const name = call.params[0] ?? '';
  const definition = call.portal.definitions.get(name);
  if (definition?.archived === archived) return definition;
  throw notFound(`Property ${name} does not exist`);
}

function shown({ readOnlyValue, createdAt, updatedAt, ...definition }: Definition): Record<string, unknown> {
  return {
    ...definition,
    ...{ createdAt: isoInstant(createdAt), updatedAt: isoInstant(updatedAt) },
    modificationMetadata: {
      archivable: !definition.hubspotDefined,
      readOnlyDefinition: definition.hubspotDefined,
      readOnlyValue,
    },
    ...(definition.name === 'hubspot_owner_id'
      ? { externalOptions: true, referencedObjectType: 'OWNER' }
      : {}),
  };
}

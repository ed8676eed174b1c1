/** Contacts by the hundred: batch read and batch update. */
import { asList, asObject, asStrings, asText, asValues, type Call, flag } from './call.ts';
import type { SimulatedContact } from './contact.ts';
import { PAGE, PAGE_WITH_HISTORY, updated } from './objects.ts';
import { batchAnswer, record } from './records.ts';
import { type Answer, invalid, type Refusal } from './refusal.ts';
import { checkWrite } from './writing.ts';

interface Input {
  readonly id: string;
  readonly values: Record<string, string>;
  readonly traceId: string | null;
}

/** `POST objects/contacts/batch/read`: what is missing stands in `errors`; one missing id does not spoil the others. */
export function readBatch(call: Call): Answer {
  const withHistory = asStrings(call.body.propertiesWithHistory, 'propertiesWithHistory');
  const wanted = { properties: asStrings(call.body.properties, 'properties'), withHistory };
  const ids = asList(call.body.inputs, 'inputs').map((input) => asText(asObject(input, 'inputs').id, 'id'));
  if (ids.length === 0) throw invalid('inputs must not be empty');
  if (withHistory.length > 0 && ids.length > PAGE_WITH_HISTORY) {
    throw invalid(
      `The maximum number of inputs supported in a batch request for property histories is ${PAGE_WITH_HISTORY}`,
    );
  }
  refuseTooMany(ids);
  const archived = flag(call.query, 'archived');
  const found: SimulatedContact[] = [];
  const missing: string[] = [];
  for (const id of new Set(ids)) {
    const contact = call.portal.settings.batchReadFollowsMerges
      ? call.portal.resolve(id)
      : call.portal.contacts.get(id);
    if (contact !== undefined && (contact.archivedAt !== null) === archived) found.push(contact);
    else missing.push(id);
  }
  const results = shuffled([...new Set(found)]).map((contact) => record(call.portal, contact, wanted));
  return batchAnswer(call, results, missing.length === 0 ? [] : [notFoundError(missing)]);
}

/**
 * `POST objects/contacts/batch/update`. A bad value spoils the whole batch, unless every input carries a trace id of its own;
 * missing ids never do. Old ids of merged contacts count as missing (developers.hubspot.com, using object APIs).
 */
export function updateBatch(call: Call): Answer {
  const inputs = asList(call.body.inputs, 'inputs').map(readInput);
  if (inputs.length === 0) throw invalid('inputs must not be empty');
  refuseTooMany(inputs);
  refuseRepeated(inputs);
  const isolating = call.portal.settings.tracePartial && isolates(inputs);
  const writes: { contact: SimulatedContact; values: Record<string, string>; traceId: string | null }[] = [];
  const errors: unknown[] = [];
  for (const { id, values, traceId } of inputs) {
    const contact = call.portal.contacts.get(id);
    if (contact === undefined || contact.archivedAt !== null) {
      errors.push(notFoundError([id], traceId));
      continue;
    }
    const checked = checkWrite(call.portal, contact, values, call.version);
    if (checked.ok) writes.push({ contact, values: checked.values, traceId });
    else if (isolating) errors.push(tracedError(checked.refusal, traceId));
    else throw checked.refusal;
  }
  for (const { contact, values } of writes) call.portal.write(contact, values);
  const results = shuffled(writes).map(({ contact, values, traceId }) => ({
    ...record(call.portal, contact, updated(values)),
    ...(traceId === null ? {} : { objectWriteTraceId: traceId }),
  }));
  return batchAnswer(call, results, errors);
}

function readInput(value: unknown): Input {
  const input = asObject(value, 'inputs');
  const key = input.idProperty;
  if (key !== undefined && key !== 'hs_object_id') {
    throw invalid(`Cannot use idProperty ${asText(key, 'idProperty')}: it is a non-unique 0-1 property`);
  }
  return {
    id: asText(input.id, 'id'),
    values: asValues(input.properties),
    traceId:
      input.objectWriteTraceId === undefined ? null : asText(input.objectWriteTraceId, 'objectWriteTraceId'),
  };
}

function refuseTooMany(inputs: readonly unknown[]): void {
  if (inputs.length <= PAGE) return;
  throw invalid(
    `The maximum number of inputs supported in a batch request for contacts is ${PAGE}; found ${inputs.length}`,
  );
}

function refuseRepeated(inputs: readonly Input[]): void {
  const seen = new Set<string>();
  const repeated = inputs.map(({ id }) => id).filter((id) => seen.size === seen.add(id).size);
  if (repeated.length === 0) return;
  const ids = [...new Set(repeated)];
  throw invalid(`Duplicate IDs found in batch input: [${ids.join(', ')}]. IDs must be unique`, {
    context: { ids },
  });
}

function isolates(inputs: readonly Input[]): boolean {
  const traces = inputs.map(({ traceId }) => traceId).filter((traceId) => traceId !== null);
  return new Set(traces).size === inputs.length;
}

function notFoundError(ids: readonly string[], traceId: string | null = null): unknown {
  return {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    message:
      'Could not get some contact objects, they may be deleted or not exist. Check that ids are valid.',
    context: { ids, ...(traceId === null ? {} : { objectWriteTraceId: [traceId] }) },
  };
}

function tracedError(refusal: Refusal, traceId: string | null): unknown {
  return {
    status: 'error',
    category: refusal.details.category,
    message: refusal.message,
    errors: refusal.details.errors ?? [],
    context: { objectWriteTraceId: traceId === null ? [] : [traceId] },
  };
}

/** HubSpot does not keep the order of the inputs: every other one first, backwards. */
function shuffled<T>(items: readonly T[]): T[] {
  const odd = items.filter((_, place) => place % 2 === 1);
  const even = items.filter((_, place) => place % 2 === 0);
  return [...odd.reverse(), ...even];
}

/** Contacts one by one: list, read, update, archive, merge, forget. */
import { asText, asValues, type Call, flag, listed, pageSize } from './call.ts';
import type { SimulatedContact } from './contact.ts';
import { firstFrom } from './portal.ts';
import { record, type Wanted } from './records.ts';
import { type Answer, invalid, notFound } from './refusal.ts';
import { checkWrite } from './writing.ts';

/** HubSpot's page sizes: 100, and 50 where history is asked for. */
export const PAGE = 100;
/** Records per page where history is asked for. */
export const PAGE_WITH_HISTORY = 50;

/** `GET objects/contacts`: by ascending id; `after` is the id of the next record. */
export function listContacts(call: Call): Answer {
  const wanted = wantedOf(call);
  const max = wanted.withHistory.length > 0 ? PAGE_WITH_HISTORY : PAGE;
  const limit = pageSize(call.query.get('limit'), 10, max);
  const archived = flag(call.query, 'archived');
  const after = call.query.get('after') ?? '0';
  if (!/^\d+$/.test(after)) throw invalid('after must be the one of the page before');
  const page: SimulatedContact[] = [];
  const all = call.portal.ordered;
  for (let i = firstFrom(all, Number(after)); i < all.length && page.length <= limit; i += 1) {
    const contact = all[i];
    if (contact !== undefined && (contact.archivedAt !== null) === archived) page.push(contact);
  }
  const next = page[limit];
  const results = page.slice(0, limit).map((contact) => record(call.portal, contact, wanted));
  return {
    status: 200,
    body: { results, ...(next === undefined ? {} : { paging: { next: { after: next.id } } }) },
  };
}

/** `GET objects/contacts/{id}`: the old id of a merged contact gives the new record under its new id. */
export function readContact(call: Call): Answer {
  const archived = flag(call.query, 'archived');
  const contact = existing(call);
  if ((contact.archivedAt !== null) !== archived) throw notFound('resource not found');
  return { status: 200, body: record(call.portal, contact, wantedOf(call)) };
}

/** `PATCH objects/contacts/{id}`: old ids work here. */
export function updateContact(call: Call): Answer {
  const contact = existing(call);
  if (contact.archivedAt !== null) throw notFound('resource not found');
  const checked = checkWrite(call.portal, contact, asValues(call.body.properties), call.version);
  if (!checked.ok) throw checked.refusal;
  call.portal.write(contact, checked.values);
  return { status: 200, body: record(call.portal, contact, updated(checked.values)) };
}

/** `DELETE objects/contacts/{id}`: to the recycle bin; nothing to delete is no fault. */
export function archiveContact(call: Call): Answer {
  const contact = call.portal.resolve(call.params[0] ?? '');
  if (contact !== undefined) call.portal.archive(contact.id);
  return { status: 204 };
}

/** `POST objects/contacts/merge`. */
export function mergeContacts(call: Call): Answer {
  const [primary, other] = (['primaryObjectId', 'objectIdToMerge'] as const).map((key) => {
    const contact = call.portal.resolve(asText(call.body[key], key));
    if (contact === undefined || contact.archivedAt !== null) throw notFound(`${key} was not found`);
    return contact;
  });
  if (primary === undefined || other === undefined || primary === other) {
    throw invalid('Cannot merge an object with itself');
  }
  const id = call.portal.merge(primary.id, other.id);
  return {
    status: 200,
    body: record(call.portal, call.portal.resolve(id)!, { properties: [], withHistory: [] }),
  };
}

/** `POST objects/contacts/gdpr-delete`: for good. */
export function forgetContact(call: Call): Answer {
  const contact = call.portal.resolve(asText(call.body.objectId, 'objectId'));
  if (contact === undefined) throw notFound('resource not found');
  call.portal.forget(contact.id);
  return { status: 204 };
}

/** What an update's answer shows: the values written and the stage. */
export function updated(values: Readonly<Record<string, string>>): Wanted {
  return { properties: [...Object.keys(values), 'lifecyclestage'], withHistory: [] };
}

function wantedOf(call: Call): Wanted {
  return {
    properties: listed(call.query, 'properties'),
    withHistory: listed(call.query, 'propertiesWithHistory'),
  };
}

function existing(call: Call): SimulatedContact {
  const contact = call.portal.resolve(call.params[0] ?? '');
  if (contact === undefined) throw notFound('resource not found');
  return contact;
}

/** Contacts as the API shows them. */
import type { Call } from './call.ts';
import { historyOf, type SimulatedContact } from './contact.ts';
import type { Portal } from './portal.ts';
import { isoInstant } from './values.ts';

/** HubSpot gives these whatever was asked for. */
const ALWAYS = ['createdate', 'hs_object_id', 'lastmodifieddate'];
/** And these when nothing was asked for. */
const STANDARD = ['email', 'firstname', 'lastname'];

/** What of a contact is asked for. */
export interface Wanted {
  readonly properties: readonly string[];
  readonly withHistory: readonly string[];
}

/** One contact as JSON. Blank properties are null, unknown ones are left out without a word. */
export function record(portal: Portal, contact: SimulatedContact, wanted: Wanted): Record<string, unknown> {
  const { properties, withHistory } = wanted;
  const nothing = properties.length === 0 && withHistory.length === 0;
  const names = [...ALWAYS, ...(nothing ? STANDARD : properties), ...withHistory];
  const known = [...new Set(names)].filter((name) => isLive(portal, name));
  const histories = withHistory.filter((name) => isLive(portal, name));
  return {
    id: contact.id,
    properties: Object.fromEntries(known.map((name) => [name, portal.value(contact, name) || null])),
    ...(histories.length === 0
      ? {}
      : {
          propertiesWithHistory: Object.fromEntries(histories.map((name) => [name, history(contact, name)])),
        }),
    createdAt: isoInstant(contact.createdAt),
    updatedAt: isoInstant(contact.updatedAt),
    archived: contact.archivedAt !== null,
    ...(contact.archivedAt === null ? {} : { archivedAt: isoInstant(contact.archivedAt) }),
  };
}

function isLive(portal: Portal, name: string): boolean {
  return portal.definitions.get(name)?.archived === false;
}

function history(contact: SimulatedContact, name: string): unknown[] {
  return historyOf(contact, name).map(({ value, timestamp, sourceType, sourceId }) => ({
    value,
    timestamp: isoInstant(timestamp),
    sourceType,
    ...(sourceId === '' ? {} : { sourceId }),
    ...(sourceId.startsWith('userId:') ? { updatedByUserId: Number(sourceId.slice(7)) } : {}),
  }));
}

/** A batch answer that went through in part or in whole. */
export function batchAnswer(call: Call, results: readonly unknown[], errors: readonly unknown[]) {
  const at = isoInstant(call.portal.now());
  return {
    status: errors.length === 0 ? 200 : call.portal.settings.partialStatus,
    body: {
      status: 'COMPLETE',
      results,
      ...(errors.length === 0 ? {} : { numErrors: errors.length, errors }),
      startedAt: at,
      completedAt: at,
    },
  };
}

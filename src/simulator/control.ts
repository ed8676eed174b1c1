/** What users and admins would do in HubSpot, over HTTP: for trying things by hand and from scripts. */
import type { Request } from './answering.ts';
import { asObject, asText, type Json } from './call.ts';
import { historyOf, presentStage } from './contact.ts';
import type { Portal } from './portal.ts';
import { type Answer, invalid, notFound, Refusal } from './refusal.ts';
import type { Settings, SimulatorStats } from './types.ts';
import { isoInstant, parseInstant } from './values.ts';

/** The page at `/`. */
export const INDEX_TEXT = `A simulated HubSpot portal: contacts, properties, owners and account, on dated (2026-09, 2026-03) and v3 paths.

What users and admins would do, as JSON, without a token. Ids may be those of merged contacts.
  GET  /_control/contacts?stage=…&limit=20&after=ID   some contacts: id, stage, entries, last change
  GET  /_control/stats                                calls by kind, limits violated, most calls in a window, faults
  POST /_control/move      {id, stage, at?, sourceType?}   backwards too; "" clears; at: ISO 8601 or epoch ms
  POST /_control/set       {id, name, value}
  POST /_control/merge     {primary, other}           answers {id} of the new contact
  POST /_control/archive   {id}
  POST /_control/restore   {id}
  POST /_control/forget    {id}                       deleted for privacy
  POST /_control/require   {ids, property}            2026-09 refuses writes to them while the property is blank
  POST /_control/limits    {burst?, windowMs?, searchPerSecond?, day?}
  POST /_control/faults    {rate429?, rate5xx?, dropped?, cutOff?, slow?, slowMs?}   chances 0..1; all 0: off
`;

interface Controlled {
  readonly portal: Portal;
  readonly settings: Settings;
  readonly stats: () => SimulatorStats;
}

/** Answers a call to `/_control/…`. */
export function controlAnswer(request: Request, controlled: Controlled): Answer {
  try {
    const url = new URL(request.url, 'http://portal');
    const body = request.body === '' ? {} : asObject(JSON.parse(request.body), 'the body');
    return {
      status: 200,
      body: act(`${request.method} ${url.pathname.slice(10)}`, body, url.searchParams, controlled),
    };
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 400;
    return { status, body: { message: error instanceof Error ? error.message : String(error) } };
  }
}

function act(
  action: string,
  body: Json,
  query: URLSearchParams,
  { portal, settings, stats }: Controlled,
): unknown {
  const id = () => asText(body.id, 'id');
  switch (action) {
    case 'GET contacts':
      return someContacts(portal, query);
    case 'GET stats':
      return stats();
    case 'POST move':
      portal.move(id(), asText(body.stage, 'stage'), instant(body.at), sourceType(body));
      return { moved: id() };
    case 'POST set':
      portal.setProperty(id(), asText(body.name, 'name'), asText(body.value, 'value'));
      return { set: id() };
    case 'POST merge':
      return { id: portal.merge(asText(body.primary, 'primary'), asText(body.other, 'other')) };
    case 'POST archive':
      portal.archive(id());
      return { archived: id() };
    case 'POST restore':
      portal.restore(id());
      return { restored: id() };
    case 'POST forget':
      portal.forget(id());
      return { forgotten: id() };
    case 'POST require':
      portal.requireConditionally(
        (body.ids as unknown[]).map((item) => asText(item, 'ids')),
        asText(body.property, 'property'),
      );
      return { required: body.property };
    case 'POST limits':
      settings.limits = { ...settings.limits, ...numbers(body, settings.limits) };
      return settings.limits;
    case 'POST faults':
      settings.faults = { ...settings.faults, ...numbers(body, settings.faults) };
      return settings.faults;
    default:
      throw notFound(`nothing answers ${action}; GET / lists what does`);
  }
}

function someContacts(portal: Portal, query: URLSearchParams): unknown {
  const stage = query.get('stage');
  const after = Number(query.get('after') ?? 0);
  const limit = Number(query.get('limit') ?? 20);
  const contacts = portal.ordered
    .filter((contact) => contact.number > after && (stage === null || presentStage(contact) === stage))
    .slice(0, limit)
    .map((contact) => ({
      id: contact.id,
      stage: presentStage(contact),
      archived: contact.archivedAt !== null,
      updatedAt: isoInstant(contact.updatedAt),
      history: historyOf(contact, 'lifecyclestage').map(({ value, timestamp, sourceType: from }) => ({
        ...{ value, timestamp: isoInstant(timestamp), sourceType: from },
      })),
      properties: contact.values,
    }));
  return { total: portal.contacts.size, contacts };
}

function instant(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const at = parseInstant(asText(value, 'at'));
  if (at === null) throw invalid('at must be ISO 8601 with a zone, or epoch ms');
  return at;
}

function sourceType(body: Json): string | undefined {
  return body.sourceType === undefined ? undefined : asText(body.sourceType, 'sourceType');
}

/** The settings named in the body that exist, as numbers; anything else is 400. */
function numbers(body: Json, known: object): Record<string, number> {
  for (const [key, value] of Object.entries(body)) {
    if (!Object.hasOwn(known, key))
      throw invalid(`${key} is not known; there are ${Object.keys(known).join(', ')}`);
    if (typeof value !== 'number' || !(value >= 0)) throw invalid(`${key} must be a number, 0 or more`);
  }
  return body as Record<string, number>;
}

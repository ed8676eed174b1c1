/** Owners, the account itself, its daily usage, and what a token may do. */
import { asText, type Call, flag, pageSize } from './call.ts';
import { type Answer, notFound, Refusal } from './refusal.ts';
import { isoInstant } from './values.ts';

const TEAMS = [
  { id: '201', name: 'North', primary: true },
  { id: '202', name: 'South', primary: true },
];

/** Owners of a portal: the ids its contacts name, each in a team. No names: the simulator knows nobody. */
export function listOwners(call: Call): Answer {
  const limit = pageSize(call.query.get('limit'), 100, 500);
  const after = Number(call.query.get('after') ?? 0);
  const owners = flag(call.query, 'archived') ? [] : ownerIds(call).map(owner);
  const next = after + limit < owners.length ? { paging: { next: { after: String(after + limit) } } } : {};
  return { status: 200, body: { results: owners.slice(after, after + limit), ...next } };
}

/** `GET owners/{id}`. */
export function readOwner(call: Call): Answer {
  const ids = ownerIds(call);
  const place = ids.indexOf(call.params[0] ?? '');
  if (place < 0) throw notFound('Owner does not exist');
  return { status: 200, body: owner(ids[place]!, place) };
}

/** `GET account-info/details`. */
export function accountDetails(call: Call): Answer {
  const { portalId, timeZone } = call.portal.settings;
  const offsetMs =
    Temporal.Instant.fromEpochMilliseconds(call.portal.now()).toZonedDateTimeISO(timeZone).offsetNanoseconds /
    1e6;
  return {
    status: 200,
    body: {
      ...{ portalId, timeZone, accountType: 'STANDARD', companyCurrency: 'EUR', additionalCurrencies: [] },
      ...{ utcOffset: offsetText(offsetMs), utcOffsetMilliseconds: offsetMs },
      ...{ uiDomain: 'app.hubspot.com', dataHostingLocation: 'eu1' },
    },
  };
}

/** `GET account-info/api-usage/daily/private-apps`. */
export function dailyUsage(call: Call): Answer {
  const now = call.portal.now();
  const result = {
    name: 'private-apps-api-calls-daily',
    usageLimit: call.portal.settings.limits.day,
    currentUsage: call.limits.stats().today,
    collectedAt: isoInstant(now),
    fetchStatus: 'SUCCESS',
    resetsAt: isoInstant(call.limits.resetsAt(now)),
  };
  return { status: 200, body: { results: [result] } };
}

/** `POST oauth/v2/private-apps/get/access-token-info`. */
export function tokenInfo(call: Call): Answer {
  const { token, portalId, scopes } = call.portal.settings;
  if (asText(call.body.tokenKey, 'tokenKey') !== token) {
    throw new Refusal(404, 'The token does not exist', { category: 'OBJECT_NOT_FOUND' });
  }
  return { status: 200, body: { userId: 1, hubId: portalId, appId: call.portal.appId, scopes } };
}

function ownerIds(call: Call): string[] {
  const ids = call.portal.ordered
    .map((contact) => contact.values.hubspot_owner_id ?? '')
    .filter((id) => id !== '');
  return [...new Set(ids)].sort((a, b) => Number(a) - Number(b));
}

function owner(id: string, place: number): Record<string, unknown> {
  return {
    ...{ id, email: `owner-${id}@example.invalid`, firstName: 'Owner', lastName: id, userId: 1_000 + place },
    ...{ type: 'PERSON', createdAt: isoInstant(0), updatedAt: isoInstant(0), archived: false },
    teams: [TEAMS[place % TEAMS.length]],
  };
}

function offsetText(ms: number): string {
  const minutes = Math.abs(ms) / 60_000;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${ms < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

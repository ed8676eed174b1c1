/** Which path is answered by what. Dated and v3 paths lead to the same handlers. */
import { accountDetails, dailyUsage, listOwners, readOwner, tokenInfo } from './account.ts';
import { readBatch, updateBatch } from './batch.ts';
import type { ApiVersion, Call } from './call.ts';
import {
  archiveContact,
  forgetContact,
  listContacts,
  mergeContacts,
  readContact,
  updateContact,
} from './objects.ts';
import {
  archiveGroup,
  archiveProperty,
  changeProperty,
  createGroup,
  createProperties,
  createProperty,
  listGroups,
  listProperties,
  readGroup,
  readProperty,
} from './properties.ts';
import type { Answer } from './refusal.ts';
import { searchContacts } from './search.ts';
import type { SimulatedCallKind } from './types.ts';

const READ = ['crm.objects.contacts.read'];
const WRITE = ['crm.objects.contacts.write'];
const SCHEMA_READ = ['crm.schemas.contacts.read', 'crm.objects.contacts.read'];
const SCHEMA_WRITE = ['crm.schemas.contacts.write'];

/** Everything handoff needs, and nothing else. */
export const ALL_SCOPES: readonly string[] = [
  ...['oauth', 'crm.objects.contacts.read', 'crm.objects.contacts.write'],
  ...['crm.schemas.contacts.read', 'crm.schemas.contacts.write', 'crm.objects.owners.read'],
];

/** One kind of call: what leads to it, what it counts as, what it needs. */
export interface Route {
  readonly method: string;
  /** After the area and version; `*` stands for one variable part. */
  readonly path: string;
  readonly kind: SimulatedCallKind;
  /** One of these is needed. */
  readonly scopes: readonly string[];
  readonly handle: (call: Call) => Answer;
  /** Needs no token of its own. */
  readonly open?: true;
}

const ROUTES: readonly Route[] = [
  route('GET objects/contacts', 'read', READ, listContacts),
  route('POST objects/contacts/batch/read', 'read', READ, readBatch),
  route('POST objects/contacts/batch/update', 'write', WRITE, updateBatch),
  route('POST objects/contacts/search', 'search', READ, searchContacts),
  route('POST objects/contacts/merge', 'write', WRITE, mergeContacts),
  route('POST objects/contacts/gdpr-delete', 'write', WRITE, forgetContact),
  route('GET objects/contacts/*', 'read', READ, readContact),
  route('PATCH objects/contacts/*', 'write', WRITE, updateContact),
  route('DELETE objects/contacts/*', 'write', WRITE, archiveContact),
  route('GET properties/contacts', 'other', SCHEMA_READ, listProperties),
  route('POST properties/contacts', 'other', SCHEMA_WRITE, createProperty),
  route('POST properties/contacts/batch/create', 'other', SCHEMA_WRITE, createProperties),
  route('GET properties/contacts/groups', 'other', SCHEMA_READ, listGroups),
  route('POST properties/contacts/groups', 'other', SCHEMA_WRITE, createGroup),
  route('GET properties/contacts/groups/*', 'other', SCHEMA_READ, readGroup),
  route('DELETE properties/contacts/groups/*', 'other', SCHEMA_WRITE, archiveGroup),
  route('GET properties/contacts/*', 'other', SCHEMA_READ, readProperty),
  route('PATCH properties/contacts/*', 'other', SCHEMA_WRITE, changeProperty),
  route('DELETE properties/contacts/*', 'other', SCHEMA_WRITE, archiveProperty),
  route('GET owners', 'other', ['crm.objects.owners.read'], listOwners),
  route('GET owners/*', 'other', ['crm.objects.owners.read'], readOwner),
  route('GET account-info/details', 'other', ['oauth'], accountDetails),
  route('GET account-info/api-usage/daily/private-apps', 'other', ['oauth'], dailyUsage),
  {
    ...route('POST oauth/private-apps/get/access-token-info', 'other', [], tokenInfo),
    open: true,
  },
];

/** Routes by method and number of parts, the more particular ones first. */
const BY_SHAPE = Map.groupBy(ROUTES, ({ method, path }) => `${method} ${path.split('/').length}`);

/** A route found for a path. */
export interface Match {
  readonly route: Route;
  readonly version: ApiVersion;
  readonly params: readonly string[];
}

/** Finds the route of a path (without its query); null: HubSpot has no such page. */
export function match(method: string, path: string): Match | null {
  const found = versionOf(path);
  if (found === null) return null;
  const parts = found.rest.split('/');
  for (const route of BY_SHAPE.get(`${method} ${parts.length}`) ?? []) {
    const wanted = route.path.split('/');
    if (!wanted.every((part, place) => part === '*' || part === parts[place])) continue;
    const params = parts.filter((_, place) => wanted[place] === '*').map(decode);
    return { route, version: found.version, params };
  }
  return null;
}

/** Takes the version out: `/crm/objects/2026-09/contacts` and `/crm/v3/objects/contacts` are both `objects/contacts`. */
function versionOf(path: string): { version: ApiVersion; rest: string } | null {
  const dated =
    /^\/(?:crm\/(?!account-info)|(?=account-info))(objects|properties|owners|account-info)\/(2026-03|2026-09)(\/.*)?$/.exec(
      path,
    );
  const version = dated?.[2] === '2026-03' ? '2026-03' : '2026-09';
  if (dated !== null) return { version, rest: tidy(`${dated[1]}${dated[3] ?? ''}`) };
  const old = /^\/(?:crm\/v3\/(objects|properties|owners)|(account-info)\/v3|(oauth)\/v2)(\/.*)?$/.exec(path);
  if (old === null) return null;
  return { version: 'v3', rest: tidy(`${old[1] ?? old[2] ?? old[3]}${old[4] ?? ''}`) };
}

/** `0-1` is another name for contacts; a slash at the end means nothing. */
function tidy(rest: string): string {
  return rest.replace(/\/$/, '').replace(/^(objects|properties)\/0-1(?=\/|$)/, '$1/contacts');
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function route(
  line: string,
  kind: SimulatedCallKind,
  scopes: readonly string[],
  handle: (call: Call) => Answer,
): Route {
  const [method = '', path = ''] = line.split(' ');
  return { method, path, kind, scopes, handle };
}

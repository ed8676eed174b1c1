/** From a request to an answer: token, limits, scopes, body, handler, in HubSpot's order. */
import type { Call, Json } from './call.ts';
import type { Limits } from './limits.ts';
import type { Portal } from './portal.ts';
import { type Answer, invalid, Refusal, refusalBody } from './refusal.ts';
import { type Match, match } from './router.ts';
import type { Settings } from './types.ts';

/** Longer addresses are refused before anybody looks at them. */
const LONGEST_URL = 16_384;

/** A request as it came off the wire. */
export interface Request {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly authorization: string;
  readonly accept: string;
  readonly contentType: string;
  readonly body: string;
}

/** Gives correlation ids, each one once. */
export class Correlations {
  #count = 0;

  next(): string {
    this.#count += 1;
    return `00000000-0000-4000-8000-${String(this.#count).padStart(12, '0')}`;
  }
}

/** Answers one request. Never throws for what the caller did. */
export function answer(request: Request, portal: Portal, limits: Limits, correlations: Correlations): Answer {
  const [path = '', search = ''] = request.url.split('?', 2);
  const correlationId = correlations.next();
  const found = match(request.method, path);
  const kind = found?.route.kind ?? 'other';
  const now = portal.now();
  const extra = { 'x-hubspot-correlation-id': correlationId };
  try {
    if (request.url.length > LONGEST_URL)
      return { status: 414, text: 'URI Too Long', type: 'text/html', headers: extra };
    if (found?.route.open !== true) checkToken(request.authorization, portal.settings);
    const turnedAway = limits.admit(kind, now, correlationId);
    if (turnedAway !== null) return withHeaders(turnedAway, extra);
    if (found === null) throw new Refusal(404, 'The page does not exist');
    const done = handle(found, request, new URLSearchParams(search), { portal, limits, correlations });
    return withHeaders(done, { ...limits.headers(kind, now), ...extra });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const headers = error.status === 401 ? extra : { ...limits.headers(kind, now), ...extra };
    return withHeaders(refused(error, request.accept, correlationId), headers);
  }
}

interface Surroundings {
  readonly portal: Portal;
  readonly limits: Limits;
  readonly correlations: Correlations;
}

function handle(found: Match, request: Request, query: URLSearchParams, around: Surroundings): Answer {
  checkScopes(found.route.scopes, around.portal.settings);
  const call: Call = {
    portal: around.portal,
    limits: around.limits,
    version: found.version,
    params: found.params,
    query,
    body: parseBody(request),
    bodyLength: request.body.length,
  };
  return found.route.handle(call);
}

function parseBody(request: Request): Json {
  if (request.body === '') return {};
  if (!request.contentType.startsWith('application/json')) throw new Refusal(415, 'Unsupported Media Type');
  try {
    const body: unknown = JSON.parse(request.body);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Json;
  } catch {
    throw invalid('Invalid input JSON on line 1, column 1: the body is not JSON');
  }
  throw invalid('Invalid input JSON on line 1, column 1: the body must be an object');
}

function checkToken(authorization: string, { token }: Settings): void {
  if (authorization === `Bearer ${token}`) return;
  const message =
    authorization === ''
      ? 'Authentication credentials not found. This API supports OAuth 2.0 authentication.'
      : 'The access token is not valid for this portal.';
  throw new Refusal(401, message, { category: 'INVALID_AUTHENTICATION' });
}

function checkScopes(oneOf: readonly string[], { scopes }: Settings): void {
  if (oneOf.length === 0 || oneOf.some((scope) => scopes.includes(scope))) return;
  throw new Refusal(403, "This app hasn't been granted all required scopes to make this call.", {
    category: 'MISSING_SCOPES',
    errors: [
      {
        message: 'One or more of the following scopes are required.',
        context: { requiredGranularScopes: oneOf },
      },
    ],
    links: { scopes: 'https://developers.hubspot.com/scopes' },
  });
}

/** A 404 is a page for people unless JSON was asked for. */
function refused(refusal: Refusal, accept: string, correlationId: string): Answer {
  if (refusal.status === 404 && !accept.includes('application/json')) {
    return {
      status: 404,
      text: '<html><body><h1>Page not found</h1></body></html>',
      type: 'text/html;charset=utf-8',
    };
  }
  return { status: refusal.status, body: refusalBody(refusal, correlationId) };
}

function withHeaders(given: Answer, headers: Readonly<Record<string, string>>): Answer {
  return { ...given, headers: { ...headers, ...given.headers } };
}

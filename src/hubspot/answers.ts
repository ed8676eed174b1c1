/** Everything HubSpot can answer that is no success → the few error classes, and what a 429 asks for. */
import { z } from 'zod';
import {
  CredentialsError,
  type HandoffError,
  RateLimitedError,
  RejectedError,
  UnavailableError,
} from '../errors.ts';

/** An answer as it came: headers by lower-case name, the body as text. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** HubSpot tells clients to treat every field of an error as optional (developers.hubspot.com, "Handle errors"). */
const ErrorDetail = z.object({
  code: z.string().optional(),
  message: z.string().optional(),
  context: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
const ErrorBody = z.object({
  category: z.string().optional().catch(undefined),
  errorType: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  policyName: z.string().optional().catch(undefined),
  correlationId: z.string().optional().catch(undefined),
  context: z.record(z.string(), z.unknown()).optional().catch(undefined),
  errors: z.array(ErrorDetail.catch({})).optional().catch(undefined),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

/** Which limit a 429 speaks of, and how long it holds, ms. */
export interface Hold {
  readonly scope: 'burst' | 'search' | 'day';
  readonly waitMs: number;
}

const SECOND_MS = 1_000;
/** Where HubSpot does not say how long: the length of the window that is full; an hour for the day's. */
const HOLD_MS = { burst: 10_000, search: 1_000, day: 3_600_000 } as const;
/** A heavy-sync lock lasts two seconds (developers.hubspot.com, "Handle errors", 423). */
const LOCKED_MS = 2_000;
/** A portal on its way to another data centre answers 477 with Retry-After, usually up to a day. */
const MIGRATING_MS = 3_600_000;

/** Reads an error's body; an HTML or cut-off one reads as empty. */
export function readErrorBody(text: string): ErrorBody {
  try {
    return ErrorBody.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/** What a 429 asks for. Bodies come in several shapes; `policyName` says most, then the message. */
export function holdOf(answer: RawAnswer, wasSearch: boolean, now: number): Hold {
  const body = readErrorBody(answer.text);
  const told = `${body.policyName ?? ''} ${body.message ?? ''}`.toLowerCase();
  const scope = scopeOf(told, wasSearch);
  return { scope, waitMs: retryAfterMs(answer.headers, now) ?? HOLD_MS[scope] };
}

function scopeOf(told: string, wasSearch: boolean): Hold['scope'] {
  if (told.includes('daily')) return 'day';
  if (/ten_?secondly/.test(told)) return 'burst';
  return told.includes('secondly') || wasSearch ? 'search' : 'burst';
}

/** `Retry-After` in ms: seconds, or a date. Undocumented for 429 and only sometimes there. */
function retryAfterMs(headers: Headers, now: number): number | null {
  const value = headers.get('retry-after');
  if (value === null || value.trim() === '') return null;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * SECOND_MS : Date.parse(value) - now;
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}

/** The error that an unsuccessful answer (not a 429) means. `what` names the call. */
export function errorOf(answer: RawAnswer, what: string, now: number): HandoffError {
  const { status } = answer;
  const body = readErrorBody(answer.text);
  const told = `HubSpot answered ${status} to ${what}${describe(body)}`;
  switch (status) {
    case 401:
      return new CredentialsError(
        `HubSpot does not accept the token (401 to ${what}): check that it is complete, belongs to this portal and has not been rotated or expired`,
      );
    case 403:
      return forbidden(body, what);
    case 423:
      return new RateLimitedError(`${told}: the record is locked for a moment`, LOCKED_MS);
    case 477:
      return new RateLimitedError(
        `${told}: HubSpot is moving the portal to another data centre`,
        retryAfterMs(answer.headers, now) ?? MIGRATING_MS,
      );
    case 530:
      return new CredentialsError(`${told}: the token is malformed; copy it again from HubSpot`);
  }
  if (status === 408 || status >= 500) return new UnavailableError(told);
  return new RejectedError(told, { status, category: body.category ?? '', ids: idsOf(body) });
}

function forbidden(body: ErrorBody, what: string): CredentialsError {
  const scopes = [...new Set((body.errors ?? []).flatMap(({ context }) => scopesIn(context)))];
  const granted = scopes.length === 0 ? scopesIn(body.context) : scopes;
  const advice = granted.length === 0 ? '' : `; grant it the scope ${granted.join(' or ')}`;
  return new CredentialsError(`The token may not do this (403 to ${what})${advice}`, {
    missingScopes: granted,
  });
}

function scopesIn(context: Readonly<Record<string, unknown>> | undefined): string[] {
  return textsOf(context?.['requiredGranularScopes'] ?? context?.['requiredScopes']);
}

/** Ids that HubSpot names as the culprits of a refused batch. */
function idsOf(body: ErrorBody): string[] {
  const contexts = [body.context, ...(body.errors ?? []).map((error) => error.context)];
  return contexts.flatMap((context) => [...textsOf(context?.['ids']), ...textsOf(context?.['id'])]);
}

/** Any shape of "one or more texts". */
export function textsOf(value: unknown): string[] {
  return [value]
    .flat(2)
    .filter((part) => typeof part === 'string' || typeof part === 'number')
    .map(String);
}

/** Category, codes and properties of a refusal; HubSpot's own sentence only with the values in it left out. */
export function describe(body: ErrorBody): string {
  const details = (body.errors ?? []).map(detail).filter((text) => text !== '');
  const parts = [body.category ?? '', ...new Set(details)].filter((text) => text !== '');
  if (details.length === 0 && body.message !== undefined) parts.push(withoutValues(body.message));
  if (body.correlationId !== undefined) parts.push(`correlation id ${body.correlationId}`);
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

function detail(error: z.infer<typeof ErrorDetail>): string {
  const properties = textsOf(error.context?.['propertyName'] ?? error.context?.['name']);
  if (error.code === undefined && properties.length === 0) return withoutValues(error.message ?? '');
  return [error.code ?? '', ...properties].filter((text) => text !== '').join(' ');
}

const LONGEST_SENTENCE = 160;

/** HubSpot's sentences embed values, e-mail addresses among them: quoted parts, JSON and addresses are taken out. */
export function withoutValues(message: string): string {
  return message
    .replace(/[[{].*$/s, '')
    .replaceAll(/(["'`]).*?\1/gs, '…')
    .replaceAll(/\S+@\S+/g, '…')
    .trim()
    .slice(0, LONGEST_SENTENCE);
}

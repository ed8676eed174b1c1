/** Everything HubSpot can answer that is no success → the few error classes, and what a 429 asks for. */
import { z } from 'zod';
import {
  CredentialsError,
  type HandoffError,
  RateLimitedError,
  RejectedError,
  UnavailableError,
} from '../errors.ts';
import { refusedProperties, withoutValues } from './sentences.ts';

/** An answer as it came: headers by lower-case name, the body as text. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** HubSpot tells clients to treat every field of an error as optional (developers.hubspot.com, "Handle errors"). */
const ErrorDetail = z.object({
  code: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  context: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
/** The body of an error, every field optional; unknown shapes read as absent. */
export const ErrorBody = z.object({
  category: z.string().optional().catch(undefined),
  errorType: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  policyName: z.string().optional().catch(undefined),
  correlationId: z.string().optional().catch(undefined),
  context: z.record(z.string(), z.unknown()).optional().catch(undefined),
  errors: z.array(ErrorDetail.catch({})).optional().catch(undefined),
});
/** An error body as read. */
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
function readErrorBody(text: string): ErrorBody {
  try {
    return ErrorBody.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/**
 * What a 429 asks for. Bodies come in several shapes; `policyName` says most, then the message. `dayResetsAt`: when the
 * day's limit starts anew, where that is known.
 */
export function holdOf(answer: RawAnswer, wasSearch: boolean, now: number, dayResetsAt: number | null): Hold {
  const body = readErrorBody(answer.text);
  const told = `${body.policyName ?? ''} ${body.message ?? ''}`.toLowerCase();
  const asked = retryAfterMs(answer.headers, now);
  if (told.includes('daily')) {
    const reset = dayResetsAt !== null && dayResetsAt > now ? dayResetsAt - now : null;
    return { scope: 'day', waitMs: asked ?? reset ?? HOLD_MS.day };
  }
  if (told.includes('secondly') && !/ten_?secondly/.test(told)) {
    return { scope: wasSearch ? 'search' : 'burst', waitMs: asked ?? HOLD_MS.search };
  }
  const scope = wasSearch && !/ten_?secondly/.test(told) ? 'search' : 'burst';
  return { scope, waitMs: asked ?? HOLD_MS[scope] };
}

/** `Retry-After` in ms: seconds, or a date. Undocumented for 429 and only sometimes there. */
function retryAfterMs(headers: Headers, now: number): number | null {
  const value = headers.get('retry-after');
  if (value === null || value.trim() === '') return null;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * SECOND_MS : Date.parse(value) - now;
  return Number.isFinite(ms) && ms > 0 ? ms : null;
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
  const contexts = [body.context, ...(body.errors ?? []).map(({ context }) => context)];
  const missingScopes = [...new Set(contexts.flatMap(scopesIn))];
  const advice =
    missingScopes.length === 0 ? describe(body) : `; grant it the scope ${missingScopes.join(' or ')}`;
  return new CredentialsError(`The token may not do this (403 to ${what})${advice}`, { missingScopes });
}

function scopesIn(context: Readonly<Record<string, unknown>> | undefined): string[] {
  return identifiers(context?.['requiredGranularScopes'] ?? context?.['requiredScopes']);
}

/** Ids that HubSpot names as the culprits of a refused batch. */
function idsOf(body: ErrorBody): string[] {
  const contexts = [body.context, ...(body.errors ?? []).map((error) => error.context)];
  const named = contexts.flatMap((context) => [...textsOf(context?.['ids']), ...textsOf(context?.['id'])]);
  return named.filter((id) => /^\d+$/.test(id));
}

/** Any shape of "one or more texts". */
export function textsOf(value: unknown): string[] {
  return [value]
    .flat(2)
    .filter((part) => typeof part === 'string' || typeof part === 'number')
    .map(String);
}

const IDENTIFIER = /^[A-Za-z][\w.-]{0,99}$/;

/** Category, codes and properties of a refusal; HubSpot's own sentence only where it says no more, without values. */
export function describe(body: ErrorBody): string {
  const message = body.message ?? '';
  const listed = (body.errors ?? []).map(detail).filter((text) => text !== '');
  const details = listed.length > 0 ? listed : refusedProperties(message);
  const sentence = details.length > 0 ? '' : withoutValues(message);
  const correlation = identifiers(body.correlationId, /^[\w-]{1,64}$/).map((id) => `correlation id ${id}`);
  const parts = [...identifiers(body.category), ...new Set(details), sentence, ...correlation];
  const told = parts.filter((text) => text !== '').join('; ');
  return told === '' ? '' : ` (${told})`;
}

/**
 * Since 2026-09 a portal's own rules can refuse an update (developers.hubspot.com/changelog/crm-api-write-validation-enforcement);
 * that is for its admin to mend.
 */
const REQUIRED_BY_RULE = /^MISSING_(CONDITIONAL_)?REQUIRED_PROPERTY$/;

function detail({ code, context, message }: z.infer<typeof ErrorDetail>): string {
  const named = [...identifiers(code), ...identifiers(context?.['propertyName'])];
  if (named.length === 0) return withoutValues(message ?? '');
  const advice = REQUIRED_BY_RULE.test(code ?? '')
    ? ', which a rule of the portal requires: fill it in or change the rule'
    : '';
  return `${named.join(' ')}${advice}`;
}

/** Only what looks like a name of HubSpot's: every field may hold anything. */
function identifiers(value: unknown, shape = IDENTIFIER): string[] {
  return textsOf(value).filter((text) => shape.test(text));
}

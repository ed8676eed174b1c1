/**
 * What can go wrong, and whether trying again helps. Adapters throw these and nothing else on purpose; the queue
 * runtime maps `retry` to BullMQ, the command line maps `exitCode`. Messages carry ids and names, never values or tokens.
 */
export type Retry = 'never' | 'later' | 'backoff';

interface ErrorDetails {
  readonly cause?: unknown;
}

/** Base of all errors that handoff raises knowingly. */
export abstract class HandoffError extends Error {
  /** Stable, for logs and JSON. */
  abstract readonly code: string;
  /** `later`: after the stated wait, not counted as an attempt. `backoff`: counted, with growing gaps. */
  abstract readonly retry: Retry;
  abstract readonly exitCode: 1 | 2 | 3;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
  }
}

/** The configuration file, a flag, or the portal's set-up contradicts what was asked. */
export class ConfigurationError extends HandoffError {
  readonly code: string = 'configuration';
  readonly retry = 'never';
  readonly exitCode = 2;
}

/** HubSpot refuses the token, or the token lacks a scope. */
export class CredentialsError extends HandoffError {
  readonly code = 'credentials';
  readonly retry = 'never';
  readonly exitCode = 2;
  /** Scopes to grant, as far as HubSpot named them. */
  readonly missingScopes: readonly string[];

  constructor(message: string, details: ErrorDetails & { missingScopes?: readonly string[] } = {}) {
    super(message, details);
    this.missingScopes = details.missingScopes ?? [];
  }
}

/** HubSpot asks to wait (429, 423, 477), or our own budget is used up. Not a failure of the work. */
export class RateLimitedError extends HandoffError {
  readonly code = 'rate_limited';
  readonly retry = 'later';
  readonly exitCode = 3;
  /** How long to wait, ms. */
  readonly waitMs: number;

  constructor(message: string, waitMs: number, details: ErrorDetails = {}) {
    super(message, details);
    this.waitMs = waitMs;
  }
}

/** HubSpot, Redis or the database cannot be reached or does not answer sensibly. */
export class UnavailableError extends HandoffError {
  readonly code: string = 'unavailable';
  readonly retry = 'backoff';
  readonly exitCode = 3;
}

/** HubSpot refuses what we sent, for a reason that trying again does not change. */
export class RejectedError extends HandoffError {
  readonly code = 'rejected';
  readonly retry = 'never';
  readonly exitCode = 1;
  readonly status: number;
  /** HubSpot's category, e.g. `VALIDATION_ERROR`. */
  readonly category: string;
  /** Ids HubSpot named as culprits, where it did. */
  readonly ids: readonly string[];

  constructor(
    message: string,
    details: ErrorDetails & { status: number; category?: string; ids?: readonly string[] },
  ) {
    super(message, details);
    this.status = details.status;
    this.category = details.category ?? '';
    this.ids = details.ids ?? [];
  }
}

/** Is this one of ours, with a code and a verdict on retrying? */
export function isHandoffError(error: unknown): error is HandoffError {
  return error instanceof HandoffError;
}

/** Answers, and refusals in HubSpot's shape (developers.hubspot.com, error handling). */

/** What goes back to the caller. `text` is sent as it is, `body` as JSON. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One item of HubSpot's `errors` list. */
export interface ErrorDetail {
  readonly message: string;
  readonly code?: string;
  readonly context?: Readonly<Record<string, readonly string[]>>;
}

interface RefusalDetails {
  readonly category?: string;
  readonly subCategory?: string;
  readonly errors?: readonly ErrorDetail[];
  readonly context?: Readonly<Record<string, readonly string[]>>;
  readonly links?: Readonly<Record<string, string>>;
}

/** A call that the portal turns down: thrown by a handler, turned into an answer by the server. */
export class Refusal extends Error {
  readonly status: number;
  readonly details: RefusalDetails;

  constructor(status: number, message: string, details: RefusalDetails = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.details = details;
  }
}

/** 400 `VALIDATION_ERROR`. */
export function invalid(message: string, details: Omit<RefusalDetails, 'category'> = {}): Refusal {
  return new Refusal(400, message, { ...details, category: 'VALIDATION_ERROR' });
}

/** 404 `OBJECT_NOT_FOUND`. */
export function notFound(message: string): Refusal {
  return new Refusal(404, message, { category: 'OBJECT_NOT_FOUND' });
}

/** HubSpot's error body. */
export function refusalBody(refusal: Refusal, correlationId: string): Record<string, unknown> {
  return { status: 'error', message: refusal.message, correlationId, ...refusal.details };
}

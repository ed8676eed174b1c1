/** Writing results back: one batch, every record answered for, a refused one isolated and the rest written. */
import { ConfigurationError, RejectedError } from '../errors.ts';
import type { Calls, Lane, PropertyWriter, Receipt, WriteInput } from '../ports.ts';
import { describe, type ErrorBody, textsOf } from './answers.ts';
import type { Http } from './http.ts';
import type { Paths } from './paths.ts';
import { BatchAnswer, type ContactObject, instantOf } from './schema.ts';

/** A refusal that holds for every record alike: halving the batch would only burn calls. */
const LACKS_PROPERTY = /PROPERTY_DOESNT_EXIST|READ_ONLY_VALUE/;
const MODIFIED = 'lastmodifieddate';

/** What writing needs. `prefix` begins the names of our properties; `calls` is counted up. */
export interface WriteOptions {
  readonly http: Http;
  readonly paths: Paths;
  readonly calls: Calls;
  readonly prefix: string;
}

/** After so many refusals and not one success the rest of a batch is not tried: the reason is the portal's, not a record's. */
const ENOUGH_REFUSALS = 10;

/** How the isolating of one batch goes. */
interface Tally {
  refused: number;
  written: boolean;
}

/** `write` of the property writer. Safe to repeat: it sets the same values again. */
export function writer(options: WriteOptions): PropertyWriter['write'] {
  return async (inputs, lane, signal) => {
    const tally: Tally = { refused: 0, written: false };
    async function write(part: readonly WriteInput[]): Promise<readonly Receipt[]> {
      if (!tally.written && tally.refused >= ENOUGH_REFUSALS) return part.map(({ id }) => notTried(id));
      try {
        const receipts = await writeBatch(options, part, lane, signal);
        tally.written = true;
        return receipts;
      } catch (error) {
        if (!(error instanceof RejectedError)) throw error;
        refuseLackingProperty(error.message);
        const [first, ...others] = part;
        if (first === undefined || others.length > 0) return isolate(part, error, write);
        tally.refused += 1;
        return [refusal(first.id, error)];
      }
    }
    // An id that occurs twice would have the whole batch refused.
    const distinct = [...new Map(inputs.map((input) => [input.id, input])).values()];
    return distinct.length === 0 ? [] : write(distinct);
  };
}

function notTried(id: string): Receipt {
  const reason = `not tried: HubSpot refused the first ${ENOUGH_REFUSALS} records of its batch, each by itself`;
  return { id, ok: false, code: 'not_tried', reason };
}

function refuseLackingProperty(reason: string): void {
  if (!LACKS_PROPERTY.test(reason)) return;
  throw new ConfigurationError(
    `HubSpot lacks a property of ours, or does not let it be set: ${reason}. Run handoff check.`,
  );
}

/** HubSpot refused the whole batch: the culprits it names go apart, else it is halved until each stands alone. */
async function isolate(
  inputs: readonly WriteInput[],
  error: RejectedError,
  write: (part: readonly WriteInput[]) => Promise<readonly Receipt[]>,
): Promise<readonly Receipt[]> {
  const named = inputs.filter(({ id }) => error.ids.includes(id));
  const others = inputs.filter(({ id }) => !error.ids.includes(id));
  const middle = Math.ceil(inputs.length / 2);
  const split = named.length > 0 && others.length > 0;
  const parts = split
    ? [others, ...named.map((one) => [one])]
    : [inputs.slice(0, middle), inputs.slice(middle)];
  const receipts: Receipt[] = [];
  for (const part of parts) receipts.push(...(await write(part)));
  return receipts;
}

async function writeBatch(
  { http, paths, calls, prefix }: WriteOptions,
  inputs: readonly WriteInput[],
  lane: Lane,
  signal?: AbortSignal,
): Promise<readonly Receipt[]> {
  const body = {
    // With a trace id on every input HubSpot writes the good ones and names the bad ones; documented for create, seen for upsert.
    inputs: inputs.map(({ id, values }) => ({
      id,
      objectWriteTraceId: id,
      properties: withPrefix(values, prefix),
    })),
  };
  const answer = await http.call({
    ...{ method: 'POST', path: paths.batchUpdate, body, kind: 'write', lane, signal, calls },
    schema: BatchAnswer,
  });
  const written = new Map(answer.results.map((result) => [result.id, result]));
  for (const error of answer.errors) refuseLackingProperty(reasonOf(error));
  const refused = refusals(answer.errors);
  return inputs.map((input): Receipt => {
    const error = refused.get(input.id);
    if (error !== undefined) return { id: input.id, ok: false, code: codeOf(error), reason: reasonOf(error) };
    const result = written.get(input.id);
    if (result !== undefined) return { id: input.id, ok: true, updatedAt: echoOf(result, input) };
    return {
      id: input.id,
      ok: false,
      code: 'not_confirmed',
      reason: 'HubSpot did not say that it was written',
    };
  });
}

function withPrefix(values: WriteInput['values'], prefix: string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}

function refusals(errors: readonly ErrorBody[]): ReadonlyMap<string, ErrorBody> {
  const byId = new Map<string, ErrorBody>();
  for (const error of errors) {
    const ids = [
      ...textsOf(error.context?.['objectWriteTraceId']),
      ...textsOf(error.context?.['ids']),
      ...textsOf(error.context?.['id']),
    ];
    for (const id of ids) byId.set(id, error);
  }
  return byId;
}

/** An answer that shows another stage than the one judged hides a change in between: it is no echo, and is read again. */
function echoOf(result: ContactObject, input: WriteInput): number | null {
  const stage = result.properties?.['lifecyclestage'];
  if (stage !== undefined && String(stage ?? '') !== input.stage) return null;
  return instantOf(String(result.properties?.[MODIFIED] ?? '')) ?? instantOf(result.updatedAt);
}

/** A single input that HubSpot refused by refusing its batch. */
function refusal(id: string, error: RejectedError): Receipt {
  return { id, ok: false, code: error.category.toLowerCase() || 'rejected', reason: error.message };
}

function codeOf(error: ErrorBody): string {
  return (error.category ?? 'rejected').toLowerCase();
}

/** HubSpot's reason without the values in it. */
function reasonOf(error: ErrorBody): string {
  return `HubSpot refused it${describe(error)}`;
}

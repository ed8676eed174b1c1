/**
 * A server that answers what a test has written down, and nothing else. The network is shut. After each test it fails on
 * calls that had no answer and on answers that nobody asked for, and lists both.
 */
import { setTimeout as pause } from 'node:timers/promises';
import nock from 'nock';
import { afterAll, afterEach, beforeAll } from 'vitest';

type ReplyFnResult = nock.ReplyFnResult;

/** A call as it went out. */
export interface MockedCall {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Parsed JSON; null without a body. */
  readonly body: unknown;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface MockedReply {
  /** Default 200. */
  readonly status?: number;
  /** Sent as JSON, a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Wait before the answer, ms. */
  readonly delayMs?: number;
}

export interface HttpMock {
  /** Answers the next call of this method and path, whatever its query and body; `(call) => reply` may look at it. */
  on(method: string, path: string, reply: MockedReply | ((call: MockedCall) => MockedReply)): HttpMock;
  /** Breaks the connection of the next call of this method and path. */
  drop(method: string, path: string): HttpMock;
  /** The calls of this test that were answered, in their order. */
  readonly calls: readonly MockedCall[];
}

/** Mocks one server for all tests of the file or block it is called in. */
export function mockHttp(origin: string): HttpMock {
  const calls: MockedCall[] = [];
  const unmocked: string[] = [];
  const noteUnmocked = (request: Request) => {
    unmocked.push(`${request.method} ${request.url}`);
  };

  beforeAll(() => {
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
    nock.emitter.on('no match', noteUnmocked);
  });
  afterEach(() => {
    const unused = nock.pendingMocks();
    const asked = unmocked.splice(0);
    const answered = calls.splice(0).map(({ method, path }) => `${method} ${path}`);
    nock.abortPendingRequests();
    nock.cleanAll();
    failOnDifference({ unused, asked, answered });
  });
  afterAll(() => {
    nock.emitter.removeListener('no match', noteUnmocked);
    nock.enableNetConnect();
    nock.restore();
  });

  const mock: HttpMock = {
    calls,
    on(method, path, reply) {
      const replying = async (request: Request): Promise<ReplyFnResult> => {
        const call = await callOf(request);
        calls.push(call);
        const {
          status = 200,
          body = {},
          headers = {},
          delayMs,
        } = typeof reply === 'function' ? reply(call) : reply;
        if (delayMs !== undefined) await pause(delayMs, undefined, { ref: false });
        return [status, typeof body === 'string' ? body : JSON.stringify(body), headers];
      };
      nock(origin).intercept(path, method).query(true).reply(replying);
      return mock;
    },
    drop(method, path) {
      nock(origin)
        .intercept(path, method)
        .query(true)
        .replyWithError(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
      return mock;
    },
  };
  return mock;
}

async function callOf(request: Request): Promise<MockedCall> {
  const url = new URL(request.url);
  const text = await request.clone().text();
  return {
    method: request.method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    body: text === '' ? null : JSON.parse(text),
    headers: Object.fromEntries(request.headers),
  };
}

/** Throws unless every call had its answer and every answer its call. */
export function failOnDifference(found: {
  readonly unused: readonly string[];
  readonly asked: readonly string[];
  readonly answered: readonly string[];
}): void {
  if (found.unused.length === 0 && found.asked.length === 0) return;
  const list = (title: string, lines: readonly string[]) =>
    [`${title}: ${lines.length === 0 ? 'none' : ''}`, ...lines.map((line) => `  ${line}`)].join('\n');
  throw new Error(
    [
      'The calls that were made are not the calls that were written down.',
      list('Calls without an answer (add mock.on for them, or stop making them)', found.asked),
      list('Answers that nobody asked for (remove them, or find out why)', found.unused),
      list('Calls that were answered', found.answered),
    ].join('\n'),
  );
}

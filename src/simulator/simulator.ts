/** The simulated portal as an HTTP server. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigurationError } from '../errors.ts';
import { answer, Correlations, type Request } from './answering.ts';
import { controlAnswer, INDEX_TEXT } from './control.ts';
import { type Fault, Faults } from './faults.ts';
import { addLeads } from './leads.ts';
import { Limits, withoutPolicy } from './limits.ts';
import { Portal } from './portal.ts';
import type { Answer } from './refusal.ts';
import { match } from './router.ts';
import { settingsOf } from './settings.ts';
import { addSynthetic } from './synthetic.ts';
import type { Settings, Simulator } from './types.ts';

/** Bodies above this are refused: no honest call comes near it. */
const LARGEST_BODY = 10 * 1024 * 1024;

/** What answering needs to know. */
interface World {
  readonly settings: Settings;
  readonly portal: Portal;
  readonly limits: Limits;
  readonly faults: Faults;
  readonly correlations: Correlations;
  readonly stats: Simulator['stats'];
}

/**
 * Starts a simulated portal with synthetic contacts (`size`), leads from files, or none. Throws ConfigurationError for
 * leads that cannot be read and for a port that is taken.
 */
export async function startSimulator(options: Parameters<typeof settingsOf>[0] = {}): Promise<Simulator> {
  const settings = settingsOf(options);
  const portal = new Portal(settings);
  const remarks = addLeads(portal, settings.leads);
  addSynthetic(portal);
  const limits = new Limits(settings);
  const faults = new Faults(settings);
  const stats = () => ({ ...limits.stats(), faults: faults.count });
  const world = { settings, portal, limits, faults, correlations: new Correlations(), stats };
  const server = createServer({ keepAliveTimeout: 30_000, maxHeaderSize: 64 * 1024 }, (request, response) => {
    serve(request, response, world).catch(() => response.destroy());
  });
  await listen(server, settings);
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://${settings.host}:${port}`, token: settings.token, portal, remarks, settings, stats },
    resetStats() {
      limits.reset();
      faults.resetCount();
    },
    close: () => close(server),
  };
}

async function serve(incoming: IncomingMessage, response: ServerResponse, world: World): Promise<void> {
  const request = await readRequest(incoming);
  if (request === null) return send(response, { status: 413, text: 'Payload Too Large' });
  const [path = ''] = request.url.split('?', 1);
  if (path === '/') return send(response, { status: 200, text: INDEX_TEXT });
  if (path.startsWith('/_control/')) return send(response, controlAnswer(request, world));
  const fault = world.faults.next();
  const waitMs = world.settings.latencyMs + (fault.kind === 'slow' ? world.settings.faults.slowMs : 0);
  if (waitMs > 0) await delay(waitMs);
  meet(fault, request, response, world);
}

/** Lets the call meet its fault. Whether the work was done before is part of it. */
function meet(fault: Fault, request: Request, response: ServerResponse, world: World): void {
  const work = () => answer(request, world.portal, world.limits, world.correlations);
  switch (fault.kind) {
    case 'none':
    case 'slow':
      send(response, work());
      break;
    case 'rate429': {
      const kind = match(request.method, request.url.split('?', 1)[0] ?? '')?.route.kind;
      const limit = kind === 'search' ? 'search' : 'burst';
      const turnedAway = world.limits.tooMany(limit, world.portal.now(), world.correlations.next());
      send(response, fault.withPolicy ? turnedAway : withoutPolicy(turnedAway));
      break;
    }
    case 'rate5xx':
      send(response, {
        status: fault.status,
        text: '<html><body>error</body></html>',
        type: 'text/html',
      });
      break;
    case 'dropped':
      if (fault.afterWork) work();
      response.destroy();
      break;
    case 'cutOff':
      sendHalf(response, work());
      break;
  }
}

async function readRequest(incoming: IncomingMessage): Promise<Request | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) return null;
    chunks.push(chunk);
  }
  const { headers } = incoming;
  return {
    method: incoming.method ?? 'GET',
    url: incoming.url ?? '/',
    authorization: headers.authorization ?? '',
    accept: headers.accept ?? '',
    contentType: headers['content-type'] ?? '',
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function send(response: ServerResponse, given: Answer): void {
  const text = given.body === undefined ? (given.text ?? '') : JSON.stringify(given.body);
  const type =
    given.body === undefined ? (given.type ?? 'text/plain;charset=utf-8') : 'application/json;charset=utf-8';
  const content =
    given.status === 204 ? {} : { 'content-type': type, 'content-length': String(Buffer.byteLength(text)) };
  response.writeHead(given.status, { ...given.headers, ...content });
  response.end(given.status === 204 ? undefined : text);
}

/** Announces the whole answer and breaks off half-way. */
function sendHalf(response: ServerResponse, given: Answer): void {
  const text = JSON.stringify(given.body ?? given.text ?? '');
  response.writeHead(given.status, {
    ...given.headers,
    'content-type': 'application/json;charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
  });
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}

function listen(server: Server, { port, host }: Settings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const taken = `the simulated portal cannot listen on ${host}:${port} (${cause.message}); choose another --port, or 0 for a free one`;
      reject(new ConfigurationError(taken, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

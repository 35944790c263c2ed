/**
 * The HTTP side: authentication, surface check, faults, authorisation, crash hooks, answers.
 *
 * **Invariant:** whatever a test asks to go wrong goes wrong at this one place, so handlers are always honest.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../../../agent/ports.ts';
import type { Faults } from './faults.ts';
import { type Answer, type Call, handle, presentAs, type World } from './handlers.ts';
import { asObject, type JsonObject, parseJson } from './json.ts';
import { ADMIN, authorize, isOperator } from './rbac.ts';
import { resourceOfRoute, routeOf, violationOf } from './routes.ts';
import { selectorOf } from './selectors.ts';
import { badRequest, injected, StatusError, unauthorized } from './status.ts';
import type { Watches } from './watches.ts';
import type { LoggedWrite, OnWrite, WriteRequest } from './write-log.ts';

const noSuchResource = (): StatusError =>
  new StatusError(404, 'NotFound', 'the server could not find the requested resource');

export interface Front extends World {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly watches: Watches;
  readonly log: LoggedWrite[];
  /** `verb resource namespace/name` of every call of an agent, reads included. */
  readonly calls: string[];
  readonly violations: string[];
  readonly dead: Set<string>;
  /** `group/version` that this server does not know. */
  readonly unserved: Set<string>;
  readonly onWrite: () => OnWrite | undefined;
  readonly userOf: (token: string) => string | undefined;
  /** Requests of each user that are under way. */
  readonly busy: Map<ServerResponse, string>;
}

const READS = new Set(['get', 'list', 'watch']);

const readBody = async (request: IncomingMessage): Promise<JsonObject> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return {};
  const parsed = parseJson(text);
  if (parsed === undefined) throw badRequest('error decoding: the stand-in reads JSON only');
  return asObject(parsed);
};

const send = (response: ServerResponse, { code, body }: Answer, retryAfter?: number): void => {
  response.writeHead(code, {
    'content-type': 'application/json',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  });
  response.end(JSON.stringify(body));
};

const fail = (response: ServerResponse, error: unknown): void => {
  if (response.headersSent || response.destroyed) return;
  const status =
    error instanceof StatusError
      ? error
      : new StatusError(500, 'InternalError', `stand-in: ${String(error)}`);
  send(response, { code: status.code, body: status.status }, status.retryAfter);
};

const understand = async (front: Front, request: IncomingMessage): Promise<Call> => {
  const body = await readBody(request);
  const user = front.userOf(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
  if (user === undefined) throw unauthorized();
  const url = new URL(request.url ?? '/', 'http://stand-in');
  const route = routeOf(request.method ?? 'GET', url);
  if (route === undefined) {
    if (user !== ADMIN && !isOperator(user))
      front.violations.push(`${request.method} ${url.pathname}: no such resource in the agent's Role`);
    throw noSuchResource();
  }
  if (front.unserved.has(`${route.kind.group}/${route.kind.version}`)) throw noSuchResource();
  return {
    route,
    user,
    body,
    contentType: (request.headers['content-type'] ?? '').split(';')[0] ?? '',
    userAgent: request.headers['user-agent'] ?? 'unknown',
    metadataOnly: (request.headers.accept ?? '').includes('as=PartialObjectMetadata'),
  };
};

/** The handler's answer, refusals included. */
const answerOf = (front: Front, call: Call): Answer => {
  try {
    return handle(call, front);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { code: error.code, body: error.status };
  }
};

/** Runs the call with its crash hooks. `undefined`: the asking process is dead, nothing is answered. */
const carryOut = (front: Front, call: Call): Answer | undefined => {
  const { route, user, body } = call;
  if (READS.has(route.verb) || user === ADMIN) return answerOf(front, call);
  const write: WriteRequest = {
    number: front.log.length + 1,
    user,
    verb: route.verb,
    resource: resourceOfRoute(route),
    namespace: route.namespace,
    name: route.name,
    body,
  };
  if (front.onWrite()?.('before', write) === 'kill') return undefined;
  const answer = answerOf(front, call);
  front.log.push({ ...write, at: front.clock.now(), status: answer.code });
  return front.onWrite()?.('after', write) === 'kill' ? undefined : answer;
};

const serve = async (front: Front, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const call = await understand(front, request);
  const { route, user } = call;
  front.busy.set(response, user);
  response.on('close', () => front.busy.delete(response));
  if (front.dead.has(user)) {
    response.destroy();
    return;
  }
  const named = { verb: route.verb, resource: resourceOfRoute(route), name: route.name };
  if (user !== ADMIN) {
    front.calls.push(`${named.verb} ${named.resource} ${route.namespace}/${route.name ?? '*'}`);
    const violation = isOperator(user) ? undefined : violationOf(route);
    if (violation !== undefined) front.violations.push(violation);
  }
  const fault = user === ADMIN ? undefined : front.faults.take(named);
  if (fault !== undefined) {
    if ('hang' in fault) return;
    if ('close' in fault) {
      response.destroy();
      return;
    }
    if ('status' in fault) throw injected(fault.status, fault.retryAfter);
    if ('delay' in fault) await new Promise<void>((resolve) => void front.clock.after(fault.delay, resolve));
    if (front.dead.has(user)) return;
  }
  authorize(front.rules(), { user, ...route });
  if (route.verb === 'watch') {
    const { kind, namespace, query } = route;
    const resourceVersion = query.get('resourceVersion') ?? undefined;
    const bookmarks = query.get('allowWatchBookmarks') === 'true';
    const seconds = Number(query.get('timeoutSeconds') ?? 0);
    const limit = seconds > 0 ? seconds * 1000 : undefined;
    const present = presentAs(call.metadataOnly);
    front.watches.start(
      { user, kind, namespace, selector: selectorOf(query), resourceVersion, bookmarks, limit, present },
      response,
    );
    return;
  }
  const answer = carryOut(front, call);
  if (answer === undefined) {
    kill(front, user);
    return;
  }
  if (fault !== undefined && 'drop' in fault) response.destroy();
  else send(response, answer);
};

/** The process behind `user` is gone: its connections die, and nothing of it reaches the store any more. */
export const kill = (front: Front, user: string): void => {
  front.dead.add(user);
  for (const [response, owner] of [...front.busy]) if (owner === user) response.destroy();
};

export const createFront = (front: Front): Server =>
  createServer((request, response) => {
    serve(front, request, response).catch((error: unknown) => fail(response, error));
  });

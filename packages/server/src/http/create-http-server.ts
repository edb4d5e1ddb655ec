import type { RequestListener, Server } from "node:http";
import { apiError, HEADERS } from "@carabiner/protocol";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type HTTPMethods } from "fastify";
import { keyOf } from "../api/authenticate.ts";
import type { ApiAnswer, ApiOptions, Call } from "../api/call.ts";
import type { ClientAddresses } from "../api/client-address.ts";
import { createCalls } from "../api/create-calls.ts";
import { type ErrorAnswer, errorAnswer } from "../api/error-answer.ts";
import { expandables } from "../api/expand.ts";
import { RateLimited, type RateLimits } from "../api/rate-limits.ts";
import type { Procedure, Resource } from "../operations/operation.ts";
import { asApiError, notRecognized } from "./as-api-error.ts";
import { addBodyParsers, addUploadParser, type RequestBody } from "./body-parsers.ts";
import { createNodeServer } from "./create-node-server.ts";
import type { Work } from "./crowd.ts";
import { HEALTH_PATH } from "./health.ts";
import { listen } from "./listen.ts";
import { type Log, logFailure, logRequest } from "./request-log.ts";
import { createShownPath, pathOf } from "./shown-path.ts";
import { watchConnections } from "./watch-connections.ts";

export interface HttpServerOptions extends Omit<ApiOptions, "expandable"> {
  /** What the API offers: each of their operations becomes a route. */
  resources: readonly Resource[];
  /** And what it offers beside them: each becomes a route too. */
  procedures?: readonly Procedure[];
  log: Log;
  /** Whose word on where a request comes from is taken. */
  clients: ClientAddresses;
  /** Who has asked too much. Probes of `/health` are not counted. */
  rates: RateLimits;
  /** Once aborted, requests are refused with `server_stopping` and their connections closed; those under way end as usual. */
  stopping?: AbortSignal;
  /** Adds routes that are not operations. They get the request id, the error envelope and the log line of every route. */
  extraRoutes?: (app: FastifyInstance) => void;
}

/** What is known of a request when its log line is written. */
interface Told {
  account: string | null;
  error: string | null;
  replayOf: string | null;
}

const ECHOED = [HEADERS.account, HEADERS.idempotencyKey] as const;

const TOLD = Symbol("told");
const WORK = Symbol("work");
const UNPROVED = Symbol("unproved");
/** `UNPROVED` is its key, as long as it is not known for a good one. */
type Request = FastifyRequest & { [TOLD]?: Told; [WORK]?: Work | null; [UNPROVED]?: string };

/** The API's HTTP server. */
export interface HttpServer {
  app: FastifyInstance;
  /** Listens, for `localhost` on all of its addresses. Returns the port, and rejects when it cannot. */
  listen(host: string, port: number): Promise<number>;
}

/**
 * The HTTP server of the API, not yet listening. Whatever is asked of it, the answer has a `Request-Id`, and an error
 * is in Stripe's envelope. Stop it by aborting `stopping` and then `app.close()`, which waits for what is under way.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { limits, clock, ids, log, clients, rates, stopping } = options;
  const newRequestId = () => ids.newId("request", clock.now());
  const paths = createShownPath();
  const connections = watchConnections({ limits, clients, clock, log });
  let closing = false;

  const app = Fastify({
    logger: false,
    genReqId: newRequestId,
    bodyLimit: limits.requestBodyBytes,
    serverFactory: nodeServer,
    // The Node server has its own.
    clientErrorHandler: () => undefined,
    exposeHeadRoutes: false,
    // Fastify's own answer while it closes is not in our envelope.
    return503OnClosing: false,
    routerOptions: {
      maxParamLength: limits.pathParameterChars,
      querystringParser: (text) => ({ text }),
    },
    frameworkErrors: (error, request, reply) => {
      // No hook runs for a path that cannot be routed.
      reply.raw.once("finish", () => writeLine(request as Request, reply as FastifyReply));
      sendError(tooMany(request as Request) ?? error, request as Request, reply as FastifyReply);
    },
  });
  // The official CLI sends the content type of a form with every GET.
  app.addHttpMethod("GET", { hasBody: true, overrideExisting: true });
  addBodyParsers(app);

  app.addHook("onRoute", ({ url }) => paths.learn(url));
  app.addHook("preClose", (done) => {
    closing = true;
    done();
  });
  app.addHook("onRequest", (request, reply, done) => {
    reply.header(HEADERS.requestId, request.id);
    if (closing || stopping?.aborted === true) {
      reply.header("connection", "close");
      done(apiError("server_stopping"));
      return;
    }
    const refusal = tooMany(request);
    if (refusal !== null) {
      done(refusal);
      return;
    }
    // An empty body is no parameters, whatever type it claims to be.
    const { headers } = request;
    if (headers["transfer-encoding"] === undefined && (headers["content-length"] ?? "0") === "0") delete headers["content-type"];
    done();
  });
  app.addHook("preHandler", (request: Request, _, done) => {
    request[WORK] = connections.begin(request.socket);
    done();
  });
  app.addHook("onSend", (request: Request, _reply, payload, done) => {
    request[WORK]?.done();
    connections.waitForTaking(request.socket);
    done(null, payload);
  });
  app.addHook("onResponse", (request, reply, done) => {
    (request as Request)[WORK]?.done();
    writeLine(request, reply);
    done();
  });
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  app.setNotFoundHandler((request, reply) => sendError(notRecognized(request), request, reply));

  const calls = createCalls({ ...options, expandable: expandables(options.resources) });
  const operations = options.resources.flatMap((resource) => resource.operations);
  for (const operation of operations.filter(({ upload }) => upload === undefined)) addRoute(app, operation, calls.ofOperation(operation));
  for (const procedure of options.procedures ?? []) addRoute(app, procedure, calls.ofProcedure(procedure));
  const uploads = operations.filter(({ upload }) => upload !== undefined);
  // A scope of their own: what they read, and how much of it, no other route does.
  app.register((scope, _, done) => {
    addUploadParser(scope, limits.uploadBodyBytes);
    for (const operation of uploads) addRoute(scope, operation, calls.ofOperation(operation));
    done();
  });
  options.extraRoutes?.(app);
  return { app, listen: (host, port) => listen(app, nodeServer, host, port) };

  function nodeServer(handler: RequestListener): Server {
    return createNodeServer(handler, {
      limits,
      connections,
      newRequestId,
      onRefused: ({ status, error }, requestId) => log.info({ requestId, status, error }, "connection refused"),
    });
  }

  function addRoute(scope: FastifyInstance, { method, path }: { method: HTTPMethods; path: string }, call: Call): void {
    scope.route({
      method,
      url: path,
      // Before anything is read of the body.
      ...(rates.counts.keys ? { onRequest: keyHook } : {}),
      handler: async (request: Request, reply) => {
        const { headers } = request;
        const named = request.params as Record<string, string>;
        // A path that ends in a slash names nothing: its sender had no id, and meant neither the list nor an object.
        if (Object.values(named).includes("")) throw notRecognized(request);
        const answer = await call({
          id: request.id,
          path: pathOf(request),
          named,
          query: (request.query as { text: string }).text,
          body: (request.body as RequestBody | null | undefined) ?? null,
          authorization: headers.authorization,
          stripeAccount: actingFor(single(headers[HEADERS.account]), single(headers[HEADERS.context])),
          stripeVersion: single(headers[HEADERS.version]),
          idempotencyKey: single(headers[HEADERS.idempotencyKey]),
          clientIp: clientAddress(clients, request),
        });
        const { [UNPROVED]: key } = request;
        if (key !== undefined && answer.account !== null) rates.proveKey(key, clientAddress(clients, request), clock.wallNow());
        return sendAnswer(answer, request, reply);
      },
    });
  }

  /** Whether the address a request comes from has asked too much. */
  function tooMany(request: Request): Error | null {
    if (!rates.counts.addresses || request.routeOptions.url === HEALTH_PATH) return null;
    return attempt(() => rates.admitAddress(clientAddress(clients, request), clock.wallNow()));
  }

  function keyHook(request: Request, _reply: FastifyReply, done: (refusal?: Error) => void): void {
    done(attempt(() => countKey(request)) ?? undefined);
  }

  /** Counts the key of a request of the API. One that is missing is refused later, in the words for that. */
  function countKey(request: Request): void {
    const { authorization } = request.headers;
    if (authorization === undefined) return;
    let key: string;
    try {
      key = keyOf(authorization);
    } catch {
      return;
    }
    if (rates.admitKey(key, clientAddress(clients, request), clock.wallNow())) request[UNPROVED] = key;
  }

  function sendAnswer(answer: ApiAnswer, request: Request, reply: FastifyReply): void {
    if (answer.cause !== null) logFailure(log, request.id, answer.cause);
    request[TOLD] = { account: answer.account, error: answer.error, replayOf: answer.replayed ? answer.requestId : null };
    const headers = [HEADERS.requestId, answer.requestId];
    if (answer.replayed) headers.push(HEADERS.idempotentReplayed, "true");
    if (answer.apiVersion !== null) headers.push(HEADERS.version, answer.apiVersion);
    sayWhenToRetry(answer, headers);
    write(request, reply, answer.status, headers, answer.body);
  }

  function sayWhenToRetry(
    { shouldRetry, retryAfterSeconds }: Pick<ErrorAnswer, "shouldRetry" | "retryAfterSeconds">,
    headers: string[],
  ): void {
    if (shouldRetry !== null) headers.push(HEADERS.shouldRetry, String(shouldRetry));
    if (retryAfterSeconds !== null) headers.push(HEADERS.retryAfter, String(retryAfterSeconds));
  }

  /** Answers for what never became a call: no such URL, a body that cannot be read, a route's own error. */
  function sendError(thrown: unknown, request: Request, reply: FastifyReply): void {
    const answer = errorAnswer(asApiError(thrown, request, isUpload(request) ? limits.uploadBodyBytes : limits.requestBodyBytes));
    if (answer.cause !== null) logFailure(log, request.id, answer.cause);
    request[TOLD] = { account: null, error: answer.error, replayOf: null };
    if (reply.raw.headersSent) {
      // Half an answer is out: only the end of the connection can still say that it is not whole.
      reply.raw.destroy();
      return;
    }
    const headers = [HEADERS.requestId, request.id];
    sayWhenToRetry(answer, headers);
    // What Fastify leaves unread of a body would be taken for the next request.
    if (reply.getHeader("connection") === "close") headers.push("connection", "close");
    write(request, reply, answer.status, headers, answer.body);
  }

  /**
   * Sends an answer of the API past Fastify, head and body in one write: Fastify would add a charset to the content
   * type, which Stripe's answers do not have, and looks through the headers again one by one.
   */
  function write(request: Request, reply: FastifyReply, status: number, headers: string[], body: string): void {
    // What the request said of itself is said back.
    for (const name of ECHOED) {
      const given = single(request.headers[name]);
      if (given !== undefined && given.length <= limits.idempotencyKeyChars) headers.push(name, given);
    }
    headers.push("content-type", "application/json", "content-length", String(Buffer.byteLength(body)));
    reply.hijack();
    reply.raw.writeHead(status, headers);
    reply.raw.end(body);
    request[WORK]?.done();
    // Nearly always the network has taken it all. An answer without a socket is behind another one of its connection.
    if (reply.raw.socket === null || request.socket.writableLength > 0) connections.waitForTaking(request.socket);
  }

  function isUpload({ method, headers, routeOptions }: Request): boolean {
    const taken = uploads.some((operation) => operation.method === method && operation.path === routeOptions.url);
    return taken && /^multipart\/form-data/i.test(headers["content-type"] ?? "");
  }

  function writeLine(request: Request, reply: FastifyReply): void {
    const told = request[TOLD];
    logRequest(log, {
      requestId: request.id,
      method: request.method,
      path: paths.show(pathOf(request), request.routeOptions.url),
      status: reply.raw.statusCode,
      ms: Math.round(reply.elapsedTime * 100) / 100,
      account: told?.account ?? undefined,
      error: told?.error ?? undefined,
      replayOf: told?.replayOf ?? undefined,
    });
  }
}

/** The refusal of what counts a request; null when it has none. */
function attempt(count: () => void): RateLimited | null {
  try {
    count();
    return null;
  } catch (refusal) {
    if (refusal instanceof RateLimited) return refusal;
    throw refusal;
  }
}

/** The address a request came from; null when its connection has gone. */
export function clientAddress(clients: ClientAddresses, { headers, socket }: FastifyRequest): string | null {
  return clients.of(socket.remoteAddress, single(headers["x-forwarded-for"]));
}

/** The account a request names in either header. Two that differ are joined, as one header given twice is: no account is called so. */
const actingFor = (account: string | undefined, context: string | undefined): string | undefined =>
  account === undefined || context === undefined || account === context ? (account ?? context) : `${account}, ${context}`;

/** A header's value. Node joins those that are given more than once; none of ours comes as a list. */
const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value.join(", ") : value);

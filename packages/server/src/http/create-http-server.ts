import type { RequestListener, Server } from "node:http";
import { apiError, HEADERS } from "@carabiner/protocol";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { ApiOptions } from "../api/call.ts";
import type { ClientAddresses } from "../api/client-address.ts";
import { createCalls } from "../api/create-calls.ts";
import { expandables } from "../api/expandable-fields.ts";
import type { RateLimits } from "../api/rate-limits.ts";
import type { Limits } from "../limits.ts";
import type { Operation, Procedure, Resource } from "../operations/operation.ts";
import { createAdmission } from "./admission.ts";
import { type AnsweredRequest, answeredRequest } from "./answered-request.ts";
import { notRecognized } from "./as-api-error.ts";
import { addBodyParsers, addUploadParser } from "./body-parsers.ts";
import { addCallRoute, type CallRouteParts } from "./call-route.ts";
import type { WatchedCertificate } from "./certificate.ts";
import { createNodeServer, type Upgrades } from "./create-node-server.ts";
import { addDescription } from "./describe-api.ts";
import { listen, listenLocally } from "./listen.ts";
import { NO_SCHEMAS } from "./no-schemas.ts";
import type { PageSessions } from "./page-sessions.ts";
import { PROBES } from "./probes.ts";
import { createReplies } from "./replies.ts";
import { type Log, logRequest } from "./request-log.ts";
import { type ServerRequest, WORK } from "./request-state.ts";
import { createShownPath, pathOf } from "./shown-path.ts";
import { type Connections, watchConnections } from "./watch-connections.ts";

export interface HttpServerOptions extends Omit<ApiOptions, "expandable"> {
  /** The resources of the API. Each of their operations becomes a route. */
  resources: readonly Resource[];
  /** Further calls. Each becomes a route too. */
  procedures?: readonly Procedure[];
  log: Log;
  /** Decides which proxies are trusted to state a client's address. */
  clients: ClientAddresses;
  /** The rate limits. Probes are not counted. */
  rates: RateLimits;
  /** The certificate to speak TLS with, except on a Unix socket; without it, plain HTTP. */
  certificate?: WatchedCertificate;
  /** Takes over connections that ask for another protocol. */
  upgrades?: Upgrades;
  /** The sessions of the dashboard's page; without them, only keys authenticate requests. */
  sessions?: PageSessions;
  /** A hook that runs first for each request. */
  around?: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;
  /** Called for each request once it is answered. */
  onAnswered?: (answered: AnsweredRequest) => void;
  /**
   * Once it aborts, new requests are refused with `server_stopping` and their connections are closed. Requests under
   * way finish.
   */
  stopping?: AbortSignal;
  /**
   * Adds routes that are not operations. They get the request id, the error envelope and the log line of every route.
   */
  extraRoutes?: (app: FastifyInstance) => void;
}

/** The API's HTTP server. */
export interface HttpServer {
  app: FastifyInstance;
  /** Listens, for `localhost` on all of its addresses. Returns the port. Rejects when it cannot listen. */
  listen(host: string, port: number): Promise<number>;
  /**
   * Also listens on a Unix socket that only this user may open. Closing `app` closes it. Rejects when it cannot listen.
   */
  listenLocally(path: string): Promise<void>;
}

/** What all parts of one server share. */
interface Parts extends CallRouteParts, Pick<HttpServerOptions, "log" | "stopping" | "onAnswered" | "around"> {
  connections: Connections;
  paths: ReturnType<typeof createShownPath>;
}

/**
 * The HTTP server of the API, not yet listening. Every answer has a `Request-Id`, and every error is in Stripe's
 * envelope. To stop it, abort `stopping`, then call `app.close()`, which waits for requests under way.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { limits, clock, ids, log, clients, rates } = options;
  const newRequestId = () => ids.newId("request", clock.now());
  const connections = watchConnections({ limits, clients, clock, log });
  const operations = options.resources.flatMap((resource) => resource.operations);
  const uploads = operations.filter(({ upload }) => upload !== undefined);
  const parts: Parts = {
    clients,
    log,
    connections,
    ...(options.stopping === undefined ? {} : { stopping: options.stopping }),
    ...(options.sessions === undefined ? {} : { sessions: options.sessions }),
    ...(options.around === undefined ? {} : { around: options.around }),
    ...(options.onAnswered === undefined ? {} : { onAnswered: options.onAnswered }),
    paths: createShownPath(),
    admission: createAdmission(rates, clients, clock),
    replies: createReplies({ limits, log, connections, stopping: options.stopping ?? null, isUpload: isUploadTo(uploads) }),
  };
  const servers: Server[] = [];
  const serverOf = (handler: RequestListener, local: boolean) => {
    const server = createNodeServer(handler, {
      local,
      certificate: local ? null : (options.certificate ?? null),
      limits,
      connections,
      newRequestId,
      upgrades: options.upgrades ?? null,
      refusalForUpgrade: parts.admission.refusalForUpgrade,
      onRefused: ({ status, error }, requestId) => log.info({ code: "connection.refused", requestId, status, error }, "connection refused"),
    });
    servers.push(server);
    return server;
  };
  // Fastify passes more arguments than the handler's.
  const nodeServer = (handler: RequestListener) => serverOf(handler, false);
  const app = createApp(parts, limits, newRequestId, nodeServer);
  addHooks(app, parts);
  const locals: Server[] = [];
  app.addHook("preClose", (done) => {
    for (const local of locals) local.close().closeIdleConnections();
    const closed = new AbortController();
    app.server.once("close", () => closed.abort());
    // A client that does not send the rest, or does not read, must not delay the shutdown.
    void clock.pause(limits.drainMs, closed.signal).then(() => {
      if (!closed.signal.aborted) for (const server of servers) server.closeAllConnections();
    });
    done();
  });
  const calls = createCalls({ ...options, expandable: expandables(options.resources) });
  for (const operation of operations.filter(({ upload }) => upload === undefined))
    addCallRoute(app, parts, operation, calls.ofOperation(operation));
  for (const procedure of options.procedures ?? []) addCallRoute(app, parts, procedure, calls.ofProcedure(procedure));
  // A separate scope: no other route reads these types, or bodies this large.
  app.register((scope, _, done) => {
    addUploadParser(scope, limits.uploadBodyBytes);
    for (const operation of uploads) addCallRoute(scope, parts, operation, calls.ofOperation(operation));
    done();
  });
  if (operations.length > 0) addDescription(app, [...operations, ...(options.procedures ?? [])], limits);
  options.extraRoutes?.(app);
  return {
    app,
    listen: (host, port) => listen(app, nodeServer, host, port),
    async listenLocally(path) {
      locals.push(await listenLocally(app, (handler) => serverOf(handler, true), path));
    },
  };
}

function createApp(
  parts: Parts,
  limits: Limits,
  newRequestId: () => string,
  serverFactory: (handler: RequestListener) => ReturnType<typeof createNodeServer>,
): FastifyInstance {
  const app = Fastify({
    logger: false,
    schemaController: NO_SCHEMAS,
    genReqId: newRequestId,
    bodyLimit: limits.requestBodyBytes,
    serverFactory,
    // The Node.js server has its own.
    clientErrorHandler: () => undefined,
    exposeHeadRoutes: false,
    // Fastify's own answer during shutdown does not use our envelope.
    return503OnClosing: false,
    routerOptions: {
      maxParamLength: limits.pathParameterChars,
      querystringParser: (text) => ({ text }),
    },
    frameworkErrors: (error, request, reply) => {
      // No hook runs for a path that cannot be routed.
      reply.raw.once("finish", () => writeLine(parts, request as ServerRequest, reply as FastifyReply));
      const refusal = parts.admission.refusalFor(request as ServerRequest);
      parts.replies.sendError(refusal ?? error, request as ServerRequest, reply as FastifyReply);
    },
  });
  // The official CLI sends the content type of a form with every GET.
  app.addHttpMethod("GET", { hasBody: true, overrideExisting: true });
  addBodyParsers(app);
  return app;
}

/** What happens to every request before and after its route. */
function addHooks(app: FastifyInstance, parts: Parts): void {
  const { admission, replies, connections, paths, stopping } = parts;
  let closing = false;
  app.addHook("onRoute", ({ url }) => paths.learn(url));
  app.addHook("preClose", (done) => {
    closing = true;
    done();
  });
  if (parts.around !== undefined) app.addHook("onRequest", parts.around);
  app.addHook("onRequest", (request, reply, done) => {
    reply.header(HEADERS.requestId, request.id);
    if (closing || stopping?.aborted === true) {
      reply.header("connection", "close");
      done(apiError("server_stopping"));
      return;
    }
    const refusal = admission.refusalFor(request);
    if (refusal !== null) {
      done(refusal);
      return;
    }
    // An empty body has no parameters, whatever its content type.
    const { headers } = request;
    if (headers["transfer-encoding"] === undefined && (headers["content-length"] ?? "0") === "0") delete headers["content-type"];
    done();
  });
  app.addHook("preHandler", (request: ServerRequest, _, done) => {
    request[WORK] = connections.begin(request.socket);
    done();
  });
  app.addHook("onSend", (request: ServerRequest, _reply, payload, done) => {
    request[WORK]?.done();
    connections.waitForTaking(request.socket);
    done(null, payload);
  });
  app.addHook("onResponse", (request, reply, done) => {
    (request as ServerRequest)[WORK]?.done();
    writeLine(parts, request, reply);
    done();
  });
  app.setErrorHandler((error, request, reply) => replies.sendError(error, request, reply));
  app.setNotFoundHandler((request, reply) => replies.sendError(notRecognized(request), request, reply));
}

/** Whether a request uploads a file to one of these operations. */
function isUploadTo(uploads: readonly Operation[]): (request: ServerRequest) => boolean {
  return ({ method, headers, routeOptions }) => {
    const taken = uploads.some((operation) => operation.method === method && operation.path === routeOptions.url);
    return taken && /^multipart\/form-data/i.test(headers["content-type"] ?? "");
  };
}

/** Writes the log line of a request. Probes come every second, so they are not logged. */
function writeLine({ log, paths, onAnswered }: Parts, request: ServerRequest, reply: FastifyReply): void {
  // Fastify creates a new `routeOptions` each time.
  const { url } = request.routeOptions;
  if (PROBES.has(url ?? "")) return;
  const answered = answeredRequest(request, reply, { path: paths.show(pathOf(request), url), route: url ?? null });
  const line = {
    requestId: answered.id,
    method: answered.method,
    path: answered.path,
    status: answered.status,
    ms: answered.durationMs,
    account: answered.account ?? undefined,
    error: answered.error ?? undefined,
    replayOf: answered.replayOf ?? undefined,
  };
  logRequest(log, line, answered.fromPage);
  onAnswered?.(answered);
}

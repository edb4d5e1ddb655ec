import { apiError, HEADERS } from "@carabiner/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import type { Call } from "../api/call.ts";
import type { ClientAddresses } from "../api/client-address.ts";
import type { SessionCredential } from "../api/session-credential.ts";
import type { Limits } from "../limits.ts";
import { clientAddress, type RequestAdmission } from "./admission.ts";
import { notRecognized, tooLongForAnId } from "./as-api-error.ts";
import type { RequestBody } from "./body-parsers.ts";
import type { Replies } from "./replies.ts";
import { type CallRoute, FROM_PAGE, type ServerRequest, single } from "./request-state.ts";
import { callOf } from "./route-of.ts";
import { createRouteTable } from "./route-table.ts";
import { pathOf, type ShownPath } from "./shown-path.ts";

/** Finds the session of a request from the dashboard's page. */
export interface PageSessions {
  /** Null for a request from elsewhere. Throws an `ApiError` for one that pretends to be from the page. */
  of(request: FastifyRequest): SessionCredential | null;
  /** Resolves when it is recorded that a request which may change something was made in a session of an operator. */
  changing(session: SessionCredential, request: FastifyRequest): Promise<void>;
  /** The session was found to be open. */
  used(session: SessionCredential, request: FastifyRequest): void;
}

/** What answers calls. */
interface Answering {
  limits: Pick<Limits, "pathParameterChars">;
  clients: ClientAddresses;
  admission: RequestAdmission;
  replies: Replies;
  sessions?: PageSessions;
  paths: Pick<ShownPath, "learn">;
}

/** The route of a call that is made ready when it is first called: few calls of a server ever are. */
export function callRoute({ method, path }: Pick<CallRoute, "method" | "path">, make: () => Call): CallRoute {
  let made: Call | null = null;
  return { method, path, call: () => (made ??= make()) };
}

/**
 * Adds calls: one route of Fastify's for each beginning of their paths, such as `/v1/*`, and a table behind it. Fastify
 * takes a tenth of a start to make hundreds of routes.
 */
export function addCalls(app: FastifyInstance, answering: Answering, routes: readonly CallRoute[]): void {
  const table = createRouteTable<CallRoute>();
  const beginnings = new Map<string, Set<HTTPMethods>>();
  for (const route of routes) {
    table.add(route);
    answering.paths.learn(route.path);
    const [, first = ""] = route.path.split("/", 2);
    beginnings.set(first, (beginnings.get(first) ?? new Set()).add(route.method));
  }
  const { keyHook } = answering.admission;
  for (const [first, methods] of beginnings)
    app.route({
      method: [...methods],
      url: `/${first}/*`,
      config: { calls: table },
      // Before the body is read.
      ...(keyHook === undefined
        ? {}
        : {
            onRequest: (request, reply, done) => {
              if (callOf(request) === null) done();
              else keyHook(request, reply, done);
            },
          }),
      handler: (request, reply) => {
        const found = callOf(request);
        if (found === null) throw notRecognized(request);
        return answer(answering, found.route, found.named, request, reply);
      },
    });
}

/** Adds a call that takes a file, in the scope whose bodies may be large. */
export function addUpload(scope: FastifyInstance, answering: Answering, route: CallRoute): void {
  const { keyHook } = answering.admission;
  scope.route({
    method: route.method,
    url: route.path,
    ...(keyHook === undefined ? {} : { onRequest: keyHook }),
    handler: (request, reply) => answer(answering, route, request.params as Record<string, string>, request, reply),
  });
}

/** Makes a call, and sends its answer. */
async function answer(
  { limits, clients, admission, replies, sessions }: Answering,
  { method, call }: CallRoute,
  named: Readonly<Record<string, string>>,
  request: ServerRequest,
  reply: FastifyReply,
): Promise<void> {
  const { headers } = request;
  for (const id of Object.values(named)) {
    // A path that ends in a slash has an empty id. Its sender meant neither the list nor an object.
    if (id === "") throw notRecognized(request);
    if (id.length > limits.pathParameterChars) throw tooLongForAnId(request);
    // No id has this character, and PostgreSQL fails to look for it.
    if (id.includes("\0")) throw apiError("request_malformed", { reason: "its path holds a NUL character" });
  }
  const session = sessions?.of(request) ?? null;
  if (session !== null) request[FROM_PAGE] = true;
  if (session !== null && method !== "GET") await sessions?.changing(session, request);
  const answered = await call()({
    id: request.id,
    path: pathOf(request),
    named,
    query: (request.query as { text: string }).text,
    body: (request.body as RequestBody | null | undefined) ?? null,
    authorization: headers.authorization,
    ...(session === null ? {} : { session }),
    stripeAccount: actingFor(single(headers[HEADERS.account]), single(headers[HEADERS.context])),
    stripeVersion: single(headers[HEADERS.version]),
    idempotencyKey: single(headers[HEADERS.idempotencyKey]),
    clientIp: clientAddress(clients, request),
  });
  if (answered.account !== null) admission.proveKey(request);
  if (answered.account !== null && session !== null) sessions?.used(session, request);
  replies.sendAnswer(answered, request, reply);
}

/**
 * The account that either header names. Two that differ are joined, like a repeated header: no account has such a name.
 */
const actingFor = (account: string | undefined, context: string | undefined): string | undefined =>
  account === undefined || context === undefined || account === context ? (account ?? context) : `${account}, ${context}`;

import { apiError, HEADERS } from "@carabiner/protocol";
import type { FastifyInstance, FastifyReply, HTTPMethods } from "fastify";
import type { ApiAnswer, ApiRequest, Call } from "../api/call.ts";
import type { ClientAddresses } from "../api/client-address.ts";
import type { SessionCredential } from "../api/session-credential.ts";
import type { WritingGet } from "../operations/operation.ts";
import { clientAddress, type RequestAdmission } from "./admission.ts";
import { notRecognized } from "./as-api-error.ts";
import type { RequestBody } from "./body-parsers.ts";
import type { PageSessions } from "./page-sessions.ts";
import type { Replies } from "./replies.ts";
import { FROM_PAGE, type ServerRequest, single } from "./request-state.ts";
import { pathOf } from "./shown-path.ts";

/** What the routes of one server share. */
export interface CallRouteParts {
  admission: RequestAdmission;
  replies: Replies;
  clients: ClientAddresses;
  /** The sessions of the dashboard's page, if it has one. */
  sessions?: PageSessions;
}

/** Adds the route of a call. */
export function addCallRoute(
  scope: FastifyInstance,
  { admission, replies, clients, sessions }: CallRouteParts,
  { method, path, writes }: { method: HTTPMethods; path: string; writes?: WritingGet },
  call: Call,
): void {
  const hasIds = path.includes("/:");

  function finish(answer: ApiAnswer, request: ServerRequest, reply: FastifyReply): void {
    try {
      if (answer.account !== null) admission.proveKey(request);
      replies.sendAnswer(answer, request, reply);
    } catch (failure) {
      reply.send(failure);
    }
  }

  async function answerPage(
    session: SessionCredential,
    named: Readonly<Record<string, string>>,
    request: ServerRequest,
    reply: FastifyReply,
  ): Promise<void> {
    request[FROM_PAGE] = true;
    if (method !== "GET" || writes?.when(named) === true) await sessions?.changing(session, request);
    const answer = await call({ ...apiRequest(clients, named, request), session });
    if (answer.account !== null) sessions?.used(session, request);
    finish(answer, request, reply);
  }

  scope.route({
    method,
    url: path,
    // This happens before the body is read.
    ...(admission.keyHook === undefined ? {} : { onRequest: admission.keyHook }),
    handler(request: ServerRequest, reply) {
      const named = request.params as Record<string, string>;
      if (hasIds) refuseIds(named, request);
      const session = sessions?.of(request) ?? null;
      if (session !== null) return answerPage(session, named, request, reply);
      // Returns no promise: Fastify would wait for it only to find that the request is answered.
      call(apiRequest(clients, named, request)).then(
        (answer) => finish(answer, request, reply),
        (failure: unknown) => reply.send(failure),
      );
      return undefined;
    },
  });
}

/** Throws for an id in a path that no object can have. */
function refuseIds(named: Readonly<Record<string, string>>, request: ServerRequest): void {
  for (const id of Object.values(named)) {
    // A path that ends in a slash has an empty id. Its sender meant neither the list nor an object.
    if (id === "") throw notRecognized(request);
    // No id has this character, and PostgreSQL fails to look for it.
    if (id.includes("\0")) throw apiError("request_malformed", { reason: "its path holds a NUL character" });
  }
}

function apiRequest(clients: ClientAddresses, named: Readonly<Record<string, string>>, request: ServerRequest): ApiRequest {
  const { headers } = request.raw;
  return {
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
    connection: request.raw.socket,
  };
}

/**
 * The account that either header names. Two different values are joined, like a repeated header: no account has the
 * resulting name.
 */
const actingFor = (account: string | undefined, context: string | undefined): string | undefined =>
  account === undefined || context === undefined || account === context ? (account ?? context) : `${account}, ${context}`;

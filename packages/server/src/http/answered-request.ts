import { HEADERS } from "@carabiner/protocol";
import type { FastifyReply } from "fastify";
import type { RequestBody } from "./body-parsers.ts";
import { FROM_PAGE, type RequestSummary, type ServerRequest, SUMMARY, single } from "./request-state.ts";
import { pathOf } from "./shown-path.ts";

/** An answered request, with everything that may be remembered of it. The reader decides what to keep. */
export interface AnsweredRequest extends Pick<RequestSummary, "account" | "caller" | "error" | "replayOf"> {
  id: string;
  method: string;
  /** The route pattern. Without a route, the parts that may be shown; see `shown-path.ts`. */
  path: string;
  /** Its route; null when it matched none. */
  route: string | null;
  status: number;
  /** From the first byte of the request to the last of the answer. */
  durationMs: number;
  idempotencyKey: string | null;
  /** Whether the dashboard's page made it. */
  fromPage: boolean;
  /** The path without its query, the query and the body, as the client sent them. */
  sent: { path: string; query: string; body: RequestBody | null };
  /** The answer's body; null when none was sent. */
  answerBody: string | null;
}

/** What is known of a request once it is answered. */
export function answeredRequest(
  request: ServerRequest,
  reply: FastifyReply,
  { path, route }: Pick<AnsweredRequest, "path" | "route">,
): AnsweredRequest {
  const summary = request[SUMMARY];
  return {
    id: request.id,
    method: request.method,
    path,
    route,
    status: reply.raw.statusCode,
    durationMs: Math.round(reply.elapsedTime * 100) / 100,
    account: summary?.account ?? null,
    caller: summary?.caller ?? null,
    error: summary?.error ?? null,
    answerBody: summary?.answerBody ?? null,
    replayOf: summary?.replayOf ?? null,
    idempotencyKey: single(request.headers[HEADERS.idempotencyKey]) ?? null,
    fromPage: request[FROM_PAGE] === true,
    sent: {
      path: pathOf(request),
      query: (request.query as { text?: string } | undefined)?.text ?? "",
      body: (request.body as RequestBody | undefined) ?? null,
    },
  };
}

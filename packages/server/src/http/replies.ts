import { Buffer } from "node:buffer";
import { HEADERS } from "@carabiner/protocol";
import type { FastifyReply } from "fastify";
import type { ApiAnswer } from "../api/call.ts";
import { type ErrorAnswer, errorAnswer } from "../api/error-answer.ts";
import type { Limits } from "../limits.ts";
import { asApiError } from "./as-api-error.ts";
import { isForPerson, sendFailure } from "./failure-page.ts";
import { type Log, logFailure } from "./request-log.ts";
import { type ServerRequest, SUMMARY, single, WORK } from "./request-state.ts";
import { pathOf } from "./shown-path.ts";
import type { Connections } from "./watch-connections.ts";

/** Headers of a request that its answer repeats. */
const ECHOED = [HEADERS.account, HEADERS.idempotencyKey] as const;

export interface RepliesOptions {
  limits: Limits;
  log: Log;
  connections: Connections;
  /** Once it aborts, each answer ends its connection: a kept-alive connection would delay the server's shutdown. */
  stopping: AbortSignal | null;
  /** Whether a request may upload a file, and so be larger than others. */
  isUpload(request: ServerRequest): boolean;
}

/** Sends the answers of the API. */
export interface Replies {
  sendAnswer(answer: ApiAnswer, request: ServerRequest, reply: FastifyReply): void;
  /** Answers a request that never became a call: an unknown URL, an unreadable body, a route's own error. */
  sendError(thrown: unknown, request: ServerRequest, reply: FastifyReply): void;
}

export function createReplies({ limits, log, connections, stopping, isUpload }: RepliesOptions): Replies {
  /**
   * Sends an answer of the API past Fastify, head and body in one write. Fastify would add a charset to the content
   * type, which Stripe's answers do not have, and would check the headers again one by one.
   */
  function write(request: ServerRequest, reply: FastifyReply, status: number, headers: string[], body: string): void {
    const sent = request.raw.headers;
    for (const name of ECHOED) {
      const given = single(sent[name]);
      if (given !== undefined && given.length <= limits.idempotencyKeyChars) headers.push(name, given);
    }
    headers.push("content-type", "application/json", "content-length", String(Buffer.byteLength(body)));
    reply.hijack();
    if (stopping?.aborted === true) reply.raw.shouldKeepAlive = false;
    reply.raw.writeHead(status, headers);
    reply.raw.end(body);
    request[WORK]?.done();
    // Usually the network has accepted all of it.
    if (request.socket.writableLength > 0) connections.waitForTaking(request.socket);
  }

  return {
    sendAnswer(answer, request, reply) {
      if (answer.cause !== null) logFailure(log, request.id, answer.cause);
      const { account, caller, error, body: answerBody } = answer;
      request[SUMMARY] = { account, caller, error, answerBody, replayOf: answer.replayed ? answer.requestId : null };
      const headers = [HEADERS.requestId, answer.requestId];
      if (answer.replayed) headers.push(HEADERS.idempotentReplayed, "true");
      if (answer.apiVersion !== null) headers.push(HEADERS.version, answer.apiVersion);
      sayWhenToRetry(answer, headers);
      write(request, reply, answer.status, headers, answer.body);
    },
    sendError(thrown, request, reply) {
      const answer = errorAnswer(
        asApiError(thrown, request, isUpload(request) ? limits.uploadBodyBytes : limits.requestBodyBytes),
        pathOf(request),
      );
      if (answer.cause !== null) logFailure(log, request.id, answer.cause);
      request[SUMMARY] = { account: null, caller: null, error: answer.error, answerBody: answer.body, replayOf: null };
      if (reply.raw.headersSent) {
        // Half an answer is sent. Only closing the connection can still show that it is incomplete.
        reply.raw.destroy();
        return;
      }
      const headers = [HEADERS.requestId, request.id];
      sayWhenToRetry(answer, headers);
      if (isForPerson(request)) {
        for (let at = 0; at < headers.length; at += 2) reply.header(headers[at] ?? "", headers[at + 1]);
        sendFailure(reply, request, answer, limits.failedPageReloadMs);
        return;
      }
      // Otherwise the part of a body that Fastify leaves unread would be read as the next request.
      if (reply.getHeader("connection") === "close") headers.push("connection", "close");
      write(request, reply, answer.status, headers, answer.body);
    },
  };
}

function sayWhenToRetry(
  { shouldRetry, retryAfterSeconds }: Pick<ErrorAnswer, "shouldRetry" | "retryAfterSeconds">,
  headers: string[],
): void {
  if (shouldRetry !== null) headers.push(HEADERS.shouldRetry, String(shouldRetry));
  if (retryAfterSeconds !== null) headers.push(HEADERS.retryAfter, String(retryAfterSeconds));
}

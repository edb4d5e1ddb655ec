import type { FastifyInstance, FastifyRequest } from "fastify";
import { keyOf } from "../api/authenticate.ts";
import { errorAnswer } from "../api/error-answer.ts";
import { isEncrypted } from "../api/is-encrypted.ts";
import type { RateLimits } from "../api/rate-limits.ts";
import { type OperatorOptions, readyKeyedOperatorCall } from "../api/run-operator-call.ts";
import type { OperatorCall } from "../operations/operator-call.ts";
import type { OperatorRow } from "../store/contract/rows.ts";
import type { RequestBody } from "./body-parsers.ts";
import { type Log, logFailure } from "./request-log.ts";
import { type ServerRequest, SUMMARY } from "./request-state.ts";
import { pathOf } from "./shown-path.ts";

export interface OperatorRoutesOptions extends OperatorOptions {
  calls: readonly OperatorCall[];
  log: Log;
  rates: RateLimits;
  /** The machine's clock, which the rate limits use. */
  wallNow(): number;
  clientAddress(request: FastifyRequest): string | null;
  onOperator(operator: OperatorRow, now: number): void;
}

/**
 * Adds the operator's calls to the API's server. They need an operator key, which is accepted only over TLS or from
 * this machine: an operator key reaches every platform, and others may have read a key that was sent in the clear.
 */
export function addOperatorRoutes(app: FastifyInstance, options: OperatorRoutesOptions): void {
  const { calls, log, rates, wallNow, clientAddress, onOperator } = options;
  for (const call of calls) {
    const run = readyKeyedOperatorCall(call, options, onOperator);
    app.route({
      method: call.method,
      url: call.path,
      async handler(request, reply) {
        const address = clientAddress(request);
        const key = keyGiven(request);
        const unproved = key !== undefined && rates.admitKey(key, address, wallNow());
        const answer = await run({
          id: request.id,
          path: pathOf(request),
          named: request.params as Record<string, string>,
          query: (request.query as { text: string }).text,
          body: (request.body as RequestBody | null | undefined) ?? null,
          key,
          secure: isEncrypted(request),
          from: address,
        });
        if (unproved && answer.status !== 401) rates.proveKey(key, address, wallNow());
        if (answer.cause !== null) logFailure(log, request.id, answer.cause);
        (request as ServerRequest)[SUMMARY] = { account: null, caller: null, error: answer.error, answerBody: answer.body, replayOf: null };
        return reply.code(answer.status).headers({ "content-type": "application/json", "cache-control": "no-store" }).send(answer.body);
      },
    });
  }
}

/** The key of a request; undefined when the request has no readable key. */
function keyGiven({ headers: { authorization } }: FastifyRequest): string | undefined {
  try {
    return keyOf(authorization);
  } catch (thrown) {
    if (errorAnswer(thrown).cause !== null) throw thrown;
    return undefined;
  }
}

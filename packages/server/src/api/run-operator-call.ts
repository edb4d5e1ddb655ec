import type { OperatorCall, OperatorContext } from "../operations/operator-call.ts";
import type { ApiRequest } from "./call.ts";
import { compileParams } from "./decode-params.ts";
import { type ErrorAnswer, errorAnswer } from "./error-answer.ts";
import { readRequest } from "./read-request.ts";
import { renderBody } from "./render-body.ts";

/** The dependencies of the operator's calls. */
export interface OperatorOptions extends Omit<OperatorContext, "now"> {
  clock: { now(): number };
}

/** A request of the operator. It has no API key. */
export type OperatorRequest = Pick<ApiRequest, "id" | "path" | "named" | "query" | "body">;

/** The answer, and what the log should say about it. */
export type OperatorAnswer = Pick<ErrorAnswer, "status" | "body" | "cause"> & { error: string | null };

/** Makes a call of the operator ready to run. It never rejects: every failure becomes an answer. */
export function readyOperatorCall(
  call: OperatorCall,
  { clock, ...options }: OperatorOptions,
): (request: OperatorRequest) => Promise<OperatorAnswer> {
  const decodeParams = compileParams(call.params, options.limits);
  const unsaid = {
    authorization: undefined,
    stripeAccount: undefined,
    stripeVersion: undefined,
    idempotencyKey: undefined,
    clientIp: null,
  };

  return async (request) => {
    try {
      const content = await readRequest(call, { ...request, ...unsaid }, decodeParams, options.limits);
      if ("refusal" in content) throw content.refusal;
      const body = await call.run({ ...options, now: clock.now() }, content.params, request.named);
      return { status: 200, body: renderBody(body), error: null, cause: null };
    } catch (thrown) {
      return errorAnswer(thrown);
    }
  };
}

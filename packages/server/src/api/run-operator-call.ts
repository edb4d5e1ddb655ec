import { apiError } from "@carabiner/protocol";
import type { OperatorCall, OperatorContext } from "../operations/operator-call.ts";
import { operatorOfKey } from "../resources/platforms/manage-operators.ts";
import { onBehalfOf } from "../store/contract/on-behalf-of.ts";
import type { OperatorRow } from "../store/contract/rows.ts";
import type { ApiRequest } from "./call.ts";
import { compileParams } from "./decode-params.ts";
import { type ErrorAnswer, errorAnswer } from "./error-answer.ts";
import { readRequest } from "./read-request.ts";
import { renderBody } from "./render-body.ts";

/** The dependencies of the operator's calls. */
export interface OperatorOptions extends Omit<OperatorContext, "now" | "by" | "from"> {
  clock: { now(): number };
}

/** A request of the operator. It needs no API key. */
export type OperatorRequest = Pick<ApiRequest, "id" | "path" | "named" | "query" | "body"> & Pick<OperatorContext, "by" | "from">;

/** A request of an operator over HTTP. */
export interface KeyedRequest extends Omit<OperatorRequest, "by"> {
  /** The operator's key; undefined when the request has no key. */
  key: string | undefined;
  /** Whether it arrived encrypted, or from this machine. */
  secure: boolean;
}

/** The answer, and what the log should say about it. */
export type OperatorAnswer = ErrorAnswer | (Pick<ErrorAnswer, "status" | "body"> & { error: null; cause: null });

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

  return async ({ by, from, ...request }) => {
    try {
      const content = await readRequest(call, { ...request, ...unsaid }, decodeParams, options.limits);
      if ("refusal" in content) throw content.refusal;
      const context = { ...options, store: onBehalfOf(options.store, by), by, from, now: clock.now() };
      const body = await call.run(context, content.params, request.named);
      return { status: 200, body: renderBody(body), error: null, cause: null };
    } catch (thrown) {
      return errorAnswer(thrown);
    }
  };
}

/**
 * The same for requests with an operator key. It refuses these before reading them: a request without a valid key, an
 * unencrypted one, a change with a read-only key, and a call that only works on the server's machine. `onOperator`
 * receives the operator of each request whose key is valid.
 */
export function readyKeyedOperatorCall(
  call: OperatorCall,
  options: OperatorOptions,
  onOperator: (operator: OperatorRow, now: number) => void,
): (request: KeyedRequest) => Promise<OperatorAnswer> {
  const run = readyOperatorCall(call, options);
  return async ({ key, secure, ...request }) => {
    try {
      if (key === undefined) throw apiError("operator_key_missing");
      if (!secure) throw apiError("operator_not_encrypted");
      const now = options.clock.now();
      const operator = await options.store.read((reads) => operatorOfKey(reads, key, now), key);
      onOperator(operator, now);
      if (call.localOnly === true) throw apiError("operator_local_only");
      if (operator.readOnly && call.method !== "GET") throw apiError("operator_read_only", { key: operator.hint });
      return await run({ ...request, by: operator.hint });
    } catch (thrown) {
      return errorAnswer(thrown);
    }
  };
}

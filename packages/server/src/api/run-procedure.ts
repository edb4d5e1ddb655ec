import type { ApiVersion } from "@carabiner/protocol";
import type { Procedure } from "../operations/operation.ts";
import { defaultVersion } from "./api-version.ts";
import { type Authentication, authenticate, callerOf, credentialOf, turnOf } from "./authenticate.ts";
import type { ApiOptions, Call } from "./call.ts";
import { compileParams } from "./decode-params.ts";
import { errorAnswer } from "./error-answer.ts";
import { readRequest } from "./read-request.ts";
import { refuseActing } from "./refuse-acting.ts";
import { renderBody } from "./render-body.ts";

/**
 * The call of a procedure: authenticate, read, check, perform, render. A procedure runs outside a transaction,
 * and its answer is not kept for an idempotency key.
 */
export function procedureCall(procedure: Procedure, { store, clock, ids, limits, settings, onKeyUsed }: ApiOptions): Call {
  const decodeParams = compileParams(procedure.params, limits);

  return async (request) => {
    const now = clock.now();
    let apiVersion: ApiVersion | null = null;
    let authentication: Authentication | null = null;
    const told = { requestId: request.id, replayed: false };
    try {
      const key = credentialOf(request);
      authentication = await store.read(
        (reads) => authenticate(reads, { key, stripeAccount: request.stripeAccount, now, call: procedure }),
        turnOf(key),
      );
      if (authentication.operator === undefined) onKeyUsed?.(authentication.keyHash, now);
      refuseActing(procedure, authentication);
      const content = await readRequest(procedure, request, decodeParams, limits);
      if ("refusal" in content) throw content.refusal;
      apiVersion = content.apiVersion ?? defaultVersion(authentication.caller.apiVersion);
      const context = {
        ...authentication,
        now,
        apiVersion,
        request: { id: request.id, idempotencyKey: content.idempotencyKey },
        byOperator: authentication.operator !== undefined,
        clientIp: request.clientIp,
        upload: null,
        ids,
        limits,
        settings,
      };
      const body = renderBody(await procedure.perform(context, content.params, request.named));
      const ok = { status: 200, body, shouldRetry: null, retryAfterSeconds: null, error: null, cause: null };
      return { ...told, ...ok, apiVersion, account: authentication.account.id, caller: callerOf(authentication) };
    } catch (thrown) {
      const account = authentication?.account.id ?? null;
      return { ...told, ...errorAnswer(thrown), apiVersion, account, caller: callerOf(authentication) };
    }
  };
}

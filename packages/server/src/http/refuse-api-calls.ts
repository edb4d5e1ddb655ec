import { apiError } from "@carabiner/protocol";
import type { FastifyInstance } from "fastify";
import { PATH_CHARS_SHOWN } from "./as-api-error.ts";
import { pathOf } from "./shown-path.ts";

/**
 * Refuses every request without a route with `api_role_missing`, on a server that answers only probes. Without it the
 * refusal would say that Carabiner does not have the call.
 */
export function refuseApiCalls(app: FastifyInstance): void {
  app.addHook("onRequest", (request, _, done) => {
    if (!request.is404) done();
    else done(apiError("api_role_missing", { method: request.method, path: pathOf(request).slice(0, PATH_CHARS_SHOWN) }));
  });
}

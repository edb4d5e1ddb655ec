import { ApiError, OAuthError } from "@carabiner/protocol";
import type { FastifyInstance } from "fastify";
import { RateLimited } from "../api/rate-limits.ts";
import { expressRoutes } from "./express/express-routes.ts";
import { consentRoutes } from "./oauth/consent-routes.ts";
import { tokenRoutes } from "./oauth/token-routes.ts";
import type { PageContext, PageRoute } from "./page-context.ts";
import { setupRoutes } from "./setup/setup-routes.ts";

/** Everything that people and OAuth clients ask for, beside the API. */
export const pageRoutes: readonly PageRoute[] = [...consentRoutes, ...tokenRoutes, ...setupRoutes, ...expressRoutes];

/** Adds the pages to a server. */
export function addPages(app: FastifyInstance, context: PageContext): void {
  for (const { method, path, handle } of pageRoutes)
    app.route({
      method,
      url: path,
      async handler(request, reply) {
        try {
          return await handle(context, request, reply);
        } catch (thrown) {
          if (thrown instanceof RateLimited) throw thrown;
          const refusal = thrown instanceof ApiError ? new OAuthError("form_malformed", { reason: thrown.message }) : thrown;
          if (!(refusal instanceof OAuthError)) throw thrown;
          const body = JSON.stringify(refusal.toBody());
          return reply
            .code(refusal.status)
            .headers({ "content-type": "application/json", "cache-control": "no-store" })
            .send(Buffer.from(body));
        }
      },
    });
}

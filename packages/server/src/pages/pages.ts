import { ApiError, OAuthError } from "@carabiner/protocol";
import type { FastifyInstance, FastifyReply } from "fastify";
import { turnOfAddress } from "../api/authenticate.ts";
import { RateLimited } from "../api/rate-limits.ts";
import { onBehalfOf } from "../store/contract/on-behalf-of.ts";
import { checkoutRoutes } from "./checkout/checkout-routes.ts";
import { expressRoutes } from "./express/express-routes.ts";
import { consentRoutes } from "./oauth/consent-routes.ts";
import { tokenRoutes } from "./oauth/token-routes.ts";
import { isFromOwnPage } from "./own-origin.ts";
import type { PageContext, PageRoute } from "./page-context.ts";
import { sendProblem } from "./send-page.ts";
import { setupRoutes } from "./setup/setup-routes.ts";

/** All routes for people and OAuth clients, in addition to the API. */
export const pageRoutes: readonly PageRoute[] = [...consentRoutes, ...tokenRoutes, ...setupRoutes, ...expressRoutes, ...checkoutRoutes];

/** Adds the pages to a server. */
export function addPages(app: FastifyInstance, context: PageContext): void {
  for (const { method, path, byServers, handle } of pageRoutes)
    app.route({
      method,
      url: path,
      async handler(request, reply) {
        const { origin, "sec-fetch-site": fetchSite } = request.headers;
        if (method === "POST" && byServers !== true && !isFromOwnPage({ origin, fetchSite: fetchSite }, context.settings.publicUrl()))
          return sendForeign(reply, context);
        try {
          return await handle(
            { ...context, store: onBehalfOf(context.store, turnOfAddress(context.clientAddress(request))) },
            request,
            reply,
          );
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

function sendForeign(reply: FastifyReply, { settings }: PageContext): FastifyReply {
  return sendProblem(
    reply,
    403,
    "This form was sent from another site",
    `Nothing was changed. This server accepts forms only from its own pages, at ${new URL(settings.publicUrl()).origin}. If your browser shows another address, the operator of this server must set its public URL.`,
  );
}

import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { seconds } from "../../operations/time-range.ts";
import type { EndpointRow, JsonObject } from "../../store/contract/rows.ts";

/**
 * The WebhookEndpoint object without its secret, which only the response to its creation contains. `applicationId` is
 * the owner's, which Connect endpoints show.
 */
export function renderWebhookEndpoint(row: EndpointRow, applicationId: string | null): JsonObject {
  return asJson({
    id: row.id,
    object: "webhook_endpoint",
    api_version: row.apiVersion,
    application: row.connect ? applicationId : null,
    created: seconds(row.created),
    description: row.description,
    enabled_events: row.enabledEvents,
    livemode: row.livemode,
    metadata: row.metadata,
    status: row.status,
    url: row.url,
  } satisfies Stripe.WebhookEndpoint);
}

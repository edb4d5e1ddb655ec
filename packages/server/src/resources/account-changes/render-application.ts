import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import type { ApplicationRow, JsonObject } from "../../store/contract/rows.ts";

/**
 * A platform's application, as `account.application.*` events show it. Source: https://docs.stripe.com/api/events/types
 */
export function renderApplication({ id, name }: ApplicationRow): JsonObject {
  return asJson({ id, object: "application", name } satisfies Stripe.Application);
}

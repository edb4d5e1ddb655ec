import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { expander } from "../../operations/expandable.ts";
import { expanderOf } from "../../operations/object-kind.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { EXTERNAL_ACCOUNT_KIND } from "../connected-account/rendering/external-account-kind.ts";

const expandExternalAccount = expanderOf(EXTERNAL_ACCOUNT_KIND);

/**
 * Loads payouts' destinations, as deleted when they no longer exist.
 * Source: https://docs.stripe.com/api/payouts/object#payout_object-destination
 */
export const expandDestination = expander(["bank_account", "card"], async (context, ids) => {
  const found = await expandExternalAccount(context, ids);
  return new Map(ids.map((id) => [id, found.get(id) ?? deleted(id)]));
});

function deleted(id: string): JsonObject {
  const object = id.startsWith("card_") ? "card" : "bank_account";
  return asJson({ id, object, deleted: true } satisfies Stripe.DeletedExternalAccount);
}

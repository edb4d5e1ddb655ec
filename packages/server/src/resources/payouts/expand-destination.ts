import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { expander } from "../../operations/expandable.ts";
import { expanderOf } from "../../operations/object-kind.ts";
import { EXTERNAL_ACCOUNT_KIND } from "../connected-account/rendering/external-account-kind.ts";

const expandExternalAccount = expanderOf(EXTERNAL_ACCOUNT_KIND);

/**
 * Loads a payout's destination, as deleted when it no longer exists.
 * Source: https://docs.stripe.com/api/payouts/object#payout_object-destination
 */
export const expandDestination = expander(["bank_account", "card"], async (context, id) => {
  const object = id.startsWith("card_") ? "card" : "bank_account";
  return (await expandExternalAccount(context, id)) ?? asJson({ id, object, deleted: true } satisfies Stripe.DeletedExternalAccount);
});

import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { findOwn } from "../../operations/object-kind.ts";
import type { OperationContext } from "../../operations/operation.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { CUSTOMER } from "../customer-state/customer-state.ts";
import type { CardTokenKept } from "../customers/payment-methods/card-told.ts";
import { renderSource } from "../customers/payment-methods/render-source.ts";
import { findSource } from "../customers/sources/customer-source.ts";
import type { TokenContent } from "../token-use/token-state.ts";

/**
 * A card token of the connected account that the call acts for, made from a card that the platform's customer has
 * saved: the named card, or the customer's default. Throws `customer_token_needs_account`, `secret_key_required`,
 * `resource_missing`, `customer_without_card` and `customer_source_missing`. Source:
 * https://docs.stripe.com/api/tokens/create_card
 */
export async function customerToken(context: OperationContext, customer: string, card: string | undefined): Promise<TokenContent> {
  const { tx, account, caller, ids, now, keyHash } = context;
  if (account.id === caller.id) throw apiError("customer_token_needs_account", { param: "customer" });
  // A publishable key is public, and the customers of a platform are not.
  if ((await tx.keyByHash(keyHash))?.kind === "publishable") throw apiError("secret_key_required");
  context.checkMay({ method: "GET", path: "/v1/customers/:customer/sources/:id" });
  const platform: OperationContext = { ...context, account: caller };
  const owner = await findOwn(platform, CUSTOMER, customer);
  if (owner === null || owner.data.deleted === true)
    throw apiError("resource_missing", { object: CUSTOMER.name, id: customer, param: "customer" });
  const id = card ?? (owner.data.default_source as string | undefined);
  if (id === undefined) throw apiError("customer_without_card", { param: "card" });
  const source = await findSource(platform, customer, id);
  if (source === null) throw apiError("customer_source_missing", { customer, id, param: "card" });
  const cardId = ids.newId("card", now);
  const { allow_redisplay: _, customer: __, metadata: ___, ...shown } = renderSource(source.row) as unknown as Stripe.Card;
  const kept: CardTokenKept = {
    id: cardId,
    card: source.state.card,
    // The saved data of a card is enough to charge it, but not enough to pay out to it.
    judged: {
      kind: "card",
      country: source.state.card.country,
      currency: "usd",
      shown: asJson(shown),
      payoutOutcome: null,
      payable: false,
      ownership: null,
    },
  };
  return { kept: asJson(kept), shown: { card: tokenCard(cardId, asJson(shown)) } };
}

const tokenCard = (id: string, shown: JsonObject): JsonObject => ({
  ...shown,
  id,
  metadata: {},
  networks: { preferred: null },
  wallet: null,
});

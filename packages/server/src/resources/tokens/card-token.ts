import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { hash } from "../../operations/parameters.ts";
import { renderCardDetails } from "../connected-account/rendering/render-external-account.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { type CardTokenKept, cardOfJudged } from "../customers/payment-methods/card-told.ts";
import { testCardNumbered } from "../customers/payment-methods/test-cards.ts";
import { cardProperties } from "../external-accounts/external-account-parameters.ts";
import { fingerprints } from "../external-accounts/fingerprint.ts";
import { judgeCard } from "../external-accounts/judge-card.ts";
import { tokenKind } from "./token-kind.ts";

/**
 * A card token: `tok_…`. Credit cards are accepted here and refused when used for payouts. Its `card_…` id becomes the
 * card's id.
 * Source: https://docs.stripe.com/api/tokens/create_card
 */
export const cardToken = tokenKind({
  id: "card_token",
  params: coversStripeParams<Stripe.TokenCreateParams.Card>()(hash(cardProperties), ["networks"]),
  async keep({ tx, ids, now, livemode, account }, told) {
    const { country } = readAccountState(account.data);
    const fingerprint = await fingerprints(tx, ids);
    const charged = livemode ? null : testCardNumbered(told.number.replaceAll(/[ -]/g, ""), told, { now, fingerprint });
    const judged = judgeCard(told, { livemode, fingerprint, param: "card", now, country, charged });
    const id = ids.newId("card", now);
    const kept: CardTokenKept = { id, judged, card: charged ?? cardOfJudged(judged) };
    const card = {
      id,
      object: "card",
      country: judged.country,
      currency: judged.currency,
      metadata: {},
      ...renderCardDetails(judged.shown),
      regulated_status: "unregulated",
      networks: { preferred: null },
    } satisfies Stripe.Card;
    // The official types lack `wallet`, which is null for a card that does not come from a wallet.
    return { kept: asJson(kept), shown: asJson({ card: { ...card, wallet: null } }) };
  },
});

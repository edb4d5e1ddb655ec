import type Stripe from "stripe";
import { readAccountState } from "../accounts/account-state.ts";
import { answer } from "../answer.ts";
import { covering } from "../covering.ts";
import { cardProperties } from "../external-accounts/external-account-parameters.ts";
import { fingerprints } from "../external-accounts/fingerprint.ts";
import { judgeCard } from "../external-accounts/judge-card.ts";
import type { TokenKept } from "../external-accounts/judged-external-account.ts";
import { renderCardDetails } from "../external-accounts/render-external-account.ts";
import { hash } from "../parameters.ts";
import { tokenKind } from "./token-kind.ts";

/**
 * A token for a card: `tok_…`. A credit card has one too; it is refused where it would be paid out to. Its `card_…` is the
 * one that the card gets. Source: https://docs.stripe.com/api/tokens/create_card
 */
export const cardToken = tokenKind({
  id: "card_token",
  params: covering<Omit<Stripe.TokenCreateParams.Card, "networks">>()(hash(cardProperties)),
  async keep({ tx, ids, now, livemode, account }, told) {
    const { country } = readAccountState(account.data);
    const judged = judgeCard(told, { livemode, fingerprint: await fingerprints(tx, ids), param: "card", now, country });
    const id = ids.newId("card", now);
    const card = { id, object: "card", country: judged.country, metadata: {}, ...renderCardDetails(judged.shown) } satisfies Stripe.Card;
    return { kept: answer({ id, judged } satisfies TokenKept), shown: answer({ card }) };
  },
});

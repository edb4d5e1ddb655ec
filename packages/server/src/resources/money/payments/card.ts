import type { ApiErrorName } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { Threshold } from "../../connected-account/requirements/thresholds.ts";

/** What is kept of a card: never its number. */
export interface Card {
  brand: string;
  funding: string;
  country: string;
  last4: string;
  expMonth: number;
  expYear: number;
  /** How a charge of it comes out; null when it succeeds. */
  decline: Decline | null;
  /** Its charges are available at once. */
  bypassesPending: boolean;
  /** Its holder has to be asked first. */
  needsAuthentication: boolean;
  /** What a charge of it makes of what is required of the account. */
  threshold: Threshold | null;
}

/** Why a charge is declined. */
export interface Decline {
  error: ApiErrorName & `card_${string}`;
  /** The reason in the caller's words. */
  reason: string;
  /** Source: https://docs.stripe.com/declines/codes */
  declineCode: string | null;
}

/** A payment method: a card with the id by which an answer names it. */
export interface PaymentMethod {
  id: string;
  card: Card;
}

/** What a charge shows of the card. */
export function cardDetails({ card }: PaymentMethod, amount: number): Stripe.Charge.PaymentMethodDetails {
  return {
    card: {
      amount_authorized: amount,
      authorization_code: null,
      brand: card.brand,
      checks: {
        address_line1_check: null,
        address_postal_code_check: null,
        cvc_check: card.decline?.error === "card_cvc_incorrect" ? "fail" : "pass",
      },
      country: card.country,
      electronic_commerce_indicator: null,
      exp_month: card.expMonth,
      exp_year: card.expYear,
      funding: card.funding,
      installments: null,
      last4: card.last4,
      mandate: null,
      network: card.brand,
      network_transaction_id: null,
      regulated_status: "unregulated",
      three_d_secure: null,
      transaction_link_id: null,
      wallet: null,
    },
    type: "card",
  };
}

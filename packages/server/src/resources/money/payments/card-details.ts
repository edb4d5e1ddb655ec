import type Stripe from "stripe";
import type { PaymentMethod } from "../../customers/payment-methods/card.ts";
import { addressChecks, billingShown } from "../../customers/payment-methods/payment-method.ts";

/** The card details that a charge shows. */
export function cardDetails({ card, billing }: PaymentMethod, amount: number): Stripe.Charge.PaymentMethodDetails {
  const { address } = billingShown(billing);
  return {
    card: {
      amount_authorized: amount,
      authorization_code: null,
      brand: card.brand,
      checks: {
        ...addressChecks(card, address),
        cvc_check: card.decline?.error === "card_cvc_incorrect" ? "fail" : "pass",
      },
      country: card.country,
      electronic_commerce_indicator: null,
      exp_month: card.expMonth,
      exp_year: card.expYear,
      extended_authorization: { status: "disabled" },
      fingerprint: card.fingerprint ?? null,
      funding: card.funding,
      incremental_authorization: { status: "unavailable" },
      installments: null,
      last4: card.last4,
      mandate: null,
      multicapture: { status: "unavailable" },
      network: card.brand,
      network_token: { used: false },
      network_transaction_id: null,
      overcapture: { maximum_amount_capturable: amount, status: "unavailable" },
      regulated_status: "unregulated",
      three_d_secure: null,
      transaction_link_id: null,
      wallet: null,
    },
    type: "card",
  };
}

import type Stripe from "stripe";

/** The dispute fee by country, in the currency's smallest unit. Source: https://stripe.com/pricing */
const FEES: Readonly<Record<string, number>> = { aud: 2_500, chf: 2_000, eur: 2_000, gbp: 2_000, hkd: 8_500, jpy: 1_300, nzd: 2_500 };

const FEE_ELSEWHERE = 1_500;

/**
 * The fee of a dispute. It is charged when the dispute withdraws funds, and kept whatever the outcome.
 * Source: https://docs.stripe.com/disputes/how-disputes-work
 */
export function disputeFee(currency: string): number {
  return FEES[currency] ?? FEE_ELSEWHERE;
}

/** The dispute fee as a transaction shows it. */
export function disputeFeeDetail(amount: number, currency: string): Stripe.BalanceTransaction.FeeDetail {
  return { amount, application: null, currency, description: "Dispute fee", type: "stripe_fee" };
}

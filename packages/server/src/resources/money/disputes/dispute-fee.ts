import type Stripe from "stripe";

/** What a dispute costs, in the currency's smallest unit. Source: https://stripe.com/pricing, by country */
const FEES: Readonly<Record<string, number>> = { aud: 2_500, chf: 2_000, eur: 2_000, gbp: 2_000, hkd: 8_500, jpy: 1_300, nzd: 2_500 };

const FEE_ELSEWHERE = 1_500;

/** The fee of a dispute: charged when it takes funds back, and kept whatever comes of it. Source: https://docs.stripe.com/disputes/how-disputes-work */
export function disputeFee(currency: string): number {
  return FEES[currency] ?? FEE_ELSEWHERE;
}

/** That fee on a transaction. */
export function disputeFeeDetail(amount: number, currency: string): Stripe.BalanceTransaction.FeeDetail {
  return { amount, application: null, currency, description: "Dispute fee", type: "stripe_fee" };
}

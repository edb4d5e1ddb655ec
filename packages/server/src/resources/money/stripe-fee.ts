import type Stripe from "stripe";
import { isZeroDecimal } from "../balance/currency.ts";
import { currencyOf } from "../connected-account/state/countries.ts";

/** Parts per ten thousand, plus a fixed amount in the smallest unit of the country's currency. */
type Price = readonly [basisPoints: number, fixed: number];

const US_PRICE: Price = [290, 30];
const EURO_PRICE: Price = [150, 25];

/**
 * The standard price of a domestic card charge by the account's country, with the US price for other countries.
 * Source: https://stripe.com/pricing
 */
const PRICES: Readonly<Record<string, Price>> = {
  AU: [170, 30],
  BR: [399, 39],
  CA: [290, 30],
  CH: [290, 30],
  GB: [150, 20],
  HK: [340, 235],
  IN: [200, 0],
  JP: [360, 0],
  MX: [360, 300],
  MY: [300, 100],
  NZ: [270, 30],
  SG: [340, 50],
  US: US_PRICE,
};

/** Stripe's fee for a charge, in the charge's smallest unit. */
export function stripeFee(amount: number, currency: string, country: string): number {
  const own = currencyOf(country);
  const [basisPoints, fixed] = PRICES[country] ?? (own === "eur" ? EURO_PRICE : US_PRICE);
  // The fixed part is in the country's currency. Other currencies use the same number, since nothing is converted here.
  const besides = currency === own || !isZeroDecimal(currency) ? fixed : 0;
  return Math.min(Math.round((amount * basisPoints) / 10_000) + besides, amount);
}

/** Stripe's fee as a transaction shows it. */
export function stripeFeeDetail(amount: number, currency: string): Stripe.BalanceTransaction.FeeDetail {
  return { amount, application: null, currency, description: "Stripe processing fees", type: "stripe_fee" };
}

/** A platform's fee as a transaction shows it; negative when refunded. */
export function applicationFeeDetail(amount: number, currency: string, application: string): Stripe.BalanceTransaction.FeeDetail {
  return { amount, application, currency, description: amount < 0 ? "application fee refund" : "application fee", type: "application_fee" };
}

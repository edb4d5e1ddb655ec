import { apiError } from "@carabiner/protocol";
import type { Limits } from "../../limits.ts";
import { CURRENCIES, isCurrencyCode } from "../../operations/currency-codes.ts";

/** Currencies whose smallest unit is the currency itself. Source: https://docs.stripe.com/currencies#zero-decimal */
const ZERO_DECIMAL = new Set("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split(" "));

/**
 * The minimum charge amount, in the smallest unit.
 * Source: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
 */
const MINIMUM: Readonly<Record<string, number>> = {
  aed: 200,
  aud: 50,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1_500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17_500,
  inr: 50,
  jpy: 50,
  mxn: 1_000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1_000,
  usd: 50,
};

/** A currency code in lower case. Throws `currency_invalid` for an unknown one. */
export function currencyGiven(given: string, param = "currency"): string {
  const currency = given.toLowerCase();
  if (!isCurrencyCode(currency))
    throw apiError("currency_invalid", { value: currency.slice(0, 40), currencies: CURRENCIES.join(", "), param });
  return currency;
}

/** Whether the currency has no unit smaller than itself. */
export function isZeroDecimal(currency: string): boolean {
  return ZERO_DECIMAL.has(currency);
}

/** Formats an amount with its currency sign for messages: `$0.50`, `¥50`. */
export function amountShown(amount: number, currency: string): string {
  const digits = isZeroDecimal(currency) ? 0 : 2;
  const format = {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  } as const;
  return new Intl.NumberFormat("en-US", format).format(amount / 10 ** digits);
}

/**
 * Throws `integer_below_minimum`, `amount_too_small` or `amount_too_large` for an amount that cannot be charged. The
 * minimum is 1 unless another is documented.
 */
export function checkChargeAmount(amount: number, currency: string, limits: Pick<Limits, "paymentAmountUnits">): void {
  const min = MINIMUM[currency] ?? 1;
  checkAmount(amount, currency, limits);
  if (amount < min) throw apiError("amount_too_small", { min: amountShown(min, currency), currency, param: "amount" });
}

/** The same for money moved between balances, where the minimum is the smallest unit. */
export function checkAmount(amount: number, currency: string, { paymentAmountUnits: max }: Pick<Limits, "paymentAmountUnits">): void {
  if (amount < 1) throw apiError("integer_below_minimum", { min: 1, param: "amount" });
  if (amount > max) throw apiError("amount_too_large", { max: amountShown(max, currency), param: "amount" });
}

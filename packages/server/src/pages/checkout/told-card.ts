import { asJson } from "../../operations/as-json.ts";
import type { CustomerTold, PaidWith } from "../../resources/checkout/pay-session.ts";
import type { CheckoutField, Typed } from "./checkout-page.ts";

/** What is wrong with a field. */
export interface Mistake {
  field: CheckoutField;
  message: string;
}

/** Reads a card and its holder as typed, or returns what is wrong. `now` is in Unix milliseconds. */
export function toldCard(
  { card_number = "", card_expiry = "", card_cvc = "" }: Typed,
  holder: CustomerTold,
  now: number,
): PaidWith | Mistake[] {
  const number = card_number.replace(/[\s-]/g, "");
  const mistakes: Mistake[] = [];
  if (!/^\d{12,19}$/.test(number)) mistakes.push({ field: "card_number", message: "Enter the number on your card." });
  const expiry = expiryOf(card_expiry);
  const ended = expiry !== null && Date.UTC(expiry.year, expiry.month) <= now;
  if (expiry === null || ended)
    mistakes.push({ field: "card_expiry", message: ended ? "Your card has expired." : "Enter the month and the year, such as 04 / 34." });
  if (!/^\d{3,4}$/.test(card_cvc)) mistakes.push({ field: "card_cvc", message: "Enter the security code of your card." });
  if (expiry === null || mistakes.length > 0) return mistakes;
  return {
    payment_method_data: {
      type: "card",
      billing_details: asJson(holder),
      card: { number, exp_month: expiry.month, exp_year: expiry.year, cvc: card_cvc },
    },
  };
}

/** The month, from 1, and the year of `04 / 34`, `4/2034` or `0434`; null for anything else. */
function expiryOf(text: string): { month: number; year: number } | null {
  const [, month, year] = /^(0?[1-9]|1[0-2])\s*[/-]?\s*(\d{2}|20\d{2})$/.exec(text) ?? [];
  if (month === undefined || year === undefined) return null;
  return { month: Number(month), year: Number(year) + (year.length === 2 ? 2_000 : 0) };
}

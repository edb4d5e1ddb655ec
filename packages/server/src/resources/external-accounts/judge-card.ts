import { apiError } from "@carabiner/protocol";
import { currencyOf } from "../connected-account/state/countries.ts";
import { type Judging, readCurrency } from "./judge-bank-account.ts";
import type { JudgedExternalAccount } from "./judged-external-account.ts";
import { luhnHolds } from "./numbers/luhn.ts";
import { type TestCard, testCardByNumber } from "./test-numbers/cards.ts";

/** A card as given, including its number. */
export interface CardGiven {
  address_city?: string | undefined;
  address_country?: string | undefined;
  address_line1?: string | undefined;
  address_line2?: string | undefined;
  address_state?: string | undefined;
  address_zip?: string | undefined;
  currency?: string | undefined;
  cvc?: string | undefined;
  exp_month: number;
  exp_year: number;
  name?: string | undefined;
  number: string;
}

/** The context in which a card is judged. */
export interface CardJudging extends Judging {
  /** Unix milliseconds. */
  now: number;
  /** The country of a card whose number does not determine one. */
  country: string;
  /** A test card known to payments. It is accepted by its number, and usable for payouts if it is a debit card. */
  charged?: { funding: string } | null | undefined;
}

/**
 * Judges a card: whether its number is valid and, in test mode, what its test number stands for. Test mode accepts only
 * test numbers. Live mode accepts every number with a valid check digit, as a debit card. Throws
 * `card_number_incorrect`, `card_number_not_test`, `card_expiry_invalid` or `currency_unsupported`. No message contains
 * the number.
 */
export function judgeCard(
  given: CardGiven,
  { livemode, fingerprint, param, now, country, charged = null }: CardJudging,
): JudgedExternalAccount {
  const number = given.number.replaceAll(/[\s-]/g, "");
  const known = livemode ? undefined : testCardByNumber(number);
  if (known === undefined && !(/^\d{12,19}$/.test(number) && luhnHolds(number)))
    throw apiError("card_number_incorrect", { param: `${param}[number]` });
  if (known === undefined && charged === null && !livemode) throw apiError("card_number_not_test", { param: `${param}[number]` });
  const expiry = { exp_month: given.exp_month, exp_year: given.exp_year < 100 ? given.exp_year + 2_000 : given.exp_year };
  checkExpiry(expiry, now, param);
  const cardCountry = known?.country ?? country;
  const { address_line1 = null, address_zip = null } = given;
  return {
    kind: "card",
    country: cardCountry,
    currency: readCurrency(given.currency ?? currencyOf(cardCountry) ?? "usd", `${param}[currency]`),
    shown: {
      address_city: given.address_city ?? null,
      address_country: given.address_country ?? null,
      address_line1,
      address_line1_check: address_line1 === null ? null : "unchecked",
      address_line2: given.address_line2 ?? null,
      address_state: given.address_state ?? null,
      address_zip,
      address_zip_check: address_zip === null ? null : "unchecked",
      available_payout_methods: known?.outcome === "instant_unsupported" ? ["standard"] : ["standard", "instant"],
      brand: known?.brand ?? brandOf(number),
      cvc_check: given.cvc === undefined ? null : "unchecked",
      ...expiry,
      fingerprint: fingerprint(`card ${number}`),
      funding: known?.funding ?? charged?.funding ?? "debit",
      last4: number.slice(-4),
      name: given.name ?? null,
    },
    payoutOutcome: known?.outcome === "could_not_process" ? { failureCode: "could_not_process", instantOnly: false } : null,
    payable: known === undefined ? charged === null || charged.funding === "debit" : known.outcome !== "no_payouts",
    ownership: null,
  };
}

/** The card of a test token, which expires in a year. */
export function judgeTestCard({ number }: TestCard, judging: CardJudging): JudgedExternalAccount {
  return judgeCard({ number, exp_month: 12, exp_year: new Date(judging.now).getUTCFullYear() + 1 }, judging);
}

/** Throws `card_expiry_invalid` for an invalid or past month. `now` is in Unix milliseconds. */
export function checkExpiry({ exp_month, exp_year }: { exp_month: number; exp_year: number }, now: number, param: string | null): void {
  const named = (name: string) => (param === null ? name : `${param}[${name}]`);
  if (exp_month < 1 || exp_month > 12) throw apiError("card_expiry_month_invalid", { param: named("exp_month") });
  if (exp_year > 9_999 || Date.UTC(exp_year, exp_month) <= now) throw apiError("card_expiry_year_invalid", { param: named("exp_year") });
}

/** A card's network, by the first digits of its number. Source: ISO/IEC 7812, and the networks' published ranges */
function brandOf(number: string): string {
  if (/^4/.test(number)) return "Visa";
  if (/^(?:5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)/.test(number)) return "MasterCard";
  if (/^3[47]/.test(number)) return "American Express";
  if (/^(?:6011|64[4-9]|65)/.test(number)) return "Discover";
  if (/^35/.test(number)) return "JCB";
  if (/^(?:30[0-5]|36|38)/.test(number)) return "Diners Club";
  return /^62/.test(number) ? "UnionPay" : "Unknown";
}

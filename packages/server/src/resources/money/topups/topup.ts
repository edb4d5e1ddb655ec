import type Stripe from "stripe";
import { type MoneyObject, moneyKind } from "../money-object.ts";

export const TOPUP = moneyKind("topup", "topup");

/** The outcome of a top-up: null when it succeeds. */
export interface TopupFailure {
  code: string;
  message: string;
}

/** The internal state of a top-up. */
export interface TopupKept {
  /** Its outcome; null when it succeeds. Top-ups of older releases lack this field and succeed. */
  failure?: TopupFailure | null;
}

export type Topup = MoneyObject<Stripe.Topup, TopupKept>;

/** The outcome of a top-up from each documented source. Source: https://docs.stripe.com/connect/testing#top-ups */
const SOURCES: Readonly<Record<string, TopupFailure | null>> = {
  btok_us_verified: null,
  btok_us_verified_noAccount: { code: "no_account", message: "No account could be found with these details." },
  btok_us_verified_accountClosed: { code: "account_closed", message: "The bank account has been closed." },
  btok_us_verified_insufficientFunds: { code: "insufficient_funds", message: "The bank account has insufficient funds." },
  btok_us_verified_debitNotAuthorized: {
    code: "debit_not_authorized",
    message: "Debit transactions are not approved on this bank account.",
  },
  btok_us_verified_invalidCurrency: { code: "invalid_currency", message: "The bank account cannot be debited in this currency." },
};

export const TOPUP_SOURCES: ReadonlyMap<string, TopupFailure | null> = new Map(Object.entries(SOURCES));

import { currencyOf } from "../../connected-account/state/countries.ts";
import { type BankTestOutcome, type TestBankNumber, testBankNumbers } from "./bank-numbers.ts";

/** The bank account of a test token. */
export interface TestBankAccount extends TestBankNumber {
  /** Three letters of ISO 4217, lower case. */
  currency: string;
}

/**
 * Endings of the tokens of the United States, by the outcome of payouts.
 * Source: https://docs.stripe.com/connect/testing#add-funds-to-stripe-balance
 */
export const TOKEN_ENDINGS: Readonly<Record<string, BankTestOutcome>> = {
  "": "success",
  _noAccount: "no_account",
  _accountClosed: "account_closed",
  _insufficientFunds: "insufficient_funds",
  _debitNotAuthorized: "debit_not_authorized",
  _invalidCurrency: "invalid_currency",
};

/**
 * The bank account of a reusable test mode token: `btok_us`, `btok_us_verified`, both also with an ending of
 * `TOKEN_ENDINGS`; and `btok_<country>` or `btok_<country>_<currency>`, whose payouts succeed. Undefined for any other
 * token.
 */
export function testBankAccountByToken(token: string): TestBankAccount | undefined {
  const us = /^btok_us(?:_verified)?(_[a-z][a-zA-Z]{3,})?$/.exec(token);
  if (us !== null) {
    const ending = us[1] ?? "";
    return Object.hasOwn(TOKEN_ENDINGS, ending) ? testBankAccount("US", "usd", TOKEN_ENDINGS[ending]) : undefined;
  }
  const [, country, currency] = /^btok_([a-z]{2})(?:_([a-z]{3}))?$/.exec(token) ?? [];
  return country === undefined ? undefined : testBankAccount(country.toUpperCase(), currency);
}

/** A test bank account in a country, in its own currency by default; undefined for a country without accounts. */
export function testBankAccount(
  country: string,
  currency: string | undefined = currencyOf(country),
  outcome: BankTestOutcome = "success",
): TestBankAccount | undefined {
  const found = testBankNumbers(country).find((one) => one.outcome === outcome);
  return found === undefined || currency === undefined || currencyOf(country) === undefined ? undefined : { ...found, currency };
}

import { checkDigits, IBAN_COUNTRIES, looksLikeIban } from "../numbers/iban.ts";
import { BANK_SAMPLES } from "./bank-samples.ts";

/**
 * The meaning of a bank account's test number: payouts succeed, payouts fail with a code, or the result of an ownership
 * check.
 */
export type BankTestOutcome =
  | "success"
  | "no_account"
  | "account_closed"
  | "insufficient_funds"
  | "debit_not_authorized"
  | "invalid_currency"
  | "instant_fails"
  | "ownership_verified"
  | "ownership_document_needed";

/** A bank account that exists only in test mode. */
export interface TestBankNumber {
  /** Two letters of ISO 3166-1. */
  country: string;
  /** Null where the account number identifies the bank. */
  routing: string | null;
  number: string;
  outcome: BankTestOutcome;
}

type Numbers = Readonly<Record<string, BankTestOutcome>>;

/** Source: https://docs.stripe.com/connect/testing#account-numbers */
const TWELVE_DIGITS: Numbers = {
  "000123456789": "success",
  "000111111116": "no_account",
  "000111111113": "account_closed",
  "000222222227": "insufficient_funds",
  "000333333335": "debit_not_authorized",
  "000444444440": "invalid_currency",
};
const NINE_DIGITS: Numbers = {
  "000123456": "success",
  "111111116": "no_account",
  "111111113": "account_closed",
  "222222227": "insufficient_funds",
  "333333335": "debit_not_authorized",
  "444444440": "invalid_currency",
};
const EIGHT_DIGITS: Numbers = {
  "00012345": "success",
  "11111116": "no_account",
  "11111113": "account_closed",
  "22222227": "insufficient_funds",
  "33333335": "debit_not_authorized",
  "44444440": "invalid_currency",
};

/** Same source, and https://docs.stripe.com/connect/testing#trigger-bank-account-ownership-verification */
const UNITED_STATES: Numbers = {
  ...TWELVE_DIGITS,
  "000888888883": "instant_fails",
  "000999999991": "ownership_verified",
  "000999999992": "ownership_document_needed",
};

/** Countries with specific numbers. Every other country without IBANs uses the twelve-digit numbers. */
const NATIONAL: Readonly<Record<string, { routing: string | null; numbers: Numbers }>> = {
  AU: { routing: "110000", numbers: NINE_DIGITS },
  CA: { routing: "11000-000", numbers: TWELVE_DIGITS },
  GB: { routing: "108800", numbers: EIGHT_DIGITS },
  HK: { routing: "110-000", numbers: { ...NINE_DIGITS, ...TWELVE_DIGITS } },
  JP: { routing: "1100-000", numbers: { ...TWELVE_DIGITS, "0001234": "success" } },
  MX: { routing: null, numbers: { ...TWELVE_DIGITS, "000000001234567897": "success" } },
  NZ: { routing: null, numbers: { ...TWELVE_DIGITS, "1100000000000010": "success" } },
  SG: { routing: "1100-000", numbers: { ...TWELVE_DIGITS, ...NINE_DIGITS } },
  US: { routing: "110000000", numbers: UNITED_STATES },
};

/**
 * The part of a test IBAN after its check digits, and the documented check digits, which are not always valid. Same
 * source.
 */
const IBANS: Readonly<Record<string, { documented: string; outcome: BankTestOutcome }>> = {
  "370400440532013000": { documented: "89", outcome: "success" },
  "370400440532013001": { documented: "62", outcome: "no_account" },
  "370400440532013002": { documented: "89", outcome: "account_closed" },
  "370400440532013003": { documented: "89", outcome: "insufficient_funds" },
  "370400440532013004": { documented: "89", outcome: "debit_not_authorized" },
  "370400440532013005": { documented: "89", outcome: "invalid_currency" },
};

/** Countries with test numbers that are not IBANs, some of which make payouts fail. */
export const COUNTRIES_WITH_BANK_NUMBERS: readonly string[] = Object.keys(NATIONAL);

/** A country's bank test numbers, those of successful payouts first. IBANs have their documented check digits. */
export function testBankNumbers(country: string): readonly TestBankNumber[] {
  const [sampleRouting = null, ...samples] = Object.hasOwn(BANK_SAMPLES, country) ? (BANK_SAMPLES[country] ?? [null]) : [null];
  const national = Object.hasOwn(NATIONAL, country) ? NATIONAL[country] : undefined;
  const routing = national?.routing ?? sampleRouting;
  const sampled = samples.map((number) => ({ country, routing, number, outcome: "success" as const }));
  if (IBAN_COUNTRIES.includes(country)) {
    const common = Object.entries(IBANS).map(([rest, { documented, outcome }]) => ({
      country,
      routing,
      number: `${country}${documented}${rest}`,
      outcome,
    }));
    return inOrder([...common, ...sampled]);
  }
  const numbers = national?.numbers ?? (samples.some(looksLikeIban) ? {} : TWELVE_DIGITS);
  const own = Object.entries(numbers).map(([number, outcome]) => ({ country, routing, number, outcome }));
  return inOrder(national === undefined ? [...sampled, ...own] : [...own, ...sampled]);
}

/**
 * Removes duplicates, and puts numbers of successful payouts first: JavaScript orders number-like keys before others.
 */
function inOrder(rows: readonly TestBankNumber[]): TestBankNumber[] {
  const once = [...new Map(rows.map((row): [string, TestBankNumber] => [row.number, row])).values()];
  return once.sort((one, other) => Number(other.outcome === "success") - Number(one.outcome === "success"));
}

/**
 * The meaning of a number in test mode; undefined when it is not a test number of the country. An IBAN may have its
 * documented check digits, whatever its country, or valid ones. `number` is in upper case, without separators.
 */
export function bankTestOutcome(country: string, number: string): BankTestOutcome | undefined {
  const known = testBankNumbers(country).find((one) => one.number === number);
  if (known !== undefined) return known.outcome;
  return looksLikeIban(number) && IBAN_COUNTRIES.includes(country) ? ibanTestOutcome(country, number) : undefined;
}

function ibanTestOutcome(country: string, iban: string): BankTestOutcome | undefined {
  const rest = iban.slice(4);
  const known = Object.hasOwn(IBANS, rest) ? IBANS[rest] : undefined;
  const check = iban.slice(2, 4);
  if (known === undefined || iban.slice(0, 2) !== country) return undefined;
  return check === known.documented || check === checkDigits(country, rest) ? known.outcome : undefined;
}

import { DEBIT_CARDS_BY_COUNTRY } from "./debit-cards-by-country.ts";

/** The meaning of a test card: payouts succeed or fail, or instant payouts or all payouts are unsupported. */
export type CardTestOutcome = "success" | "could_not_process" | "instant_unsupported" | "no_payouts";

/** A card that exists only in test mode. */
export interface TestCard {
  number: string;
  /** The reusable token that replaces its number. */
  token: string;
  brand: string;
  /** Two letters of ISO 3166-1. */
  country: string;
  funding: "debit" | "credit" | "prepaid";
  outcome: CardTestOutcome;
}

const card = (
  number: string,
  token: string,
  brand: string,
  country: string,
  outcome: CardTestOutcome,
  funding: TestCard["funding"] = "debit",
): TestCard => ({ number, token, brand, country, funding, outcome });

/** Source: https://docs.stripe.com/connect/testing#debit-card-numbers */
const UNITED_STATES: readonly TestCard[] = [
  card("4000056655665556", "tok_visa_debit_us_transferSuccess", "Visa", "US", "success"),
  card("4000056655665572", "tok_visa_debit_us_transferFail", "Visa", "US", "could_not_process"),
  card("4000056755665555", "tok_visa_debit_us_instantPayoutUnsupported", "Visa", "US", "instant_unsupported"),
  card("5200828282828210", "tok_mastercard_debit_us_transferSuccess", "MasterCard", "US", "success"),
  card("6011981111111113", "tok_discover_debit_us_transferSuccess", "Discover", "US", "success"),
];

/** Cards that cannot receive payouts. Same source, and https://docs.stripe.com/testing#cards */
const NO_PAYOUTS: readonly TestCard[] = [
  card("4000000360000006", "tok_visa_credit_au", "Visa", "AU", "no_payouts", "credit"),
  card("4000007840000006", "tok_visa_credit_ae", "Visa", "AE", "no_payouts", "credit"),
  card("4242424242424242", "tok_visa", "Visa", "US", "no_payouts", "credit"),
  card("5555555555554444", "tok_mastercard", "MasterCard", "US", "no_payouts", "credit"),
  card("378282246310005", "tok_amex", "American Express", "US", "no_payouts", "credit"),
  card("6011111111111117", "tok_discover", "Discover", "US", "no_payouts", "credit"),
  card("5105105105105100", "tok_mastercard_prepaid", "MasterCard", "US", "no_payouts", "prepaid"),
];

/** Every test card, country by country. */
export const TEST_CARDS: readonly TestCard[] = [
  ...UNITED_STATES,
  ...DEBIT_CARDS_BY_COUNTRY.flatMap(([cc, success, fails, notInstant, mastercard]) => [
    card(success, `tok_visa_debit_${cc}_transferSuccess`, "Visa", cc.toUpperCase(), "success"),
    card(fails, `tok_visa_debit_${cc}_transferFail`, "Visa", cc.toUpperCase(), "could_not_process"),
    card(notInstant, `tok_visa_debit_${cc}_instantPayoutUnsupported`, "Visa", cc.toUpperCase(), "instant_unsupported"),
    card(mastercard, `tok_mastercard_debit_${cc}_transferSuccess`, "MasterCard", cc.toUpperCase(), "success"),
  ]),
  ...NO_PAYOUTS,
];

/** Other names of test cards. Source: https://docs.stripe.com/testing#cards */
const ALIASES: Readonly<Record<string, string>> = {
  tok_visa_debit: "tok_visa_debit_us_transferSuccess",
  tok_mastercard_debit: "tok_mastercard_debit_us_transferSuccess",
};

const BY_NUMBER = new Map(TEST_CARDS.map((one) => [one.number, one]));
const BY_TOKEN = new Map(TEST_CARDS.map((one) => [one.token, one]));

/** The test card with a number. `number` contains only digits. */
export function testCardByNumber(number: string): TestCard | undefined {
  return BY_NUMBER.get(number);
}

/** The test card of a token. */
export function testCardByToken(token: string): TestCard | undefined {
  return BY_TOKEN.get(ALIASES[token] ?? token);
}

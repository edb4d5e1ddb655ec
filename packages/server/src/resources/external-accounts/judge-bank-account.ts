import { apiError } from "@carabiner/protocol";
import { currencyOf, isCurrency } from "../connected-account/state/countries.ts";
import type { PayoutOutcome } from "../connected-account/state/external-account-state.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { JudgedExternalAccount } from "./judged-external-account.ts";
import { IBAN_COUNTRIES, ibanHolds, looksLikeIban } from "./numbers/iban.ts";
import { type RoutingRead, readRoutingNumber } from "./numbers/routing-number.ts";
import { INSTANT_BANK, testBankName, UNTOLD_BANK } from "./test-numbers/bank-names.ts";
import { type BankTestOutcome, bankTestOutcome, testBankNumbers } from "./test-numbers/bank-numbers.ts";

/** A bank account as given, including its number. */
export interface BankAccountGiven {
  account_holder_name?: string | undefined;
  account_holder_type?: string | undefined;
  account_number: string;
  account_type?: string | undefined;
  country: string;
  currency?: string | undefined;
  routing_number?: string | undefined;
}

/** The context in which a bank account is judged. `param` is the hash that holds the parameters, for messages. */
export interface Judging {
  livemode: boolean;
  fingerprint: Fingerprint;
  param: string;
  /** The country of the account that receives payouts; the bank's by default. */
  country?: string;
}

/**
 * Judges a bank account: whether its numbers are valid and, in test mode, what its test number stands for. Test mode
 * accepts only test numbers. Live mode accepts every well-formed number, without special meanings. Throws
 * `account_number_invalid`, `account_number_not_test`, `routing_number_invalid`, `country_unsupported` or
 * `currency_unsupported`. No message contains the number.
 */
export function judgeBankAccount(given: BankAccountGiven, { livemode, fingerprint, param, country: of }: Judging): JudgedExternalAccount {
  const country = given.country.toUpperCase();
  const usual = currencyOf(country);
  if (usual === undefined) throw apiError("country_unsupported", { value: country, param: `${param}[country]` });
  const currency = readCurrency(given.currency ?? usual, `${param}[currency]`);
  const number = given.account_number.replaceAll(/[\s-]/g, "").toUpperCase();
  const outcome = bankTestOutcome(country, number);
  const wrong = outcome === undefined || livemode ? accountNumberFault(country, number) : null;
  if (wrong !== null) throw apiError("account_number_invalid", { reason: wrong, param: `${param}[account_number]` });
  if (outcome === undefined && !livemode)
    throw apiError("account_number_not_test", { example: testBankNumbers(country)[0]?.number ?? "", param: `${param}[account_number]` });
  const routing = readBank(country, number, { given: given.routing_number, livemode });
  if ("wrong" in routing) throw apiError("routing_number_invalid", { reason: routing.wrong, param: `${param}[routing_number]` });
  return {
    kind: "bank_account",
    country,
    currency,
    shown: {
      account_holder_name: given.account_holder_name ?? null,
      account_holder_type: given.account_holder_type ?? null,
      account_type: given.account_type ?? null,
      available_payout_methods: takesInstant({ country, of: of ?? country }, routing.shown, livemode)
        ? ["standard", "instant"]
        : ["standard"],
      bank_name: livemode ? null : testBankName(country, routing.shown),
      fingerprint: fingerprint(`bank ${country} ${routing.shown ?? ""} ${number}`),
      last4: number.slice(-4),
      routing_number: routing.shown,
    },
    payoutOutcome: livemode || outcome === undefined ? null : payoutOutcomeOf(outcome),
    payable: true,
    ownership: livemode ? null : ownershipOf(outcome),
  };
}

/** A currency in lower case. Throws `currency_unsupported` for one that accounts cannot have. */
export function readCurrency(given: string, param: string): string {
  const currency = given.toLowerCase();
  if (!isCurrency(currency)) throw apiError("currency_unsupported", { value: given, param });
  return currency;
}

/** Why a number is not valid for a country's bank accounts; null when it is. */
function accountNumberFault(country: string, number: string): string | null {
  if (looksLikeIban(number)) {
    if (number.slice(0, 2) !== country) return `it is an IBAN of another country than ${country}`;
    return ibanHolds(number) ? null : "it is no IBAN: its length or its check digits are wrong";
  }
  if (IBAN_COUNTRIES.includes(country)) return `bank accounts in ${country} are named by an IBAN`;
  const { pattern, says } = FORMS[country] ?? ELSEWHERE;
  return pattern.test(number) ? null : `it must have ${says}`;
}

/** The format of account numbers. Source: https://docs.stripe.com/connect/payouts-bank-accounts */
const FORMS: Readonly<Record<string, { pattern: RegExp; says: string }>> = {
  AU: { pattern: /^\d{4,9}$/, says: "4 to 9 digits" },
  CA: { pattern: /^\d{5,12}$/, says: "5 to 12 digits" },
  GB: { pattern: /^\d{8}$/, says: "8 digits" },
  HK: { pattern: /^\d{6,12}$/, says: "6 to 12 digits" },
  JP: { pattern: /^\d{6,12}$/, says: "6 to 12 digits" },
  MX: { pattern: /^\d{12,18}$/, says: "12 to 18 digits" },
  NZ: { pattern: /^\d{12,16}$/, says: "12 to 16 digits" },
  SG: { pattern: /^\d{6,12}$/, says: "6 to 12 digits" },
  US: { pattern: /^\d{4,17}$/, says: "4 to 17 digits" },
};
const ELSEWHERE = { pattern: /^[A-Z0-9]{4,34}$/, says: "4 to 34 letters or digits" };

/** The bank of an account: as given, as the number says, or test mode's default. */
function readBank(country: string, number: string, { given, livemode }: { given: string | undefined; livemode: boolean }): RoutingRead {
  const named = IBAN_COUNTRIES.includes(country) && testBankNumbers(country)[0]?.routing === null;
  const read = named || (given === undefined && looksLikeIban(number)) ? { shown: null } : readRoutingNumber(country, given, livemode);
  if ("wrong" in read || read.shown !== null) return read;
  return { shown: livemode ? bankCode(number) : (UNTOLD_BANK[country] ?? UNTOLD_BANK.elsewhere) };
}

/** The bank of a German IBAN, which is shown as the routing number; null for others. */
function bankCode(iban: string): string | null {
  return iban.startsWith("DE") ? iban.slice(4, 12) : null;
}

/** The banks that support instant payouts in their country: in live mode all in the United States, in test mode one. */
function takesInstant({ country, of }: { country: string; of: string }, routing: string | null, livemode: boolean): boolean {
  return country === "US" && of === "US" && (livemode || routing === INSTANT_BANK);
}

function payoutOutcomeOf(outcome: BankTestOutcome): PayoutOutcome | null {
  switch (outcome) {
    case "success":
    case "ownership_verified":
    case "ownership_document_needed":
      return null;
    case "instant_fails":
      return { failureCode: "could_not_process", instantOnly: true };
    default:
      return { failureCode: outcome, instantOnly: false };
  }
}

function ownershipOf(outcome: BankTestOutcome | undefined): JudgedExternalAccount["ownership"] {
  if (outcome === "ownership_verified") return "verified";
  return outcome === "ownership_document_needed" ? "document_needed" : null;
}

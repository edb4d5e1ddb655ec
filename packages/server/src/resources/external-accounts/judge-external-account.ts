import { apiError } from "@carabiner/protocol";
import type { Static } from "typebox";
import type { externalAccountParameter } from "./external-account-parameters.ts";
import { type BankAccountGiven, judgeBankAccount, readCurrency } from "./judge-bank-account.ts";
import { type CardGiven, type CardJudging, judgeCard, judgeTestCard } from "./judge-card.ts";
import type { JudgedExternalAccount } from "./judged-external-account.ts";
import { testBankAccountByToken } from "./test-numbers/bank-tokens.ts";
import { testCardByToken } from "./test-numbers/cards.ts";

/** A bank account or card as a parameter gives it. */
export type ExternalAccountGiven = Static<ReturnType<typeof externalAccountParameter>>;

type ExternalAccountHash = Exclude<ExternalAccountGiven, string>;

const BOTH = ["object", "currency", "default_for_currency", "metadata"] as const;
/** The optional and required fields of each kind, beside the common ones. */
const KEYS = {
  bank_account: {
    may: ["account_holder_name", "account_holder_type", "account_number", "account_type", "country", "routing_number"],
    must: ["country", "account_number"],
  },
  card: {
    may: [
      "address_city",
      "address_country",
      "address_line1",
      "address_line2",
      "address_state",
      "address_zip",
      "cvc",
      "exp_month",
      "exp_year",
      "name",
      "number",
    ],
    must: ["number", "exp_month", "exp_year"],
  },
  token: { may: ["token"], must: [] },
} as const satisfies Record<string, { may: readonly (keyof ExternalAccountHash)[]; must: readonly (keyof ExternalAccountHash)[] }>;

/** Looks up a created token. Throws an error of the table for one that cannot be used. */
export type TokenUser = (token: string, param: string) => Promise<JudgedExternalAccount>;

/**
 * Judges a parameter's value: a test mode token, a created token, or the numbers themselves. `judging.param` is the
 * parameter's name. Throws what `judgeBankAccount` and `judgeCard` throw, `parameter_missing` and `parameter_unknown`
 * for fields its kind requires or lacks, and what `useToken` throws.
 */
export async function judgeExternalAccount(
  given: ExternalAccountGiven,
  judging: CardJudging,
  useToken: TokenUser,
): Promise<JudgedExternalAccount> {
  if (typeof given === "string") return judgeToken(given, judging, useToken);
  const byToken = given.object === "card" && given.token !== undefined;
  checkKeys(given, byToken ? KEYS.token : KEYS[given.object], judging.param);
  if (byToken) {
    const judged = await judgeToken(given.token ?? "", { ...judging, param: `${judging.param}[token]` }, useToken);
    if (judged.kind !== "card") throw apiError("parameter_invalid_enum", { param: `${judging.param}[object]`, values: judged.kind });
    return given.currency === undefined ? judged : { ...judged, currency: readCurrency(given.currency, `${judging.param}[currency]`) };
  }
  return given.object === "bank_account" ? judgeBankAccount(given as BankAccountGiven, judging) : judgeCard(given as CardGiven, judging);
}

async function judgeToken(token: string, judging: CardJudging, useToken: TokenUser): Promise<JudgedExternalAccount> {
  if (!judging.livemode) {
    const bank = testBankAccountByToken(token);
    if (bank !== undefined)
      return judgeBankAccount({ ...bank, account_number: bank.number, routing_number: bank.routing ?? undefined }, judging);
    const card = testCardByToken(token);
    if (card !== undefined) return judgeTestCard(card, judging);
  }
  return useToken(token, judging.param);
}

function checkKeys(
  given: ExternalAccountHash,
  { may, must }: { may: readonly (keyof ExternalAccountHash)[]; must: readonly (keyof ExternalAccountHash)[] },
  param: string,
): void {
  const known: readonly string[] = [...BOTH, ...may];
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) throw apiError("parameter_unknown", { param: `${param}[${unknown}]` });
  const missing = must.find((key) => given[key] === undefined);
  if (missing !== undefined) throw apiError("parameter_missing", { param: `${param}[${missing}]` });
}

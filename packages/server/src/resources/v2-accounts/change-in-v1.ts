import { apiError } from "@carabiner/protocol";
import type { Static } from "typebox";
import { hashOf } from "../../operations/merge-change.ts";
import { v2Time } from "../../operations/v2-time-filter.ts";
import type { Json, JsonObject } from "../../store/contract/rows.ts";
import type { AccountChange } from "../accounts/change-account.ts";
import { ACCOUNT_CORRESPONDENCES, ONLY_IN_V2 } from "../connected-account/v2/account-correspondences.ts";
import { businessNumbersInV1 } from "../connected-account/v2/business-id-numbers.ts";
import { NAMED_CAPABILITIES } from "../connected-account/v2/capability-names.ts";
import { BESIDE, inV1 } from "../connected-account/v2/correspondence.ts";
import { givenAt, setAt } from "../connected-account/v2/path.ts";
import { toldInV1 } from "../persons/told-in-v1.ts";
import type { updateV2AccountParameters } from "./v2-account-parameters.ts";

/** The parameters of a creation or an update. */
export type V2AccountTold = Omit<Static<typeof updateV2AccountParameters>, "include" | "account_token">;

/**
 * A v2 request, converted to v1's parameters. Pure. It leaves out what only v2 decides: see `configure.ts`. Throws
 * `timestamp_invalid`, and `account_parameter_unsupported` for features that this server does not have.
 */
export function changeInV1(told: V2AccountTold): AccountChange {
  const given = told as JsonObject;
  refuseUnsupported(given);
  checkTimes(given);
  const change = inV1(ACCOUNT_CORRESPONDENCES, ONLY_IN_V2, given);
  const numbers = givenAt(given, "identity.business_details.id_numbers");
  if (numbers !== undefined) change.company = mergeNumbers(hashOf(change.company), numbers);
  const individual = told.identity?.individual;
  if (individual !== undefined) change.individual = toldInV1(individual, "identity[individual]") as JsonObject;
  for (const { v1, v2, configuration } of NAMED_CAPABILITIES) {
    const requested = givenAt(given, `configuration.${configuration}.capabilities.${v2}.requested`);
    if (typeof requested === "boolean") setAt(change, `capabilities.${v1}.requested`, requested);
  }
  const { bank_accounts, cards } = hashOf(givenAt(given, "configuration.recipient.capabilities"));
  if (bank_accounts !== undefined) setAt(change, `${BESIDE}.outbound.bank_accounts`, bank_accounts);
  if (cards !== undefined) setAt(change, `${BESIDE}.outbound.cards`, cards);
  return change as AccountChange;
}

function mergeNumbers(company: JsonObject, numbers: Json): JsonObject {
  const list = numbers as Parameters<typeof businessNumbersInV1>[0];
  return { ...company, ...businessNumbersInV1(list, "identity[business_details][id_numbers]") };
}

/** Parameters of parts of Stripe that this server lacks, and why it lacks them. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  "configuration.customer.test_clock": "it has no test clocks, and its own clock is that of all accounts",
  "defaults.payout_methods": "payout methods are a part of money management",
  "identity.attestations.terms_of_service.crypto_money_manager": "it is a part of money management",
  "identity.attestations.terms_of_service.money_manager": "it is a part of money management",
};

function refuseUnsupported(told: JsonObject): void {
  for (const [path, reason] of Object.entries(UNSUPPORTED))
    if (givenAt(told, path) != null) throw apiError("account_parameter_unsupported", { param: path, reason });
}

const TIMES = [
  "identity.attestations.directorship_declaration.date",
  "identity.attestations.ownership_declaration.date",
  "identity.attestations.representative_declaration.date",
  "identity.attestations.terms_of_service.account.date",
];

function checkTimes(told: JsonObject): void {
  for (const path of TIMES) {
    const given = givenAt(told, path);
    if (typeof given === "string") v2Time(given, path);
  }
}

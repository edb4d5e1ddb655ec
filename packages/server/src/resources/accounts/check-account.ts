import { apiError } from "@carabiner/protocol";
import type { Static } from "typebox";
import { hashOf } from "../../operations/merge-change.ts";
import { isWithoutFunds } from "../connected-account/requirements/required-fields.ts";
import type { AccountState } from "../connected-account/state/account-state.ts";
import { type AddressTold, checkAddress } from "../connected-account/state/check-address.ts";
import { checkAcceptedAt, checkPastDay } from "../connected-account/state/check-dates.ts";
import type { updateAccountParameters } from "./account-parameters.ts";

type Told = Pick<Static<typeof updateAccountParameters>, "company" | "settings" | "tos_acceptance">;

/** The declarations of a company. */
const DECLARATIONS = ["directorship_declaration", "ownership_declaration", "representative_declaration"] as const;

/**
 * Throws an error of the table for impossible data that a schema cannot validate: terms accepted or declarations made
 * in the future, a company registered in the future, and addresses that do not exist in their country. `now` is in Unix
 * milliseconds.
 */
export function checkAccountTold(
  state: Pick<AccountState, "configured" | "controller" | "country" | "given">,
  told: Told,
  now: number,
): void {
  const { country, given } = state;
  const { company, settings, tos_acceptance } = told;
  const accepted = { tos_acceptance, ...inSettings(settings) };
  for (const [name, acceptance] of Object.entries(accepted))
    checkAcceptedAt(acceptance?.date, { what: "ToS acceptance", param: `${name}[date]`, now });
  if (company === undefined) return;
  for (const name of DECLARATIONS) checkAcceptedAt(company[name]?.date, { what: "Declaration", param: `company[${name}][date]`, now });
  checkPastDay(company.registration_date, { param: "company[registration_date]", now });
  const param = "company[address]";
  // A customer's address may be in any country.
  if (!isWithoutFunds({ state }) && !isIn(country, company.address?.country))
    throw apiError("account_country_invalid_address", { param: `${param}[country]` });
  checkAddress(company.address, { param, before: hashOf(hashOf(given.company).address) as AddressTold, country });
}

function inSettings(settings: Told["settings"]) {
  return {
    "settings[card_issuing][tos_acceptance]": settings?.card_issuing?.tos_acceptance,
    "settings[treasury][tos_acceptance]": settings?.treasury?.tos_acceptance,
  };
}

/** Whether a business may be at an address in a country. Puerto Rico counts as part of the United States. */
function isIn(account: string, address: string | null | undefined): boolean {
  const state = (country: string) => (country === "PR" ? "US" : country);
  return address === null || address === undefined || state(address) === state(account);
}

import type { Static } from "typebox";
import { hashOf, mergeChange } from "../../operations/merge-change.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { confirmRoles } from "../connected-account/requirements/confirm-roles.ts";
import { reviewAccount } from "../connected-account/requirements/review-submission.ts";
import type { Submission } from "../connected-account/requirements/submission.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { readSchedule } from "../connected-account/state/payout-schedule.ts";
import { BESIDE } from "../connected-account/v2/correspondence.ts";
import { type ChangedPerson, changePerson, newPerson, withoutSecrets } from "../persons/change-person.ts";
import { checkPerson } from "../persons/check-person.ts";
import { individualTold } from "../persons/relationship-rules.ts";
import type { updateAccountParameters } from "./account-parameters.ts";
import { checkAccountTold } from "./check-account.ts";

/** The parameters of an account, with all tokens resolved. */
export type AccountChange = Omit<
  Static<typeof updateAccountParameters>,
  "expand" | "account_token" | "external_account" | "bank_account" | "requested_capabilities"
>;

/** When an account is updated, and the id for its individual if that does not exist yet. */
export interface Individual extends Submission {
  id: string;
}

/**
 * An account with parameters applied. Given keys are set, null keys are unset, others stay. `individual` is applied to
 * that person, who is created with the id of `telling` if missing. Throws an error of the table for a value that a
 * schema cannot refuse.
 */
export function changeAccount(before: AccountWorld, change: AccountChange, telling: Individual): AccountWorld {
  checkAccountTold(before.state, change, telling.now);
  const { individual: toldOfPerson, ...toldOfAccount } = change;
  const told = withoutSecrets(withoutOldTypes(toldOfAccount as JsonObject));
  readSchedule(told, before.state.country);
  const given = mergeChange(before.state.given, told);
  const heard = { told: toldOfAccount as JsonObject, before: before.state.given, after: given };
  const review = reviewAccount(before.state.review, heard, telling);
  const world = confirmRoles({ ...before, state: { ...before.state, given, review } }, heard.told, telling.now);
  return toldOfPerson === undefined ? world : changeIndividual(world, toldOfPerson, telling);
}

/** v1 sets a number of a business without its type, so the type that v2 set with the previous number is dropped. */
function withoutOldTypes(told: JsonObject): JsonObject {
  const company = hashOf(told.company);
  if (company[BESIDE] !== undefined) return told;
  const tells = (number: string) => company[number] !== undefined || company[`${number}_provided`] !== undefined;
  const forgotten = ["tax_id", "vat_id"].filter(tells).map((number) => [`${number}_type`, null] as const);
  return forgotten.length === 0 ? told : { ...told, company: { ...company, [BESIDE]: Object.fromEntries(forgotten) } };
}

function changeIndividual(world: AccountWorld, told: ChangedPerson, telling: Individual): AccountWorld {
  const known = individualTold(world);
  const { now } = telling;
  checkPerson(told, {
    hash: "individual",
    now,
    country: world.state.country,
    ...(known === undefined ? {} : { given: known.state.given }),
  });
  const before = known ?? changePerson(newPerson(world, telling), { relationship: { representative: true } }, telling);
  const after = changePerson(before, told, telling);
  return {
    ...world,
    state: { ...world.state, individualId: after.row.id },
    persons: known === undefined ? [...world.persons, after] : world.persons.map((person) => (person === known ? after : person)),
  };
}

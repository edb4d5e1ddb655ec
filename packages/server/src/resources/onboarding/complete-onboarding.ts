import { apiError } from "@carabiner/protocol";
import { mergeChange } from "../../operations/merge-change.ts";
import type { OperationContext } from "../../operations/operation.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { type AccountChange, changeAccount } from "../accounts/change-account.ts";
import { deriveWorld } from "../connected-account/requirements/derive-world.ts";
import { verifiedNow } from "../connected-account/requirements/forced-verification.ts";
import { isWithoutFunds, requestedCapabilities } from "../connected-account/requirements/required-fields.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import type { Person } from "../connected-account/state/person-state.ts";
import { replaceExternalAccount } from "../external-accounts/add-external-account.ts";
import { givenExternalAccount } from "../external-accounts/given-external-account.ts";
import { changePerson } from "../persons/change-person.ts";
import { type PassingValue, passingValues } from "./passing-values.ts";

/** The options for completing an onboarding. */
export interface OnboardingAsked {
  /** The account's business type, if it has none yet. */
  businessType: "individual" | "company" | "non_profit" | "government_entity";
  /** Whether verifications complete at once; otherwise they take their usual time. */
  verified: boolean;
}

/** Values may lead to new requirements, such as the people of a company. This limits the rounds. */
const ROUNDS = 8;

/**
 * An account with passing values for everything that is due. If it has not requested a capability, it requests
 * `card_payments` and `transfers`. A v2 account without a merchant or recipient configuration does not. Throws
 * `onboarding_incomplete` when a due requirement has no passing value.
 */
export async function completeOnboarding(context: OperationContext, before: AccountWorld, asked: OnboardingAsked): Promise<AccountWorld> {
  const { now, limits } = context;
  if (isWithoutFunds(before)) return before;
  const start: AccountChange = {
    ...(requestedCapabilities(before).length === 0
      ? { capabilities: { card_payments: { requested: true }, transfers: { requested: true } } }
      : {}),
    ...(before.state.given.business_type === undefined ? { business_type: asked.businessType } : {}),
  };
  let world = deriveWorld(changeAccount(before, start, telling(context)), now, limits).world;
  for (let round = 0; round < ROUNDS; round += 1) {
    const due = world.state.derived.requirements.currently_due ?? [];
    if (due.length === 0) return asked.verified ? allVerified(world, now) : world;
    world = deriveWorld(await giveAll(context, world, due), now, limits).world;
  }
  const left = (world.state.derived.requirements.currently_due ?? []).join(", ");
  throw apiError("onboarding_incomplete", { account: world.row.id, reason: `still due are ${left}` });
}

/** The world with every pending verification successfully completed. */
export function allVerified(world: AccountWorld, now: number): AccountWorld {
  return {
    ...world,
    persons: world.persons.map((person) => ({ ...person, state: { ...person.state, review: verifiedNow(person.state.review, now) } })),
    state: { ...world.state, review: verifiedNow(world.state.review, now) },
  };
}

function telling({ ids, now, livemode }: OperationContext) {
  return { id: ids.newId("person", now), now, livemode };
}

async function giveAll(context: OperationContext, before: AccountWorld, due: readonly string[]): Promise<AccountWorld> {
  const values = due.flatMap((field): PassingValue[] => {
    const value = passingValues(field, before);
    return value === null ? [] : [value];
  });
  const told = values.reduce((all: JsonObject, value) => (value.of === "account" ? mergeChange(all, value.told) : all), {});
  let world = changeAccount(before, told as AccountChange, telling(context));
  for (const value of values) {
    if (value.of === "person") world = givePerson(context, world, value);
    if (value.of === "external_account") world = replaceExternalAccount(world, await givenExternalAccount(context, value.token, world));
  }
  return world;
}

function givePerson(context: OperationContext, world: AccountWorld, { personId, told }: PassingValue & { of: "person" }): AccountWorld {
  const given = (person: Person) => (person.row.id === personId ? changePerson(person, told, context) : person);
  return { ...world, persons: world.persons.map(given) };
}

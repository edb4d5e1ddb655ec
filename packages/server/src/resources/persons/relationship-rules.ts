import { apiError } from "@carabiner/protocol";
import { hashOf } from "../../operations/merge-change.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import type { Person } from "../connected-account/state/person-state.ts";
import type { ROLES } from "./person-parameters.ts";

/** The relationships a person can have to an account. */
export type Relation = (typeof ROLES)[number];

/** Whether a person has a relationship to the account. */
export function hasRole({ state }: Person, role: Relation): boolean {
  return hashOf(state.given.relationship)[role] === true;
}

/**
 * The person whom an account's `individual` parameter describes: the individual, otherwise the representative, if
 * known.
 */
export function individualTold({ state, persons }: Pick<AccountWorld, "state" | "persons">): Person | undefined {
  return persons.find(({ row }) => row.id === state.individualId) ?? persons.find((person) => hasRole(person, "representative"));
}

/**
 * Throws `person_representative_taken` when a person would become an account's second representative. `person` is the
 * person after the change.
 * Source: https://docs.stripe.com/api/persons/create#create_person-relationship-representative
 */
export function checkRepresentative({ persons }: Pick<AccountWorld, "persons">, person: Person): void {
  if (!hasRole(person, "representative")) return;
  const other = persons.find((one) => one.row.id !== person.row.id && hasRole(one, "representative"));
  if (other !== undefined) throw apiError("person_representative_taken", { person: other.row.id, param: "relationship[representative]" });
}

/**
 * Throws `person_delete_refused` for the representative, and for the only verified executive.
 * Source: https://docs.stripe.com/api/persons/delete
 */
export function checkDeletion({ persons }: Pick<AccountWorld, "persons">, person: Person): void {
  if (hasRole(person, "representative"))
    throw apiError("person_delete_refused", { person: person.row.id, reason: "it is the account's representative" });
  const verified = (one: Person) => hasRole(one, "executive") && one.state.derived.verification.status === "verified";
  if (verified(person) && persons.filter(verified).length === 1)
    throw apiError("person_delete_refused", { person: person.row.id, reason: "it is the account's only verified executive" });
}

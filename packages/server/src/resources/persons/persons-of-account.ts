import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import { isOwned, ownedRow } from "../../operations/owned-row.ts";
import type { Page, PageOf } from "../../store/contract/transaction.ts";
import { connectedAccount } from "../access/accessible-account.ts";
import { changeAccountWorld } from "../account-changes/change-account-world.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { type Person, readPerson } from "../connected-account/state/person-state.ts";
import { newPerson } from "./change-person.ts";
import { checkDeletion, checkRepresentative, hasRole } from "./relationship-rules.ts";

/** The person a path names. Throws `resource_missing`, or `resource_in_other_mode`. */
export function personOf({ livemode }: OperationContext, world: AccountWorld, id: string): Person {
  const person = world.persons.find(({ row }) => row.id === id) ?? null;
  const row = ownedRow(person?.row ?? null, { account: world.row, livemode }, "person", id);
  return person ?? readPerson(row);
}

/** A new person of an account. Throws `person_in_other_mode` and `person_limit`. */
export function nextPerson({ now, livemode, ids, limits }: OperationContext, world: AccountWorld): Person {
  if (world.state.livemode !== livemode) throw apiError("person_in_other_mode", { mode: livemode ? "test" : "live" });
  if (world.persons.length >= limits.personsPerAccount) throw apiError("person_limit", { limit: limits.personsPerAccount });
  return newPerson(world, { id: ids.newId("person", now), now });
}

/**
 * Adds a new person to the account's world, or replaces a changed one. From now on `person.*` events are recorded for
 * it. Returns the person with the effects of the change, and its account. Throws `person_representative_taken`.
 * Source: https://docs.stripe.com/connect/webhooks
 */
export async function writePerson(
  context: OperationContext,
  before: AccountWorld,
  changed: Person,
): Promise<{ person: Person; world: AccountWorld }> {
  const person: Person = { ...changed, state: { ...changed.state, throughPersonsApi: true } };
  checkRepresentative(before, person);
  const { id } = person.row;
  const isNew = before.persons.every(({ row }) => row.id !== id);
  // The representative of an individual's account is that individual.
  const individualId =
    before.state.given.business_type === "individual" && hasRole(person, "representative") ? id : before.state.individualId;
  const after: AccountWorld = {
    ...before,
    state: { ...before.state, individualId },
    persons: isNew ? [...before.persons, person] : before.persons.map((one) => (one.row.id === id ? person : one)),
  };
  const world = await changeAccountWorld(context, before, after);
  return { person: world.persons.find(({ row }) => row.id === id) ?? person, world };
}

/** Deletes a person of the account. Throws `person_delete_refused`. */
export async function deletePerson(context: OperationContext, world: AccountWorld, person: Person): Promise<void> {
  checkDeletion(world, person);
  const individualId = world.state.individualId === person.row.id ? null : world.state.individualId;
  await changeAccountWorld(context, world, {
    ...world,
    state: { ...world.state, individualId },
    persons: world.persons.filter((one) => one !== person),
  });
}

/** The persons of the account that the call's mode shows, the oldest first. */
export function shownPersons({ livemode }: OperationContext, world: AccountWorld): Person[] {
  return world.persons.filter(({ row }) => isOwned(row, { account: world.row, livemode }));
}

/**
 * Whether a list of the account's persons may continue from this id, which may belong to a deleted person. A person of
 * an account that the caller cannot reach counts as an unknown one, so that callers cannot probe for ids.
 */
export async function isOrWasPerson(context: OperationContext, world: AccountWorld, id: string): Promise<boolean> {
  const row = await context.tx.object(id);
  if (row !== null && isOwned(row, { account: world.row, livemode: context.livemode })) return row.object === "person";
  const isElsewhere = row !== null && (row.accountId === context.account.id || (await connectedAccount(context, row.accountId)) !== null);
  // Ids sort by creation, so a deleted id still has a position.
  return !isElsewhere && PERSON_ID.test(id);
}

const PERSON_ID = /^person_[0-9A-Za-z]{24}$/;

/** A page of the persons, newest first. `all` is oldest first. */
export function pageOfPersons(all: readonly Person[], { limit, startingAfter, endingBefore }: Page): PageOf<Person> {
  const newestFirst = all.toReversed();
  if (endingBefore !== undefined) {
    const newer = newestFirst.filter(({ row }) => row.id > endingBefore);
    return { rows: newer.slice(-limit), hasMore: newer.length > limit };
  }
  const older = startingAfter === undefined ? newestFirst : newestFirst.filter(({ row }) => row.id < startingAfter);
  return { rows: older.slice(0, limit), hasMore: older.length > limit };
}

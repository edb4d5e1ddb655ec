import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { isOwned, ownedRow } from "../../operations/owned-row.ts";
import { pageAsked } from "../../operations/page-asked.ts";
import { listAnswer, params } from "../../operations/parameters.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import type { Page } from "../../store/contract/transaction.ts";
import { changeAccountWorld } from "../account-changes/change-account-world.ts";
import { renderPerson } from "../connected-account/rendering/render-person.ts";
import { type AccountWorld, readAccountWorld } from "../connected-account/state/account-world.ts";
import { type Person, readPerson } from "../connected-account/state/person-state.ts";
import { expandFile } from "../files/files.ts";
import { accountOfPersons } from "./account-of-persons.ts";
import { changePerson, newPerson } from "./change-person.ts";
import { checkPerson } from "./check-person.ts";
import { listPersonsParameters, ROLES, writePersonParameters } from "./person-parameters.ts";
import { checkDeletion, checkRepresentative, hasRole } from "./relationship-rules.ts";
import { withTokens } from "./tokens-of-person.ts";

/** An account's persons, in the mode the account was created in. Source: https://docs.stripe.com/api/persons */
export const persons: Resource = {
  object: "person",
  expandable: {
    "verification.additional_document.back": expandFile,
    "verification.additional_document.front": expandFile,
    "verification.document.back": expandFile,
    "verification.document.front": expandFile,
  },
  operations: [
    operation({
      method: "POST",
      path: "/v1/accounts/:account/persons",
      params: writePersonParameters,
      async run(context, given, path) {
        const { now, livemode, ids, limits } = context;
        const world = await worldOfPersons(context, path.account ?? "", "change");
        if (world.state.livemode !== livemode) throw apiError("person_in_other_mode", { mode: livemode ? "test" : "live" });
        if (world.persons.length >= limits.personsPerAccount) throw apiError("person_limit", { limit: limits.personsPerAccount });
        checkPerson(given, "", now);
        const made = newPerson(world, { id: ids.newId("person", now), now });
        const { change, found } = await withTokens(context, given, world.row.id);
        return write(context, world, throughPersonsApi(changePerson(made, change, { now, livemode, found })));
      },
    }),
    operation({
      method: "GET",
      path: "/v1/accounts/:account/persons",
      params: listPersonsParameters,
      async run(context, { relationship = {}, expand: _, ...asked }, path) {
        const world = await worldOfPersons(context, path.account ?? "", "see");
        const owned = { account: world.row, livemode: context.livemode };
        const page = await pageAsked(asked, context.limits, {
          name: "person",
          // Ids sort by creation, so a deleted id still has a position.
          async knows(id) {
            const row = await context.tx.object(id);
            return row === null ? PERSON_ID.test(id) : row.object === "person" && isOwned(row, owned);
          },
        });
        const wanted = (person: Person) =>
          isOwned(person.row, owned) &&
          ROLES.every((role) => relationship[role] === undefined || relationship[role] === hasRole(person, role));
        const { shown, hasMore } = pageOf(world.persons.filter(wanted), page);
        return listAnswer(
          `/v1/accounts/${world.row.id}/persons`,
          shown.map((person) => asAnswer(world, person)),
          hasMore,
        );
      },
    }),
    operation({
      method: "GET",
      path: "/v1/accounts/:account/persons/:person",
      params: params({}),
      async run(context, _, path) {
        const world = await worldOfPersons(context, path.account ?? "", "see");
        return asAnswer(world, personOf(context, world, path.person ?? ""));
      },
    }),
    operation({
      method: "POST",
      path: "/v1/accounts/:account/persons/:person",
      params: writePersonParameters,
      async run(context, given, path) {
        const { now, livemode } = context;
        const world = await worldOfPersons(context, path.account ?? "", "change");
        const before = personOf(context, world, path.person ?? "");
        checkPerson(given, "", now);
        const { change, found } = await withTokens(context, given, world.row.id);
        return write(context, world, throughPersonsApi(changePerson(before, change, { now, livemode, found })));
      },
    }),
    operation({
      method: "DELETE",
      path: "/v1/accounts/:account/persons/:person",
      params: params({}),
      async run(context, _, path) {
        const world = await worldOfPersons(context, path.account ?? "", "change");
        const person = personOf(context, world, path.person ?? "");
        const { id } = person.row;
        checkDeletion(world, person);
        const individualId = world.state.individualId === id ? null : world.state.individualId;
        await changeAccountWorld(context, world, {
          ...world,
          state: { ...world.state, individualId },
          persons: world.persons.filter((one) => one !== person),
        });
        return asJson({ id, object: "person", deleted: true } satisfies Stripe.DeletedPerson);
      },
    }),
  ],
};

const PERSON_ID = /^person_[0-9A-Za-z]{24}$/;

const asAnswer = ({ state }: AccountWorld, person: Person): JsonObject => asJson(renderPerson(person, state.country));

async function worldOfPersons(context: OperationContext, account: string, use: "see" | "change"): Promise<AccountWorld> {
  const row = await accountOfPersons(context, account, use);
  return readAccountWorld(context.tx, row, context.limits);
}

/** The person a path names. Throws `resource_missing`, or `resource_in_other_mode`. */
function personOf({ livemode }: OperationContext, world: AccountWorld, id: string): Person {
  const person = world.persons.find(({ row }) => row.id === id) ?? null;
  const row = ownedRow(person?.row ?? null, { account: world.row, livemode }, "person", id);
  return person ?? readPerson(row);
}

/** From now on `person.*` events are recorded for this person. Source: https://docs.stripe.com/connect/webhooks */
function throughPersonsApi(person: Person): Person {
  return { ...person, state: { ...person.state, throughPersonsApi: true } };
}

/** Adds a new person to the account's world, or replaces a changed one. */
async function write(context: OperationContext, before: AccountWorld, person: Person): Promise<JsonObject> {
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
  const kept = await changeAccountWorld(context, before, after);
  return asAnswer(kept, kept.persons.find(({ row }) => row.id === id) ?? person);
}

/** A page of the persons, newest first. `all` is oldest first. */
function pageOf(all: readonly Person[], { limit, startingAfter, endingBefore }: Page): { shown: Person[]; hasMore: boolean } {
  const newestFirst = all.toReversed();
  if (endingBefore !== undefined) {
    const newer = newestFirst.filter(({ row }) => row.id > endingBefore);
    return { shown: newer.slice(-limit), hasMore: newer.length > limit };
  }
  const older = startingAfter === undefined ? newestFirst : newestFirst.filter(({ row }) => row.id < startingAfter);
  return { shown: older.slice(0, limit), hasMore: older.length > limit };
}

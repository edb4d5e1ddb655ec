import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { olderPaths } from "../../operations/older-paths.ts";
import { type Operation, type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { pageAsked } from "../../operations/page-asked.ts";
import { listAnswer, params } from "../../operations/parameters.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { renderPerson } from "../connected-account/rendering/render-person.ts";
import { type AccountWorld, readAccountWorld } from "../connected-account/state/account-world.ts";
import type { Person } from "../connected-account/state/person-state.ts";
import { expandFile } from "../files/files.ts";
import { accountOfPersons } from "./account-of-persons.ts";
import { changePerson } from "./change-person.ts";
import { checkPerson } from "./check-person.ts";
import { listPersonsParameters, ROLES, writePersonParameters } from "./person-parameters.ts";
import { deletePerson, isOrWasPerson, nextPerson, pageOfPersons, personOf, shownPersons, writePerson } from "./persons-of-account.ts";
import { hasRole } from "./relationship-rules.ts";
import { withTokens } from "./tokens-of-person.ts";

const calls: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/v1/accounts/:account/persons",
    params: writePersonParameters,
    async run(context, given, path) {
      const { now, livemode } = context;
      const world = await worldOfPersons(context, path.account ?? "", "change");
      const made = nextPerson(context, world);
      const { change, found } = await withTokens(context, given, world.row.id);
      checkPerson(change, { hash: "", now, country: world.state.country });
      return asAnswer(await writePerson(context, world, changePerson(made, change, { now, livemode, found })));
    },
  }),
  operation({
    method: "GET",
    path: "/v1/accounts/:account/persons",
    params: listPersonsParameters,
    async run(context, { relationship = {}, expand: _, ...asked }, path) {
      const world = await worldOfPersons(context, path.account ?? "", "see");
      const page = await pageAsked(asked, context.limits, { name: "person", knows: (id) => isOrWasPerson(context, world, id) });
      const wanted = (person: Person) =>
        ROLES.every((role) => relationship[role] === undefined || relationship[role] === hasRole(person, role));
      const { rows, hasMore } = pageOfPersons(shownPersons(context, world).filter(wanted), page);
      return listAnswer(
        `/v1/accounts/${world.row.id}/persons`,
        rows.map((person) => asAnswer({ world, person })),
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
      return asAnswer({ world, person: personOf(context, world, path.person ?? "") });
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
      const { change, found } = await withTokens(context, given, world.row.id);
      checkPerson(change, { hash: "", now, country: world.state.country, given: before.state.given });
      return asAnswer(await writePerson(context, world, changePerson(before, change, { now, livemode, found })));
    },
  }),
  operation({
    method: "DELETE",
    path: "/v1/accounts/:account/persons/:person",
    params: params({}),
    async run(context, _, path) {
      const world = await worldOfPersons(context, path.account ?? "", "change");
      const person = personOf(context, world, path.person ?? "");
      await deletePerson(context, world, person);
      return asJson({ id: person.row.id, object: "person", deleted: true } satisfies Stripe.DeletedPerson);
    },
  }),
];

/** An account's persons, in the mode the account was created in. Source: https://docs.stripe.com/api/persons */
export const persons: Resource = {
  object: "person",
  expandable: {
    "verification.additional_document.back": expandFile,
    "verification.additional_document.front": expandFile,
    "verification.document.back": expandFile,
    "verification.document.front": expandFile,
  },
  operations: [...calls, ...olderPaths(calls, "/persons", "/people")],
};

const asAnswer = ({ world, person }: { world: AccountWorld; person: Person }): JsonObject =>
  asJson(renderPerson(person, world.state.country));

async function worldOfPersons(context: OperationContext, account: string, use: "see" | "change"): Promise<AccountWorld> {
  return readAccountWorld(context.tx, await accountOfPersons(context, account, use), context.limits);
}

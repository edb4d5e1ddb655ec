import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { hash } from "../../operations/parameters.ts";
import { v2ListAnswer, v2PageAsked, v2PageProperties } from "../../operations/v2-page.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { renderAccountPerson } from "../connected-account/rendering/render-account-person.ts";
import { type AccountWorld, readAccountWorld } from "../connected-account/state/account-world.ts";
import type { Person } from "../connected-account/state/person-state.ts";
import { accountOfAccountPersons } from "./account-of-persons.ts";
import { checkNewAccountPerson, writeAccountPersonParameters } from "./account-person-parameters.ts";
import { changePerson } from "./change-person.ts";
import { checkAccountPerson } from "./check-person.ts";
import { deletePerson, isOrWasPerson, nextPerson, pageOfPersons, personOf, shownPersons, writePerson } from "./persons-of-account.ts";
import { withPersonToken } from "./tokens-of-person.ts";

const PATH = "/v2/core/accounts/:account/persons";

/**
 * An account's persons in the v2 API's form. They are the same persons that v1 shows.
 * Source: https://docs.stripe.com/api/v2/core/persons
 */
export const accountPersons: Resource = {
  object: "v2.core.account_person",
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: PATH,
      params: writeAccountPersonParameters,
      async run(context, given, { account = "" }) {
        const { now, livemode } = context;
        const world = await worldOfPersons(context, account, "change");
        const made = nextPerson(context, world);
        checkNewAccountPerson(given, "");
        const { change, found } = await withPersonToken(context, given, world.row.id);
        checkAccountPerson(change, { hash: "", now, country: world.state.country });
        return asAnswer(await writePerson(context, world, changePerson(made, change, { now, livemode, found })));
      },
    }),
    operation({
      method: "GET",
      path: PATH,
      params: hash(v2PageProperties),
      async run(context, { page: token, ...asked }, { account = "" }) {
        const world = await worldOfPersons(context, account, "see");
        const page = await v2PageAsked({ ...asked, page: token }, context.limits, (id) => isOrWasPerson(context, world, id));
        const { rows, hasMore } = pageOfPersons(shownPersons(context, world), page);
        const data = rows.map((person) => asAnswer({ world, person }));
        const path = PATH.replace(":account", world.row.id);
        return v2ListAnswer({ path, params: asked }, data, { rows: rows.map(({ row }) => row), hasMore }, page);
      },
    }),
    operation({
      method: "GET",
      path: `${PATH}/:person`,
      params: hash({}),
      async run(context, _, { account = "", person = "" }) {
        const world = await worldOfPersons(context, account, "see");
        return asAnswer({ world, person: personOf(context, world, person) });
      },
    }),
    operation({
      method: "POST",
      path: `${PATH}/:person`,
      params: writeAccountPersonParameters,
      async run(context, given, { account = "", person = "" }) {
        const { now, livemode } = context;
        const world = await worldOfPersons(context, account, "change");
        const before = personOf(context, world, person);
        const { change, found } = await withPersonToken(context, given, world.row.id);
        checkAccountPerson(change, { hash: "", now, country: world.state.country, given: before.state.given });
        return asAnswer(await writePerson(context, world, changePerson(before, change, { now, livemode, found })));
      },
    }),
    operation({
      method: "DELETE",
      path: `${PATH}/:person`,
      params: hash({}),
      async run(context, _, { account = "", person = "" }) {
        const world = await worldOfPersons(context, account, "change");
        const deleted = personOf(context, world, person);
        await deletePerson(context, world, deleted);
        return asJson({ id: deleted.row.id, object: "v2.core.account_person" } satisfies Stripe.V2.DeletedObject);
      },
    }),
  ],
};

const asAnswer = ({ world, person }: { world: AccountWorld; person: Person }): JsonObject =>
  asJson(renderAccountPerson(person, world.state.country));

async function worldOfPersons(context: OperationContext, account: string, use: "see" | "change"): Promise<AccountWorld> {
  return readAccountWorld(context.tx, await accountOfAccountPersons(context, account, use), context.limits);
}

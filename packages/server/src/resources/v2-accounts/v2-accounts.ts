import { apiError } from "@carabiner/protocol";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { hash } from "../../operations/parameters.ts";
import { v2ListAnswer, v2PageAsked } from "../../operations/v2-page.ts";
import type { AccountRow, JsonObject } from "../../store/contract/rows.ts";
import { actingApplication } from "../access/accessible-account.ts";
import { changeAccountWorld, createAccountWorld } from "../account-changes/change-account-world.ts";
import { wasConnected } from "../accounts/accounts.ts";
import { deleteAccount } from "../accounts/delete-account.ts";
import { type AccountView, viewOf, viewsOf } from "../connected-account/rendering/account-view.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { type AccountWorld, readAccountWorld, readAccountWorlds } from "../connected-account/state/account-world.ts";
import { currencyOf } from "../connected-account/state/countries.ts";
import { newAccount } from "../connected-account/state/new-account.ts";
import { appliedConfigurations } from "../connected-account/v2/configurations.ts";
import { type Include, v2Account, withIncluded } from "../connected-account/v2/render-v2-account.ts";
import { changedByV2 } from "./changed-by-v2.ts";
import { UNCHOSEN } from "./configure.ts";
import { listV2Accounts } from "./list-v2-accounts.ts";
import { namedAccount, openAccount } from "./named-account.ts";
import {
  closeV2AccountParameters,
  createV2AccountParameters,
  include,
  listV2AccountsParameters,
  updateV2AccountParameters,
} from "./v2-account-parameters.ts";

const PATH = "/v2/core/accounts";

/**
 * Accounts in the v2 API's form: the same accounts as in v1, shown differently.
 * Source: https://docs.stripe.com/api/v2/core/accounts
 */
export const v2Accounts: Resource = {
  object: "v2.core.account",
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: PATH,
      ownKeysOnly: true,
      params: createV2AccountParameters,
      async run(context, { include, account_token: token, ...told }) {
        const { account: platform, livemode, now, ids } = context;
        const application = await actingApplication(context);
        if (application === null) throw apiError("connect_not_signed_up");
        const country = told.identity?.country?.toUpperCase() ?? readAccountState(platform.data).country;
        if (currencyOf(country) === undefined) throw apiError("country_unsupported", { value: country, param: "identity[country]" });
        const row: AccountRow = { id: ids.newId("account", now), created: now, apiVersion: platform.apiVersion, deleted: false, data: {} };
        const blank = newAccount({ country, type: "none", controller: UNCHOSEN, createdBy: platform.id, livemode });
        const state = { ...blank, configured: { made: true, applied: {}, responsible: false } };
        const made = await changedByV2(
          context,
          { row, state, persons: [], externalAccounts: [], customer: null },
          { told, token, by: platform },
        );
        return shown(context, await createAccountWorld(context, made, { application, controller: true }), include);
      },
    }),
    operation({
      method: "GET",
      path: PATH,
      ownKeysOnly: true,
      params: listV2AccountsParameters,
      async run(context, { page: token, ...asked }) {
        const page = await v2PageAsked({ ...asked, page: token }, context.limits, (id) => wasConnected(context, id));
        const wanted = { closed: asked.closed ?? false, configurations: asked.applied_configurations ?? [] };
        const { accounts, seen } = await listV2Accounts(context, wanted, page);
        const worlds = await readAccountWorlds(context.tx, accounts, context.limits);
        const views = await viewsOf(context, worlds);
        const data = worlds.map((world, n) => shownTo(views[n] as AccountView, world));
        return v2ListAnswer({ path: PATH, params: asked }, data, seen, page);
      },
    }),
    operation({
      method: "GET",
      path: `${PATH}/:account`,
      params: hash({ include }),
      async run(context, { include: asked }, path) {
        const row = await namedAccount(context, path.account ?? "");
        return shown(context, await readAccountWorld(context.tx, row, context.limits), asked);
      },
    }),
    operation({
      method: "POST",
      path: `${PATH}/:account`,
      params: updateV2AccountParameters,
      async run(context, { include, account_token: token, ...told }, path) {
        const row = await openAccount(context, path.account ?? "");
        const world = await readAccountWorld(context.tx, row, context.limits);
        const after = await changedByV2(context, world, { told, token, by: null });
        return shown(context, await changeAccountWorld(context, world, after), include);
      },
    }),
    operation({
      method: "POST",
      path: `${PATH}/:account/close`,
      params: closeV2AccountParameters,
      async run(context, { applied_configurations: named = [] }, path) {
        const row = await openAccount(context, path.account ?? "");
        const world = await readAccountWorld(context.tx, row, context.limits);
        const configurations = appliedConfigurations(world, (await viewOf(context, world)).creator);
        if (configurations.length !== new Set(named).size || !configurations.every((one) => named.includes(one)))
          throw apiError("account_configurations_to_close", {
            account: row.id,
            configurations: configurations.join(", ") || "none",
            param: "applied_configurations",
          });
        await deleteAccount(context, row);
        return shown(context, { ...world, row: { ...row, deleted: true } });
      },
    }),
  ],
};

async function shown(context: OperationContext, world: AccountWorld, include: readonly Include[] = []): Promise<JsonObject> {
  return shownTo(await viewOf(context, world), world, include);
}

/** A closed account is shown in full, because only its creator can see it. */
function shownTo(view: AccountView, world: AccountWorld, include: readonly Include[] = []): JsonObject {
  const closed = world.row.deleted;
  return withIncluded(v2Account(world, { ...(closed ? { full: true, creator: true } : view), closed }), include);
}

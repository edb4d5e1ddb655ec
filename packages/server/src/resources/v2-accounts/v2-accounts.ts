import { apiError } from "@carabiner/protocol";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { hash } from "../../operations/parameters.ts";
import type { AccountRow, JsonObject } from "../../store/contract/rows.ts";
import { actingApplication } from "../access/accessible-account.ts";
import { changeAccountWorld, createAccountWorld } from "../account-changes/change-account-world.ts";
import { viewOf } from "../connected-account/rendering/account-view.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { type AccountWorld, readAccountWorld } from "../connected-account/state/account-world.ts";
import { currencyOf } from "../connected-account/state/countries.ts";
import { newAccount } from "../connected-account/state/new-account.ts";
import { type Include, v2Account, withIncluded } from "../connected-account/v2/render-v2-account.ts";
import { changedByV2 } from "./changed-by-v2.ts";
import { UNCHOSEN } from "./configure.ts";
import { namedAccount, openAccount } from "./named-account.ts";
import { createV2AccountParameters, include, updateV2AccountParameters } from "./v2-account-parameters.ts";

const PATH = "/v2/core/accounts";

/**
 * Accounts as the v2 API has them: the same accounts as those of v1, seen otherwise.
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
        const { tx, account: platform, livemode, now, ids } = context;
        const application = await actingApplication(context);
        if (application === null) throw apiError("connect_not_signed_up");
        const country = told.identity?.country?.toUpperCase() ?? readAccountState(platform.data).country;
        if (currencyOf(country) === undefined) throw apiError("country_unsupported", { value: country, param: "identity[country]" });
        const row: AccountRow = { id: ids.newId("account", now), created: now, apiVersion: platform.apiVersion, deleted: false, data: {} };
        const blank = newAccount({ country, type: "none", controller: UNCHOSEN, createdBy: platform.id, livemode });
        const state = { ...blank, configured: { made: true, applied: {}, responsible: false } };
        const made = await changedByV2(context, { row, state, persons: [], externalAccounts: [] }, { told, token, by: platform });
        await tx.insertAccount(row);
        await tx.insertConnection({
          platformId: platform.id,
          accountId: row.id,
          livemode,
          created: now,
          controller: true,
          scope: "read_write",
        });
        return shown(context, await createAccountWorld(context, made, application), include);
      },
    }),
    operation({
      method: "GET",
      path: `${PATH}/:account`,
      params: hash({ include }),
      async run(context, { include }, path) {
        const row = await namedAccount(context, path.account ?? "");
        return shown(context, await readAccountWorld(context.tx, row, context.limits), include);
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
  ],
};

async function shown(context: OperationContext, world: AccountWorld, include: readonly Include[] = []): Promise<JsonObject> {
  const closed = world.row.deleted;
  const { full } = closed ? { full: true } : await viewOf(context, world);
  return withIncluded(v2Account(world, { full, closed }), include);
}

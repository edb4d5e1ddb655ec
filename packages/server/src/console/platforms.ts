import { apiError } from "@carabiner/protocol";
import { mayActFor } from "../events/connection-access.ts";
import type { Resource } from "../operations/operation.ts";
import { optional, params, text } from "../operations/parameters.ts";
import { testHelper } from "../operations/test-helper.ts";
import { createPlatform } from "../resources/platforms/create-platform.ts";
import { issueKeys, type Keys, randomKeys } from "../resources/platforms/issue-keys.ts";
import { platformRefusal } from "../resources/platforms/platform-refusal.ts";
import type { JsonObject } from "../store/contract/rows.ts";

/** Gives a test a separate platform, and keys of its connected accounts. */
export const platforms: Resource = {
  object: "test_helpers.platform",
  expandable: {},
  operations: [
    testHelper({
      method: "POST",
      path: "/v1/test_helpers/platforms",
      ownKeysOnly: true,
      params: params({
        api_version: optional(text(40)),
        country: optional(text(2)),
        default_mcc: optional(text(4)),
        name: optional(text(200)),
      }),
      async run({ tx, now, ids, limits }, { name = "Platform", country = "US", default_mcc: defaultMcc, api_version: apiVersion }) {
        const asked = { name, country, defaultMcc, apiVersion };
        const refusal = platformRefusal(asked);
        if (refusal !== null) throw refusal;
        const { account, applications, keys } = await createPlatform(tx, { ...asked, keys: randomKeys(ids) }, { now, ids, limits });
        return { object: "test_helpers.platform", account, applications: { ...applications }, keys: keysAnswer(keys) };
      },
    }),
    testHelper({
      method: "POST",
      path: "/v1/test_helpers/accounts/:account/keys",
      ownKeysOnly: true,
      params: params({}),
      async run({ tx, now, ids, caller, keyHint, livemode }, _, { account: id = "" }) {
        const account = await tx.account(id);
        const connected = account !== null && !account.deleted && mayActFor(await tx.connections(caller.id, id), livemode);
        if (!connected) throw apiError("account_invalid", { key: keyHint, account: id });
        const keys = randomKeys(ids);
        await issueKeys(tx, id, keys, now);
        return { object: "test_helpers.keys", account: id, ...keysAnswer(keys) };
      },
    }),
  ],
};

function keysAnswer({ test, live }: Keys): JsonObject {
  return { test: { ...test }, live: { ...live } };
}

import { asJson } from "../../../operations/as-json.ts";
import type { OperationContext } from "../../../operations/operation.ts";
import type { AccountRow, JsonObject } from "../../../store/contract/rows.ts";
import { readAccountWorlds } from "../state/account-world.ts";
import { type AccountView, viewsOf } from "./account-view.ts";
import { accountObject } from "./render-account.ts";

/**
 * Several accounts as the caller sees them (`renderAccount`), in their order, without a separate statement for each.
 */
export async function renderAccounts(
  context: Pick<OperationContext, "tx" | "caller" | "account" | "livemode" | "limits">,
  rows: readonly AccountRow[],
): Promise<JsonObject[]> {
  const worlds = await readAccountWorlds(context.tx, rows, context.limits);
  const views = await viewsOf(context, worlds);
  return worlds.map((world, n) => asJson(accountObject(world, views[n] as AccountView, context)));
}

import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { accessibleAccount, connectedAccount } from "../access/accessible-account.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";

/**
 * The account a path names, if the call may see its persons: the account itself, or a platform that controls or created
 * it. Changes require a platform that controls the account. Throws `account_invalid`, `account_permission_missing`, and
 * `account_own_update` to an account that tries to change itself.
 * Source: https://docs.stripe.com/connect/handling-api-verification
 */
export async function accountOfPersons(context: OperationContext, id: string, use: "see" | "change"): Promise<AccountRow> {
  return permitted(context, await accessibleAccount(context, id), use);
}

/**
 * The same for a call of the v2 API, which does not find an account that it may not see. Throws `resource_missing`
 * instead of `account_invalid`.
 */
export async function accountOfAccountPersons(context: OperationContext, id: string, use: "see" | "change"): Promise<AccountRow> {
  const row = id === context.account.id ? context.account : await connectedAccount(context, id);
  if (row === null) throw apiError("resource_missing", { object: "account", id, param: "id" });
  return permitted(context, row, use);
}

async function permitted(context: OperationContext, row: AccountRow, use: "see" | "change"): Promise<AccountRow> {
  const { tx, account, caller } = context;
  const asking = row.id === account.id ? caller : account;
  if (asking.id === row.id) {
    if (use === "change") throw apiError("account_own_update");
    return row;
  }
  const controls = (await tx.connections(asking.id, row.id)).some(({ controller }) => controller);
  if (controls || (use === "see" && readAccountState(row.data).createdBy === asking.id)) return row;
  throw apiError("account_permission_missing", { account: row.id });
}

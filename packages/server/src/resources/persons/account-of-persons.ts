import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { accessibleAccount } from "../access/accessible-account.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";

/**
 * The account a path names, if the call may see its persons: the account itself, or a platform that controls or created
 * it. Changes require a platform that controls the account. Throws `account_invalid`, `account_permission_missing`, and
 * `account_own_update` to an account that tries to change itself.
 * Source: https://docs.stripe.com/connect/handling-api-verification
 */
export async function accountOfPersons(context: OperationContext, id: string, use: "see" | "change"): Promise<AccountRow> {
  const { tx, account, caller } = context;
  const row = await accessibleAccount(context, id);
  const asking = row.id === account.id ? caller : account;
  if (asking.id === row.id) {
    if (use === "change") throw apiError("account_own_update");
    return row;
  }
  const controls = (await tx.connections(asking.id, row.id)).some(({ controller }) => controller);
  if (controls || (use === "see" && readAccountState(row.data).createdBy === asking.id)) return row;
  throw apiError("account_permission_missing", { account: row.id });
}

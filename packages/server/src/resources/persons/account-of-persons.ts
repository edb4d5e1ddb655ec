import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { accessibleAccount } from "../access/accessible-account.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";

/**
 * The account a path names, if the call may see the people behind it: the account itself, a platform that controls it
 * or made it. To change them, a platform must control it. Throws `account_invalid`, `account_permission_missing`, and
 * `account_own_update` to an account that would change itself. Source: https://docs.stripe.com/connect/handling-api-verification
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

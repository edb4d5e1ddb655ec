import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { connectedAccount } from "../access/accessible-account.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";

/**
 * The account that a v2 call names: the call's own, one connected to it in this mode, or a closed account that it
 * created. Throws `resource_missing` for any other, whether or not it exists, so that callers cannot probe.
 */
export async function namedAccount(context: OperationContext, id: string): Promise<AccountRow> {
  if (id === context.account.id) return context.account;
  const row = (await connectedAccount(context, id)) ?? (await closedAccount(context, id));
  if (row === null) throw apiError("resource_missing", { object: "account", id, param: "id" });
  return row;
}

/** The same, for an account that will be changed. Also throws `account_own_update` and `account_closed`. */
export async function openAccount(context: OperationContext, id: string): Promise<AccountRow> {
  if (id === context.caller.id) throw apiError("account_own_update");
  const row = await namedAccount(context, id);
  if (row.deleted) throw apiError("account_closed", { account: id });
  return row;
}

/** Whether a row is a closed account that the call's account created in this mode. */
function isClosedBy({ caller, account, livemode }: Pick<OperationContext, "caller" | "account" | "livemode">, row: AccountRow): boolean {
  if (!row.deleted || caller.id !== account.id) return false;
  const { createdBy, livemode: itsMode } = readAccountState(row.data);
  return createdBy === account.id && itsMode === livemode;
}

async function closedAccount(context: OperationContext, id: string): Promise<AccountRow | null> {
  const row = await context.tx.account(id);
  return row !== null && isClosedBy(context, row) ? row : null;
}

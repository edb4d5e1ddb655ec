import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "./operation.ts";

/**
 * The row a call names, if it belongs to the account the call is for. Throws `resource_in_other_mode` for the account's
 * own row of the other mode, and `resource_missing` for a missing row or another account's. The answers to these two
 * are alike, so that callers cannot probe for ids. `name` is the row's name in messages, `param` is the name of the
 * path's parameter in errors.
 */
export function ownedRow<Row extends { accountId: string; livemode: boolean }>(
  row: Row | null,
  { account, livemode }: Pick<OperationContext, "account" | "livemode">,
  name: string,
  id: string,
  param = "id",
): Row {
  if (row === null || row.accountId !== account.id) throw apiError("resource_missing", { object: name, id, param });
  if (row.livemode !== livemode)
    throw apiError("resource_in_other_mode", {
      object: name,
      id,
      param,
      mode: livemode ? "live" : "test",
      other: livemode ? "test" : "live",
    });
  return row;
}

/** Whether a row exists and belongs to the account and mode of the call. */
export function isOwned(
  row: { accountId: string; livemode: boolean } | null,
  { account, livemode }: Pick<OperationContext, "account" | "livemode">,
): boolean {
  return row !== null && row.accountId === account.id && row.livemode === livemode;
}

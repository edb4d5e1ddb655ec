import { mayActFor } from "../events/connection-access.ts";
import type { ObjectRow } from "../store/contract/rows.ts";
import type { OperationContext } from "./operation.ts";

/**
 * The row that an answer names, if the caller may read it in this mode. It must belong to the account that the call is
 * for, to the caller when it acts for another account, or to an account connected to the caller when it acts for
 * itself. Otherwise null. So a platform sees the charge behind its fee, but other accounts' charges stay hidden.
 */
export async function readableRow(
  { tx, caller, account, livemode }: Pick<OperationContext, "tx" | "caller" | "account" | "livemode">,
  id: string,
): Promise<ObjectRow | null> {
  const row = await tx.object(id);
  if (row === null || row.livemode !== livemode) return null;
  const { accountId: owner } = row;
  if (owner === account.id || owner === caller.id) return row;
  if (caller.id !== account.id) return null;
  return mayActFor(await tx.connections(caller.id, owner), livemode) ? row : null;
}

import { mayActFor } from "../events/connection-access.ts";
import type { ObjectRow } from "../store/contract/rows.ts";
import type { OperationContext } from "./operation.ts";

/**
 * The row that an answer names, if the caller may read it in this mode: one of the account that the call is for; of the
 * caller itself, where it acts for another account; or of an account connected to the caller, where it acts for itself.
 * Null for any other. So a platform sees the charge that a fee was taken of, and no other account's.
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

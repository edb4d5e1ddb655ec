import { mayActFor } from "../events/connection-access.ts";
import type { ObjectRow } from "../store/contract/rows.ts";
import type { OperationContext } from "./operation.ts";

/**
 * The rows that an answer names and that the caller may read in this mode. Each must belong to the account that the
 * call is for, to the caller when the caller acts for another account, or to an account connected to the caller when
 * the caller acts for itself. So a platform sees the charge behind its fee, but other accounts' charges stay hidden.
 */
export async function readableRows(
  { tx, caller, account, livemode }: Pick<OperationContext, "tx" | "caller" | "account" | "livemode">,
  ids: readonly string[],
): Promise<ObjectRow[]> {
  const named = await tx.objectsById(ids);
  const rows = [...named.values()].filter((row) => row.livemode === livemode);
  const owned = ({ accountId }: ObjectRow): boolean => accountId === account.id || accountId === caller.id;
  if (caller.id !== account.id) return rows.filter(owned);
  const others = new Set(rows.filter((row) => !owned(row)).map(({ accountId }) => accountId));
  const connections = await tx.connectionsTo(caller.id, [...others]);
  return rows.filter((row) => owned(row) || mayActFor(connections.get(row.accountId) ?? [], livemode));
}

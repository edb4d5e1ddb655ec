import type { OperationContext } from "../../operations/operation.ts";
import { isOwned } from "../../operations/owned-row.ts";
import type { JsonObject } from "../../store/store.ts";
import { BALANCE_TRANSACTION, renderBalanceTransaction } from "./balance-transaction.ts";

/** Loads the balance transaction an answer names. */
export async function expandBalanceTransaction(context: OperationContext, id: string): Promise<JsonObject | null> {
  const row = await context.tx.object(id);
  return row?.object === BALANCE_TRANSACTION && isOwned(row, context) ? renderBalanceTransaction(row, context.now) : null;
}

import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import { isOwned } from "../../operations/owned-row.ts";

/** Throws `resource_missing` unless a customer that a call names is the account's, and still there. */
export async function checkCustomer(context: OperationContext, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const row = await context.tx.object(id);
  if (row?.object !== "customer" || !isOwned(row, context) || row.data.deleted === true)
    throw apiError("resource_missing", { object: "customer", id, param: "customer" });
}

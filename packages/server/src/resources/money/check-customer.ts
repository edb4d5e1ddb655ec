import { apiError } from "@carabiner/protocol";
import { findOwn } from "../../operations/object-kind.ts";
import type { OperationContext } from "../../operations/operation.ts";

/** Throws `resource_missing` unless a customer that a call names is the account's, and still there. */
export async function checkCustomer(context: OperationContext, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const row = await findOwn(context, { object: "customer" }, id);
  if (row === null || row.data.deleted === true) throw apiError("resource_missing", { object: "customer", id, param: "customer" });
}

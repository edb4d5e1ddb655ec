import type { OperationContext } from "../../operations/operation.ts";
import { ownedRow } from "../../operations/owned-row.ts";
import { PAYOUT, type Payout, readPayout } from "./payout-state.ts";

/** The payout a call names. Throws `resource_missing` for one that is not the account's. */
export async function ownPayout(context: OperationContext, id: string): Promise<Payout> {
  const row = await context.tx.object(id);
  return readPayout(ownedRow(row?.object === PAYOUT ? row : null, context, "payout", id));
}

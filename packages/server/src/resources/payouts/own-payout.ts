import { ownRow } from "../../operations/object-kind.ts";
import type { OperationContext } from "../../operations/operation.ts";
import { PAYOUT_KIND } from "./payout-kind.ts";
import { type Payout, readPayout } from "./payout-state.ts";

/** The payout a call names. Throws `resource_missing` for a payout of another account. */
export async function ownPayout(context: OperationContext, id: string): Promise<Payout> {
  return readPayout(await ownRow(context, PAYOUT_KIND, id));
}

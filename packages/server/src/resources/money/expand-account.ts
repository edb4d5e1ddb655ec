import type { OperationContext } from "../../operations/operation.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { connectedAccount } from "../access/accessible-account.ts";
import { renderAccount } from "../connected-account/rendering/render-account.ts";

/** Loads an account an answer names: the one the call is for, or one connected to it. */
export async function expandAccount(context: OperationContext, id: string): Promise<JsonObject | null> {
  const row = id === context.account.id ? context.account : await connectedAccount(context, id);
  return row === null || row.deleted ? null : renderAccount(context, row);
}

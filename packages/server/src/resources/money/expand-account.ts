import type { OperationContext } from "../../operations/operation.ts";
import type { JsonObject } from "../../store/store.ts";
import { mayActFor } from "../access/connection-access.ts";
import { renderAccount } from "../connected-account/rendering/render-account.ts";

/** Loads an account an answer names: the one the call is for, or one connected to it. */
export async function expandAccount(context: OperationContext, id: string): Promise<JsonObject | null> {
  const { tx, account, livemode } = context;
  const row = id === account.id ? account : await tx.account(id);
  if (row === null || row.deleted) return null;
  return id === account.id || mayActFor(await tx.connections(account.id, id), livemode) ? renderAccount(context, row) : null;
}

import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/store.ts";
import { mayActFor } from "./connection-access.ts";

/**
 * The account a path names: the one the call is for, or one connected to it in this mode. Throws `account_invalid` for
 * any other, deleted ones and unknown ones alike. Source: https://docs.stripe.com/connect/authentication
 */
export async function accessibleAccount(
  { tx, account, livemode, keyHint }: Pick<OperationContext, "tx" | "account" | "livemode" | "keyHint">,
  id: string,
): Promise<AccountRow> {
  if (id === account.id) return account;
  const row = await tx.account(id);
  if (row === null || row.deleted || !mayActFor(await tx.connections(account.id, id), livemode))
    throw apiError("account_invalid", { key: keyHint, account: id });
  return row;
}

/** The same, which must not be the caller's own. Throws also `account_own_update`. */
export async function othersAccount(context: OperationContext, id: string): Promise<AccountRow> {
  if (id === context.caller.id) throw apiError("account_own_update");
  return accessibleAccount(context, id);
}

/** The application of the account a call is for, in the key's mode; null when it is no platform. */
export async function actingApplication({ tx, caller, account, application, livemode }: OperationContext) {
  return account.id === caller.id ? application : await tx.application(account.id, livemode);
}

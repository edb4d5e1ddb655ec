import { apiError } from "@carabiner/protocol";
import { mayActFor } from "../../events/connection-access.ts";
import type { OperationContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";

/**
 * The account that a path names: the call's own, or one connected to it in this mode. Throws `account_invalid` for any
 * other, including deleted and unknown ones.
 * Source: https://docs.stripe.com/connect/authentication
 */
export async function accessibleAccount(
  context: Pick<OperationContext, "tx" | "caller" | "account" | "livemode" | "keyHint">,
  id: string,
): Promise<AccountRow> {
  if (id === context.account.id) return context.account;
  const row = await connectedAccount(context, id);
  if (row === null) throw apiError("account_invalid", { key: context.keyHint, account: id });
  return row;
}

/**
 * An account connected to the call's account in this mode; null when there is none. A platform acting for an account
 * always gets null: only the account's own keys reach the accounts connected to it.
 */
export async function connectedAccount(
  { tx, caller, account, livemode }: Pick<OperationContext, "tx" | "caller" | "account" | "livemode">,
  id: string,
): Promise<AccountRow | null> {
  if (account.id !== caller.id) return null;
  const row = await tx.account(id);
  return row === null || row.deleted || !mayActFor(await tx.connections(account.id, id), livemode) ? null : row;
}

/** The same, except that it must not be the caller's own. Also throws `account_own_update`. */
export async function othersAccount(context: OperationContext, id: string): Promise<AccountRow> {
  if (id === context.caller.id) throw apiError("account_own_update");
  return accessibleAccount(context, id);
}

/** The application of the call's account, in the key's mode; null when the account is not a platform. */
export async function actingApplication({
  tx,
  caller,
  account,
  application,
  livemode,
}: Pick<OperationContext, "tx" | "caller" | "account" | "application" | "livemode">) {
  return account.id === caller.id ? application : await tx.application(account.id, livemode);
}

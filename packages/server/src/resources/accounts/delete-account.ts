import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { accountClosed } from "../account-changes/account-v2-events.ts";
import { endConnections } from "../account-changes/end-connections.ts";
import { hasFunds, readBalance } from "../balance/balance-state.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { endCustomer } from "../customers/end-customer.ts";

/** Deletes an account and ends its connections. Throws `account_delete_refused`. */
export async function deleteAccount(context: OperationContext, row: AccountRow): Promise<void> {
  const refusal = await deletionRefusal(context, row);
  if (refusal !== null) throw apiError("account_delete_refused", { reason: refusal });
  await deleteCustomer(context, row);
  await context.record([accountClosed(context.livemode, row)]);
  await endConnections(context, row, (await context.tx.subscribers(row.id)).connections);
  await context.tx.deleteKeys(row.id);
  await context.tx.updateAccount({ ...row, deleted: true });
}

/**
 * Deletes the customer that the account is to the platform that created it. The customer's data stays, like the
 * account's.
 */
async function deleteCustomer(context: OperationContext, { data }: AccountRow): Promise<void> {
  const { tx } = context;
  const { customer: id } = readAccountState(data).configured;
  const row = id === undefined ? null : await tx.object(id);
  const account = row === null ? null : await tx.account(row.accountId);
  if (row === null || account === null || row.data.deleted === true) return;
  await endCustomer({ ...context, account, livemode: row.livemode }, row, row.data);
}

/** Why an account cannot be deleted; null when it can. Source: https://docs.stripe.com/api/accounts/delete */
async function deletionRefusal({ tx, caller, account, livemode, now }: OperationContext, row: AccountRow): Promise<string | null> {
  if (row.id === caller.id) return "it is your own";
  const state = readAccountState(row.data);
  const platform = row.id === account.id ? caller : account;
  const connections = await tx.connections(platform.id, row.id);
  if (state.createdBy !== platform.id && !connections.some(({ controller }) => controller))
    return "your platform neither made nor controls it";
  if (!livemode && connections.some((connection) => connection.livemode)) return "it is a live account, and a test mode key was used";
  if (livemode && state.controller.dashboard === "full" && state.controller.losses === "stripe")
    return "it is a live account with access to the full Dashboard, whose losses Stripe bears";
  if (livemode && hasFunds(await readBalance(tx, row.id, livemode, now))) return "it is a live account, and its balance is not zero";
  return null;
}

import { apiError } from "@carabiner/protocol";
import { mayActFor } from "../events/connection-access.ts";
import type { AccountRow } from "../store/contract/rows.ts";
import type { Reads } from "../store/contract/transaction.ts";

/**
 * On whose behalf a request is made: the caller's own, or that of the account named by `Stripe-Account`.
 * Throws `account_invalid` when that account is unknown, deleted or not connected to the caller; all three look alike.
 */
export async function actingAccount(
  reads: Reads,
  caller: AccountRow,
  header: string | undefined,
  livemode: boolean,
  keyHint: string,
): Promise<AccountRow> {
  if (header === undefined || header === caller.id) return caller;
  // The header sent empty is refused, not ignored: its sender meant some account, and acting for the platform is not that.
  const account = header === "" ? null : await reads.account(header);
  if (account !== null && !account.deleted && mayActFor(await reads.connections(caller.id, account.id), livemode)) return account;
  throw apiError("account_invalid", { key: keyHint, account: header.slice(0, 64) });
}

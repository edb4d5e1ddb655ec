import { apiError } from "@carabiner/protocol";
import { mayActFor } from "../events/connection-access.ts";
import type { AccountRow } from "../store/contract/rows.ts";
import type { Reads } from "../store/contract/transaction.ts";

/**
 * The account that a request acts for: the caller, or the account named by `Stripe-Account`.
 * Throws `account_invalid` if that account is unknown, deleted or not connected to the caller; all three look alike.
 */
export async function actingAccount(
  reads: Reads,
  caller: AccountRow,
  header: string | undefined,
  livemode: boolean,
  keyHint: string,
): Promise<AccountRow> {
  if (header === undefined || header === caller.id) return caller;
  // An empty header is refused, not ignored: its sender meant some account other than the platform.
  const account = header === "" ? null : await reads.account(header);
  if (account !== null && !account.deleted && mayActFor(await reads.connections(caller.id, account.id), livemode)) return account;
  throw apiError("account_invalid", { key: keyHint, account: header.slice(0, 64) });
}

import type { AccountState } from "../connected-account/state/account-state.ts";
import type { ExternalAccount } from "../connected-account/state/external-account-state.ts";

/** The requirement of an account without a payout destination. */
const EXTERNAL_ACCOUNT_DUE = "external_account";

/** What blocks a payout: the account's payouts are disabled, or this destination does not accept payouts. */
export type PayoutBlock = "account" | "destination";

/**
 * What blocks a payout from an account to a destination; null when nothing does. After a failed payout, a destination
 * accepts no payouts, automatic or manual, until it is updated. An account whose payouts are disabled only for that
 * reason can still be paid to another destination, if the call names it.
 * Source: https://docs.stripe.com/connect/payouts-connected-accounts
 */
export function payoutBlock(
  { derived }: Pick<AccountState, "derived">,
  { state }: Pick<ExternalAccount, "state">,
  named: boolean,
): PayoutBlock | null {
  if (state.status !== "new") return "destination";
  if (derived.payoutsEnabled) return null;
  const { currently_due, past_due } = derived.requirements;
  const due = new Set([...(currently_due ?? []), ...(past_due ?? [])]);
  return named && due.size === 1 && due.has(EXTERNAL_ACCOUNT_DUE) ? null : "account";
}

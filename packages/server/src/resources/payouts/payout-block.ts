import type { AccountState } from "../connected-account/state/account-state.ts";
import type { ExternalAccount } from "../connected-account/state/external-account-state.ts";

/** What is required of an account that has nothing to be paid out to. */
const EXTERNAL_ACCOUNT_DUE = "external_account";

/** What stands in the way of a payout: the account's own payouts are disabled, or this destination takes none. */
export type PayoutBlock = "account" | "destination";

/**
 * What stands in the way of paying an account out to a destination; null when nothing does. A destination to which a
 * payout failed takes none, by schedule or by hand, until it is updated. An account whose payouts are disabled for that
 * alone can still be paid out to another destination, if the call names it.
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

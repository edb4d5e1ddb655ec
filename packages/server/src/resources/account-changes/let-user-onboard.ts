import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { readAccountState, writeAccountState } from "../connected-account/state/account-state.ts";

/**
 * Records that an account's user was sent a link or a session to provide what is required. If Stripe collects the
 * requirements, the platform may then no longer say who the account is. Nothing shows this, so there is no event.
 * Source: https://docs.stripe.com/api/accounts/update
 */
export async function letUserOnboard({ tx }: Pick<ChangeContext, "tx">, account: AccountRow): Promise<void> {
  const state = readAccountState(account.data);
  if (state.userOnboards || state.controller.requirementCollection === "application") return;
  await tx.updateAccount({ ...account, data: writeAccountState({ ...state, userOnboards: true }) });
}

import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { readKeptBalance, settled } from "./balance-state.ts";
import { keepBalance } from "./ledger.ts";
import { renderBalance } from "./render-balance.ts";

/**
 * Makes available what has become so, and records `balance.available` if the account's available funds have grown since
 * it was last told: by that, or by what was available at once. Whoever posts to the ledger calls this after the events
 * of its own; for an account without a balance it does nothing.
 */
export async function releaseFunds(context: ChangeContext, account: AccountRow): Promise<void> {
  const { tx, now, livemode } = context;
  const kept = await readKeptBalance(tx, account.id, livemode);
  if (kept === null) return;
  const balance = settled(kept, now);
  await keepBalance(context, { ...balance, grown: false }, false);
  if (balance.grown) await context.record([{ account, livemode, type: "balance.available", object: renderBalance(account, balance) }]);
}

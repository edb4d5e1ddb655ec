import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { readKeptBalance, settled } from "./balance-state.ts";
import { keepBalance } from "./ledger.ts";
import { renderBalance } from "./render-balance.ts";

/**
 * Makes due funds available, and records `balance.available` if the available funds have grown since that event was
 * last recorded, including funds that were available at once. Call it after recording the events of your own ledger
 * entries. It does nothing for an account without a balance.
 */
export async function releaseFunds(context: ChangeContext, account: AccountRow): Promise<void> {
  const { tx, now, livemode } = context;
  const kept = await readKeptBalance(tx, account.id, livemode);
  if (kept === null) return;
  const balance = settled(kept, now);
  await keepBalance(context, { ...balance, grown: false }, false);
  if (balance.grown) await context.record([{ account, livemode, type: "balance.available", object: renderBalance(account, balance) }]);
}

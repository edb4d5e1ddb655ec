import { isDeepStrictEqual } from "node:util";
import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { allFunds, readBalance } from "../balance/balance-state.ts";
import { BALANCE_TASK } from "../balance/ledger.ts";
import { type AccountState, readAccountState } from "../connected-account/state/account-state.ts";
import { nextPayoutDay, payoutSchedule } from "../connected-account/state/payout-schedule.ts";

/**
 * Plans the next check of an account's balance: when more funds become available and, while there are funds, on the
 * next payout day of its schedule. An account whose payouts are blocked is checked again on that day.
 */
export async function planAutomaticPayouts(
  { tx, now }: Pick<ChangeContext, "tx" | "now">,
  account: AccountRow,
  livemode: boolean,
): Promise<void> {
  const task = { accountId: account.id, livemode, kind: BALANCE_TASK, subject: account.id };
  const balance = await readBalance(tx, account.id, livemode, now);
  const times: number[] = [];
  for (const { funds } of allFunds(balance)) {
    const [earliest] = funds.pending;
    if (earliest !== undefined) times.push(earliest[0]);
    if (funds.available === 0) continue;
    const state = readAccountState(account.data);
    const day = nextPayoutDay(payoutSchedule(state), state.country, now);
    if (day !== null) times.push(day);
  }
  if (times.length === 0) await tx.cancelTask(task);
  else await tx.scheduleTask({ ...task, dueAt: Math.min(...times) });
}

/** Replans an account's automatic payouts, in both modes, after a change of its schedule. */
export async function planPayoutsAnew(
  context: Pick<ChangeContext, "tx" | "now">,
  before: AccountState,
  { row, state }: { row: AccountRow; state: AccountState },
): Promise<void> {
  if (isDeepStrictEqual(payoutSchedule(before), payoutSchedule(state))) return;
  for (const livemode of [false, true]) await planAutomaticPayouts(context, row, livemode);
}

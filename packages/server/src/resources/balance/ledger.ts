import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow, ObjectRow } from "../../store/contract/rows.ts";
import { DAY_MS, nextMidnight } from "../connected-account/state/utc-day.ts";
import {
  allFunds,
  BALANCE,
  type BalanceState,
  balanceData,
  balanceId,
  credited,
  emptyBalance,
  fundsOf,
  readKeptBalance,
} from "./balance-state.ts";
import { BALANCE_TRANSACTION, type LedgerEntry, transactionData } from "./balance-transaction.ts";
import { batchOfDay, batchOfNow } from "./payout-batch.ts";

/** The task that releases and pays out an account's funds. Its subject is the account. */
export const BALANCE_TASK = "balance";

/**
 * The only way to change balances. Writes a transaction for each entry and updates the account's balance in this mode,
 * in time independent of the number of transactions. Returns the transactions' rows in the entries' order.
 *
 * Records no event: callers run `releaseFunds` after their own events, so that `balance.available` comes last.
 */
export async function postToLedger(context: ChangeContext, account: AccountRow, entries: readonly LedgerEntry[]): Promise<ObjectRow[]> {
  const { tx, now, livemode, ids } = context;
  const kept = await readKeptBalance(tx, account.id, livemode);
  let balance = kept ?? emptyBalance(account.id, livemode);
  const rows: ObjectRow[] = [];
  for (const entry of entries) {
    check(entry, now);
    const { currency, sourceType, availableOn } = entry;
    const batch =
      availableOn <= now
        ? batchOfNow(currency, sourceType, fundsOf(balance, currency, sourceType).batch)
        : batchOfDay(currency, sourceType, availableOn);
    const row: ObjectRow = {
      id: ids.newId("balance_transaction", now),
      object: BALANCE_TRANSACTION,
      accountId: account.id,
      livemode,
      parent: batch,
      created: now,
      data: transactionData(entry),
    };
    await tx.insertObject(row);
    rows.push(row);
    balance = credited(balance, { currency, sourceType, availableOn, amount: entry.amount - entry.fee }, now);
  }
  await keepBalance(context, balance, kept === null);
  return rows;
}

/** Writes a balance, and plans its next check: at the next UTC midnight, as long as it holds anything. */
export async function keepBalance({ tx, now }: ChangeContext, balance: BalanceState, isNew: boolean): Promise<void> {
  const { accountId, livemode } = balance;
  const row = {
    id: balanceId(accountId, livemode),
    object: BALANCE,
    accountId,
    livemode,
    parent: null,
    created: now,
    data: balanceData(balance),
  };
  if (isNew) await tx.insertObject(row);
  else await tx.updateObject(row);
  const task = { accountId, livemode, kind: BALANCE_TASK, subject: accountId };
  // Funds only become available at midnight, so the next midnight is never too late.
  if (allFunds(balance).some(({ funds }) => funds.available !== 0 || funds.pending.length > 0))
    await tx.scheduleTask({ ...task, dueAt: nextMidnight(now) });
  else await tx.cancelTask(task);
}

function check({ amount, fee, feeDetails, availableOn }: LedgerEntry, now: number): void {
  if (!Number.isSafeInteger(amount) || !Number.isSafeInteger(fee)) throw new Error("Amounts and fees are whole numbers.");
  if (feeDetails.reduce((sum, detail) => sum + detail.amount, 0) !== fee) throw new Error("A fee is the sum of its details.");
  if (availableOn > now && availableOn % DAY_MS !== 0) throw new Error("Funds that wait become available at a UTC midnight.");
}

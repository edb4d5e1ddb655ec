import type { EventDraft } from "../../events/record-event.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import type { LedgerEntry } from "../balance/balance-transaction.ts";
import { postToLedger } from "../balance/ledger.ts";
import { releaseFunds } from "../balance/release-funds.ts";

/** What one call does to balances, and what is to be told of it, in order. */
export interface MoneyChange {
  drafts: EventDraft[];
  /** Whose balances were changed, by id. */
  accounts: Map<string, AccountRow>;
}

export function newMoneyChange(): MoneyChange {
  return { drafts: [], accounts: new Map() };
}

/** Posts an entry to an account's balance. Returns the transaction's id. */
export async function post(context: ChangeContext, change: MoneyChange, account: AccountRow, entry: LedgerEntry): Promise<string> {
  const [row] = await postToLedger(context, account, [entry]);
  if (row === undefined) throw new Error("An entry makes a transaction.");
  change.accounts.set(account.id, account);
  return row.id;
}

/** Records what was done, and then which balances grew by it. */
export async function finishMoneyChange(context: ChangeContext, { drafts, accounts }: MoneyChange): Promise<void> {
  await context.record(drafts);
  for (const account of accounts.values()) await releaseFunds(context, account);
}

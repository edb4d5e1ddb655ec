import type { EventDraft } from "../../events/event-draft.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import type { LedgerEntry } from "../balance/balance-transaction.ts";
import { postToLedger } from "../balance/ledger.ts";
import { releaseFunds } from "../balance/release-funds.ts";

/** The changes one call makes to balances, and the events to record for it, in order. */
export interface MoneyChange {
  drafts: EventDraft[];
  /** The ids of the accounts whose balances changed. */
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

/** Records the events of the call, and then `balance.available` for the balances that grew. */
export async function finishMoneyChange(context: ChangeContext, { drafts, accounts }: MoneyChange): Promise<void> {
  await context.record(drafts);
  for (const account of accounts.values()) await releaseFunds(context, account);
}

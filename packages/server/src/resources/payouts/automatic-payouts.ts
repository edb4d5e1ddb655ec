import { hashOf } from "../../operations/merge-change.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import type { TaskHandlers } from "../../operations/task.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { planAutomaticPayouts } from "../account-changes/plan-automatic-payouts.ts";
import { allFunds, type Funds, pendingOf, readBalance } from "../balance/balance-state.ts";
import { BALANCE_TASK } from "../balance/ledger.ts";
import { releaseFunds } from "../balance/release-funds.ts";
import { type AccountState, readAccountState } from "../connected-account/state/account-state.ts";
import { defaultExternalAccount } from "../connected-account/state/default-external-account.ts";
import { EXTERNAL_ACCOUNT, type ExternalAccount, readExternalAccount } from "../connected-account/state/external-account-state.ts";
import {
  debitsNegativeBalances,
  isPayoutDay,
  minimumBalances,
  nextPayoutDay,
  payoutSchedule,
} from "../connected-account/state/payout-schedule.ts";
import { makePayout } from "./make-payout.ts";
import { payoutBlock } from "./payout-block.ts";

/** The description of an account's automatic payouts. */
const DESCRIPTION = "STRIPE PAYOUT";

/** Releases due funds, and pays them out on payout days. */
export const balanceTask: TaskHandlers = {
  [BALANCE_TASK]: async (context, { accountId, dueAt }) => {
    const account = await context.tx.account(accountId);
    if (account === null || account.deleted) return;
    await releaseFunds(context, account);
    const state = readAccountState(account.data);
    const schedule = payoutSchedule(state);
    // A server that was down on a payout day pays out after it restarts, also where only what comes before it was due.
    const next = nextPayoutDay(schedule, state.country, dueAt);
    if (isPayoutDay(schedule, state.country, dueAt) || (next !== null && next <= context.now)) await payOut(context, account, state);
    await planAutomaticPayouts(context, account, context.livemode);
  },
};

/**
 * Makes one payout for each currency and kind of source with funds, to the default external account of the currency.
 */
async function payOut(context: ChangeContext, account: AccountRow, state: AccountState): Promise<void> {
  const { tx, now, livemode } = context;
  const balance = await readBalance(tx, account.id, livemode, now);
  const payouts = hashOf(hashOf(state.given.settings).payouts);
  let externalAccounts: ExternalAccount[] | null = null;
  const staying: Record<string, number> = { ...minimumBalances(state) };
  for (const { currency, sourceType, funds } of allFunds(balance)) {
    const stays = staying[currency] ?? 0;
    const amount = automaticAmount(funds, debitsNegativeBalances(state), stays);
    staying[currency] = Math.max(0, stays - Math.max(0, funds.available));
    if (amount === 0) continue;
    externalAccounts ??= await externalAccountsOf(context, account);
    const destination = defaultExternalAccount({ externalAccounts }, livemode, currency);
    if (destination === undefined || payoutBlock(state, destination, false) !== null) continue;
    await makePayout(context, account, {
      amount,
      automatic: true,
      currency,
      description: DESCRIPTION,
      destination,
      metadata: {},
      method: "standard",
      originalPayout: null,
      sourceType,
      statementDescriptor: (payouts.statement_descriptor as string | undefined) ?? null,
    });
  }
}

/** Reads only external accounts of the mode, to keep a payout day of many accounts cheap. */
async function externalAccountsOf({ tx, livemode, limits }: ChangeContext, { id }: AccountRow): Promise<ExternalAccount[]> {
  const filter = { object: EXTERNAL_ACCOUNT, accountId: id, livemode };
  return (await tx.objects(filter, { limit: limits.externalAccountsPerMode })).rows.map(readExternalAccount);
}

/**
 * The amount of an account's automatic payout: everything that is available beyond the amount that stays. If pending
 * funds do not cover what it owes, the rest is debited as a negative amount, if its bank account may be debited.
 * Otherwise nothing.
 * Source: https://docs.stripe.com/connect/account-balances
 */
export function automaticAmount(funds: Pick<Funds, "available" | "pending">, debits: boolean, stays = 0): number {
  if (funds.available >= 0) return Math.max(0, funds.available - stays);
  const owed = funds.available + pendingOf(funds as Funds);
  return debits && owed < 0 ? owed : 0;
}

import type { TaskHandlers } from "../task.ts";
import { BALANCE_TASK } from "./ledger.ts";
import { releaseFunds } from "./release-funds.ts";

/** Makes funds available when their time has come. */
export const balanceTask: TaskHandlers = {
  [BALANCE_TASK]: async (context, { accountId }) => {
    const account = await context.tx.account(accountId);
    if (account !== null && !account.deleted) await releaseFunds(context, account);
  },
};

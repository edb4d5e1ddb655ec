import type { TaskHandlers } from "../../operations/task.ts";
import { readAccountWorld } from "../connected-account/state/account-world.ts";
import { ACCOUNT_TASK, changeAccountWorld } from "./change-account-world.ts";

/** Re-evaluates an account when a verification ends or a deadline passes. */
export const accountTask: TaskHandlers = {
  [ACCOUNT_TASK]: async (context, { accountId }) => {
    const row = await context.tx.account(accountId);
    if (row === null || row.deleted) return;
    const world = await readAccountWorld(context.tx, row, context.limits);
    await changeAccountWorld(context, world, world);
  },
};

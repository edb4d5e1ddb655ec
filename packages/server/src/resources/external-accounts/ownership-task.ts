import { readAccountWorld } from "../accounts/account-world.ts";
import { changeAccountWorld } from "../accounts/change-account-world.ts";
import type { TaskHandlers } from "../task.ts";
import { changeExternalAccount } from "./change-external-account.ts";
import { afterOwnershipCheck } from "./ownership-check.ts";
import { OWNERSHIP_TASK } from "./plan-ownership-checks.ts";

/** Ends a look into who owns a bank account. */
export const ownershipTask: TaskHandlers = {
  [OWNERSHIP_TASK]: async (context, { accountId, subject }) => {
    const row = await context.tx.account(accountId);
    if (row === null || row.deleted) return;
    const world = await readAccountWorld(context.tx, row, context.limits);
    await changeAccountWorld(
      context,
      world,
      changeExternalAccount(world, subject, (state) => afterOwnershipCheck(state, context.now)),
    );
  },
};

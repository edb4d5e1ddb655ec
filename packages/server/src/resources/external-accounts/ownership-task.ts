import type { TaskHandlers } from "../../operations/task.ts";
import { changeAccountWorld } from "../account-changes/change-account-world.ts";
import { OWNERSHIP_TASK } from "../account-changes/plan-ownership-checks.ts";
import { afterOwnershipCheck } from "../connected-account/rendering/ownership-check.ts";
import { readAccountWorld } from "../connected-account/state/account-world.ts";
import { changeExternalAccount } from "./change-external-account.ts";

/** Completes an ownership check of a bank account. */
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

import type { Transaction } from "../../store/contract/transaction.ts";
import { ownershipDueAt } from "../connected-account/rendering/ownership-check.ts";
import type { ExternalAccount } from "../connected-account/state/external-account-state.ts";

/** The task that completes an ownership check of a bank account. */
export const OWNERSHIP_TASK = "external_account";

/** Plans the end of each new ownership check, and cancels plans that are no longer needed. */
export async function planOwnershipChecks(
  tx: Pick<Transaction, "scheduleTask" | "cancelTask">,
  before: readonly ExternalAccount[],
  after: readonly ExternalAccount[],
): Promise<void> {
  const was = new Map(before.map((one) => [one.row.id, ownershipDueAt(one.state)]));
  for (const { row, state } of after) {
    const dueAt = ownershipDueAt(state);
    const planned = was.get(row.id) ?? null;
    was.delete(row.id);
    const task = { accountId: row.accountId, livemode: row.livemode, kind: OWNERSHIP_TASK, subject: row.id };
    if (dueAt !== null && dueAt !== planned) await tx.scheduleTask({ ...task, dueAt });
    else if (dueAt === null && planned !== null) await tx.cancelTask(task);
  }
  for (const { row } of before) {
    if ((was.get(row.id) ?? null) !== null)
      await tx.cancelTask({ accountId: row.accountId, livemode: row.livemode, kind: OWNERSHIP_TASK, subject: row.id });
  }
}

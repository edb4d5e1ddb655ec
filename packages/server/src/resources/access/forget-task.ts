import type { TaskHandlers } from "../../operations/task.ts";
import type { ObjectRow } from "../../store/contract/rows.ts";
import type { Transaction } from "../../store/contract/transaction.ts";

/** The task that forgets a row that was kept for a while only. */
const FORGET_TASK = "forget";

/** Keeps a row until a time, in Unix milliseconds. */
export async function insertUntil(tx: Transaction, row: ObjectRow, until: number): Promise<void> {
  await tx.insertObject(row);
  await tx.scheduleTask({ accountId: row.accountId, livemode: row.livemode, kind: FORGET_TASK, subject: row.id, dueAt: until });
}

/** Forgets what was kept with `insertUntil`. Does nothing when it has gone already. */
export const forgetTask: TaskHandlers = {
  [FORGET_TASK]: ({ tx }, { subject }) => tx.deleteObject(subject),
};

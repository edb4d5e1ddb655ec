import type { TaskHandlers } from "../../operations/task.ts";
import type { ObjectRow } from "../../store/contract/rows.ts";
import type { Transaction } from "../../store/contract/transaction.ts";

/** The task that deletes a temporary row. */
const FORGET_TASK = "forget";

/** Stores a row until a time, in Unix milliseconds. */
export async function insertUntil(tx: Transaction, row: ObjectRow, until: number): Promise<void> {
  await tx.insertObject(row);
  await tx.scheduleTask({ accountId: row.accountId, livemode: row.livemode, kind: FORGET_TASK, subject: row.id, dueAt: until });
}

/** Deletes a row stored with `insertUntil`. Does nothing when it is already gone. */
export const forgetTask: TaskHandlers = {
  [FORGET_TASK]: ({ tx }, { subject }) => tx.deleteObject(subject),
};

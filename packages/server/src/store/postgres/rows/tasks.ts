import type { TaskRow } from "../../contract/rows.ts";
import type { Session } from "../database/session.ts";
import { taskRow } from "./rows.ts";

const SCHEDULE = `
  INSERT INTO tasks (account_id, livemode, kind, subject, due_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (account_id, livemode, kind, subject) DO UPDATE SET due_at = excluded.due_at`;
const CANCEL = "DELETE FROM tasks WHERE account_id = $1 AND livemode = $2 AND kind = $3 AND subject = $4";
// Locked in the order of the index, skipping those that another node has, so that each is taken once.
const TAKE_DUE = `
  WITH due AS (SELECT n FROM tasks WHERE due_at <= $1 ORDER BY due_at, n LIMIT $2 FOR UPDATE SKIP LOCKED),
    taken AS (DELETE FROM tasks WHERE n IN (SELECT n FROM due) RETURNING *)
  SELECT * FROM taken ORDER BY due_at, n`;

/** Writes a task, or moves the one of the same account, mode, kind and subject. */
export async function scheduleTask(session: Session, { accountId, livemode, kind, subject, dueAt }: TaskRow): Promise<void> {
  await session.run(SCHEDULE, accountId, livemode, kind, subject, dueAt);
}

/** Deletes a task, if it exists. */
export async function cancelTask(session: Session, { accountId, livemode, kind, subject }: Omit<TaskRow, "dueAt">): Promise<void> {
  await session.run(CANCEL, accountId, livemode, kind, subject);
}

/** Deletes and returns due tasks. */
export async function takeDueTasks(session: Session, now: number, limit: number): Promise<TaskRow[]> {
  return (await session.all(TAKE_DUE, now, limit)).map(taskRow);
}

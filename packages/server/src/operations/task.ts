import type { TaskRow } from "../store/contract/rows.ts";
import type { ChangeContext } from "./operation.ts";

/**
 * What is done when a task is due, in a transaction of its own with the task taken out. What it finds decides: the
 * world may have moved on since it was planned. Throws for bugs alone.
 */
export type TaskHandler = (context: ChangeContext, task: TaskRow) => Promise<void>;

/** Handlers by the kind of task they are for. */
export type TaskHandlers = Readonly<Record<string, TaskHandler>>;

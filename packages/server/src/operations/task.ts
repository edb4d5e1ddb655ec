import type { TaskRow } from "../store/contract/rows.ts";
import type { ChangeContext } from "./operation.ts";

/**
 * Runs a due task, in a separate transaction that also removes the task. It acts on the current state, which may have
 * changed since the task was planned. Throws only for bugs.
 */
export type TaskHandler = (context: ChangeContext, task: TaskRow) => Promise<void>;

/** Handlers by kind of task. */
export type TaskHandlers = Readonly<Record<string, TaskHandler>>;

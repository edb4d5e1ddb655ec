import type { IdSource } from "@carabiner/protocol";
import type { Clock } from "../clock/clock.ts";
import type { recordEvents } from "../events/record-event.ts";
import type { Limits } from "../limits.ts";
import type { Settings } from "../operations/operation.ts";
import type { TaskHandlers } from "../operations/task.ts";
import type { Transaction } from "../store/contract/transaction.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

export interface TaskRunnerOptions {
  store: Store;
  clock: Clock;
  ids: IdSource;
  limits: Limits;
  settings: Settings;
  handlers: TaskHandlers;
  /** The only way to record events: `events/record-event`. */
  recordEvents: typeof recordEvents;
  /** Called when the store is unavailable; the runner tries again. */
  onTrouble(error: StoreUnavailable): void;
  /** Called for a bug. Must end the process, or fail the test. */
  onBug(error: unknown): void;
}

/**
 * Runs planned tasks when they are due, in that order. Each runs in one transaction with everything that follows from
 * it. Only the store holds durable state.
 */
export interface TaskRunner {
  /** Starts to run tasks automatically. */
  start(): void;
  /** Stops that, and waits for running tasks. */
  pause(): Promise<void>;
  /** Runs what is due now, and what becomes due as a result, until nothing is due. */
  runOnce(): Promise<void>;
  /** When the next task is due; null when nothing is planned. */
  nextAt(): Promise<number | null>;
  /** Whether a task may be due by then, going by the last answer of `nextAt` and what has been planned since. */
  mayBeDueBy(at: number): boolean;
  /** Stops the runner permanently. */
  stop(): Promise<void>;
}

export function createTaskRunner(options: TaskRunnerOptions): TaskRunner {
  const { store, clock, limits } = options;
  let running = false;
  let stopped = false;
  let loop: Promise<void> = Promise.resolve();
  /** Ends the loop's sleep. */
  let alarm = new AbortController();
  /** When the loop wakes up without a signal. */
  let wakeAt = Number.POSITIVE_INFINITY;
  /** No task is due before this time, as far as is known. */
  let noneBefore = 0;

  /** Runs one batch of due tasks. Returns whether there were any. */
  function runBatch(): Promise<boolean> {
    const now = clock.now();
    return store.transaction(async (tx) => {
      const due = await tx.takeDueTasks(now, limits.tasksAtOnce);
      for (const task of due) {
        const handler = options.handlers[task.kind];
        if (handler === undefined) throw new Error(`Nothing is known of tasks of the kind ${task.kind}.`);
        await handler(contextOf(tx, now, task.livemode), task);
      }
      return due.length > 0;
    });
  }

  function contextOf(tx: Transaction, now: number, livemode: boolean) {
    const { ids, settings } = options;
    return {
      tx,
      now,
      livemode,
      ids,
      limits,
      settings,
      record: (drafts: Parameters<typeof recordEvents>[1]) => options.recordEvents(tx, drafts, { now, ids, request: null }),
    };
  }

  async function run(): Promise<void> {
    while (running) {
      alarm = new AbortController();
      wakeAt = Number.POSITIVE_INFINITY;
      const { signal } = alarm;
      let pause: number;
      try {
        if (await runBatch()) continue;
        const next = await store.nextTaskAt();
        pause = next === null ? limits.engineIdleMs : Math.min(Math.max(next - clock.now(), 0), limits.engineIdleMs);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        options.onTrouble(error);
        pause = limits.tasksTroublePauseMs;
      }
      if (!running) break;
      wakeAt = clock.now() + pause;
      await clock.sleep(pause, signal);
    }
  }

  async function pause(): Promise<void> {
    running = false;
    alarm.abort();
    await loop;
  }

  return {
    start() {
      // A turn of the clock that ends after the stop would restart the loop, on a closed store.
      if (running || stopped) return;
      running = true;
      store.onTask((dueAt) => {
        noneBefore = Math.min(noneBefore, dueAt);
        if (dueAt <= wakeAt) alarm.abort();
      });
      loop = run().catch(options.onBug);
    },
    pause,
    async runOnce() {
      while (await runBatch());
    },
    async nextAt() {
      // A task that is planned during the query lowers it again.
      noneBefore = Number.POSITIVE_INFINITY;
      const next = await store.nextTaskAt();
      noneBefore = Math.min(noneBefore, next ?? Number.POSITIVE_INFINITY);
      return next;
    },
    mayBeDueBy: (at) => at >= noneBefore,
    async stop() {
      stopped = true;
      await pause();
      store.onTask(null);
    },
  };
}

import { expect, test } from "vitest";
import type { TaskRow } from "../../../src/store/contract/rows.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { OpenedStore, OWNER } from "./opened-store.ts";

/** What is planned: that it comes out once, in its order, when it is due. */
export function taskConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);
  const task = (given: Partial<TaskRow> = {}): TaskRow => ({ ...OWNER, kind: "payout", subject: "po_1", dueAt: START, ...given });
  const plan = (...tasks: TaskRow[]) =>
    on.write(async (tx) => {
      for (const one of tasks) await tx.scheduleTask(one);
    });
  const take = (now: number, limit = 100) => on.store.transaction((tx) => tx.takeDueTasks(now, limit));

  test("a task is taken once, when it is due and not before", async () => {
    await plan(task({ dueAt: START + 10 }));
    expect(await on.store.nextTaskAt()).toBe(START + 10);
    expect(await take(START + 9)).toEqual([]);
    expect(await take(START + 10)).toEqual([task({ dueAt: START + 10 })]);
    expect(await take(START + 10)).toEqual([]);
    expect(await on.store.nextTaskAt()).toBeNull();
  });

  test("tasks come by the time they are due, then in the order they were scheduled, at most as many as asked for", async () => {
    const tasks = [
      task({ subject: "po_1", dueAt: START + 2 }),
      task({ subject: "po_2", dueAt: START + 1 }),
      task({ subject: "po_3", dueAt: START + 1 }),
      task({ subject: "po_0", dueAt: START + 2 }),
    ];
    await plan(...tasks);
    expect((await take(START + 2, 3)).map(({ subject }) => subject)).toEqual(["po_2", "po_3", "po_1"]);
    expect((await take(START + 2, 3)).map(({ subject }) => subject)).toEqual(["po_0"]);
  });

  test("a task takes the place of one of the same account, mode, kind and subject, and of no other", async () => {
    const others = [task({ livemode: true }), task({ accountId: "acct_other" }), task({ kind: "verification" }), task({ subject: "po_2" })];
    await plan(task(), ...others, task({ dueAt: START + 5 }));
    expect(await take(START)).toEqual(others);
    expect(await take(START + 5)).toEqual([task({ dueAt: START + 5 })]);
  });

  test("a task that is cancelled does not come; cancelling one that is not there does nothing", async () => {
    await plan(task(), task({ kind: "verification" }));
    await on.write(async (tx) => {
      await tx.cancelTask(task());
      await tx.cancelTask(task({ subject: "po_9" }));
    });
    expect(await take(START)).toEqual([task({ kind: "verification" })]);
  });

  test("what an account has planned can be looked at, the earliest first", async () => {
    await plan(task({ dueAt: START + 7 }), task({ kind: "verification", dueAt: START + 3 }), task({ livemode: true }));
    expect((await on.store.read((reads) => reads.tasks(OWNER))).map(({ kind }) => kind)).toEqual(["verification", "payout"]);
  });

  test("a transaction that fails leaves its tasks where they were", async () => {
    await plan(task());
    const failing = on.store.transaction(async (tx) => {
      expect(await tx.takeDueTasks(START, 10)).toHaveLength(1);
      await tx.scheduleTask(task({ subject: "po_2" }));
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await take(START)).toEqual([task()]);
  });

  test("whoever listens is told after the commit of the earliest task it scheduled, and of none that was undone", async () => {
    const told: number[] = [];
    on.store.onTask((dueAt) => told.push(dueAt));
    await plan(task({ dueAt: START + 9 }), task({ subject: "po_2", dueAt: START + 4 }));
    expect(told).toEqual([START + 4]);
    await on.store
      .transaction(async (tx) => {
        await tx.scheduleTask(task({ dueAt: START + 1 }));
        throw new Error("no");
      })
      .catch(() => undefined);
    on.store.onTask(null);
    await plan(task({ dueAt: START }));
    expect(told).toEqual([START + 4]);
  });

  const { reopen } = harness;
  if (reopen !== null)
    test("tasks outlive the process that scheduled them", async () => {
      await plan(task({ dueAt: START + 10 }));
      on.store = await reopen();
      expect(await on.store.nextTaskAt()).toBe(START + 10);
      expect(await take(START + 10)).toEqual([task({ dueAt: START + 10 })]);
    });
}

import { createIdSource } from "@carabiner/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSimulatedClock, type SimulatedClock } from "../../test/clock/simulated-clock.ts";
import { START } from "../../test/store/store-fixture.ts";
import { recordEvents } from "../events/record-event.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { TaskHandlers } from "../operations/task.ts";
import type { TaskRow } from "../store/contract/rows.ts";
import { openStore } from "../store/open-store.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";
import { createTaskRunner, type TaskRunner } from "./task-runner.ts";

let clock: SimulatedClock;
let store: Store;
let bugs: unknown[];
let done: string[];
beforeEach(async () => {
  clock = createSimulatedClock(START);
  store = await openStore({ location: "memory", now: START });
  bugs = [];
  done = [];
});
afterEach(() => store.close());

const task = (subject: string, dueAt: number, kind = "note"): TaskRow => ({ accountId: "acct_1", livemode: false, kind, subject, dueAt });
const plan = (...tasks: TaskRow[]) =>
  store.transaction(async (tx) => {
    for (const one of tasks) await tx.scheduleTask(one);
  });

function runnerOf(handlers: TaskHandlers, on: Store = store): TaskRunner {
  return createTaskRunner({
    store: on,
    clock,
    ids: createIdSource((count) => new Uint8Array(count)),
    limits: { ...DEFAULT_LIMITS, tasksAtOnce: 2 },
    settings: {
      destinations: { allowLocal: true },
      allowCustomEventTypes: true,
      platformsSeeServer: true,
      liveTestHelpers: true,
      publicUrl: () => "",
      pickAccounts: true,
      personEvents: "persons_api",
    },
    handlers,
    recordEvents,
    onTrouble: (error) => done.push(error.name),
    onBug: (error) => bugs.push(error),
  });
}

const note: TaskHandlers = {
  note: async ({ now, livemode }, { subject }) => {
    done.push(`${subject} at ${now - START}${livemode ? " live" : ""}`);
  },
};

test("runs what is due, in its order and in batches, and what becomes due by it", async () => {
  const runner = runnerOf({
    ...note,
    first: async ({ tx }, { subject }) => {
      done.push(subject);
      await tx.scheduleTask(task("after", START));
    },
  });
  await plan(task("a", START - 2), task("b", START - 1, "first"), task("c", START), task("later", START + 1));
  await runner.runOnce();
  expect(done).toEqual(["a at 0", "b", "c at 0", "after at 0"]);
  expect(await runner.nextAt()).toBe(START + 1);
});

test("a task that throws is a bug: its batch is undone, and it is still planned", async () => {
  const runner = runnerOf({
    ...note,
    broken: async () => {
      throw new Error("broken");
    },
  });
  await plan(task("a", START, "broken"));
  await expect(runner.runOnce()).rejects.toThrow("broken");
  expect(await store.read((reads) => reads.tasks({ accountId: "acct_1", livemode: false }))).toHaveLength(1);
});

test("a kind that nobody handles is a bug", async () => {
  await plan(task("a", START, "unheard"));
  await expect(runnerOf(note).runOnce()).rejects.toThrow("Nothing is known of tasks of the kind unheard.");
});

test("once started it wakes for each task automatically, also for one planned earlier than the task that it waits for", async () => {
  const reached = new Map<string, PromiseWithResolvers<void>>();
  const when = (subject: string) => {
    const there = reached.get(subject) ?? Promise.withResolvers<void>();
    reached.set(subject, there);
    return there;
  };
  const slept = Promise.withResolvers<void>();
  const sleep = clock.sleep.bind(clock);
  clock.sleep = (ms, signal) => {
    slept.resolve();
    return sleep(ms, signal);
  };
  const runner = runnerOf({ note: async (_, { subject }) => when(subject).resolve() });
  await plan(task("late", START + 4_000));
  runner.start();
  await slept.promise;
  await plan(task("now", START));
  await when("now").promise;
  await plan(task("soon", START + 5));
  clock.advanceTo(START + 10);
  await when("soon").promise;
  clock.advanceTo(START + 4_000);
  await when("late").promise;
  await runner.stop();
  expect(bugs).toEqual([]);
});

test("an unavailable store is reported, and tried again after tasksTroublePauseMs and not before", async () => {
  const back = Promise.withResolvers<void>();
  let away = true;
  let asked = 0;
  const failing: Store = {
    ...store,
    transaction(work) {
      asked++;
      return away ? Promise.reject(new StoreUnavailable("away")) : store.transaction(work);
    },
  };
  const told: string[] = [];
  const runner = createTaskRunner({
    store: failing,
    clock,
    ids: createIdSource((count) => new Uint8Array(count)),
    limits: { ...DEFAULT_LIMITS, tasksTroublePauseMs: 700 },
    settings: {
      destinations: { allowLocal: true },
      allowCustomEventTypes: true,
      platformsSeeServer: true,
      liveTestHelpers: true,
      publicUrl: () => "",
      pickAccounts: true,
      personEvents: "persons_api",
    },
    handlers: { note: async () => back.resolve() },
    recordEvents,
    onTrouble: ({ message }) => told.push(message),
    onBug: (error) => bugs.push(error),
  });
  await plan(task("a", START));
  runner.start();
  await clock.runTo(START);
  await clock.runTo(START + 699);
  expect([asked, told]).toEqual([1, ["away"]]);
  away = false;
  await clock.runTo(START + 700);
  await back.promise;
  await runner.stop();
  expect(bugs).toEqual([]);
});

test("what has stopped is not started again", async () => {
  const runner = runnerOf(note);
  runner.start();
  await runner.stop();
  await plan(task("a", START));
  runner.start();
  await runner.stop();
  expect(done).toEqual([]);
});

import { expect, test } from "vitest";
import { createDatabaseClock } from "./database-clock.ts";

/** A database and a counter that stand still until they are moved. */
function world() {
  /** `standsMs`: how long the process is paused before the next answer reaches it. */
  const state = { database: 1_000_000, counter: 50, answerMs: 0, standsMs: 0 };
  const pass = (ms: number): void => {
    state.database += ms;
    state.counter += ms;
  };
  const ask = async (): Promise<number> => {
    pass(state.answerMs / 2);
    const time = state.database;
    pass(state.answerMs / 2 + state.standsMs);
    state.standsMs = 0;
    return time;
  };
  return { state, pass, open: () => createDatabaseClock(ask, () => state.counter) };
}

test("goes by the database's time, and by the counter in between", async () => {
  const { state, pass, open } = world();
  const clock = await open();
  expect(clock.now()).toBe(state.database);
  pass(1_234);
  expect([clock.now(), clock.wallNow()]).toEqual([state.database, state.database]);
});

test("an answer that takes as long there as back makes no difference", async () => {
  const { state, open } = world();
  state.answerMs = 400;
  const clock = await open();
  expect(clock.now()).toBe(state.database);
});

test("a database that is set forward is followed, and one that is set back is waited for at half speed", async () => {
  const { state, pass, open } = world();
  const clock = await open();
  state.database += 5_000;
  await clock.ask();
  expect(clock.now()).toBe(state.database);
  const before = clock.now();
  state.database -= 1_000;
  await clock.ask();
  expect(clock.now()).toBe(before);
  pass(100);
  expect(clock.now()).toBe(before + 50);
  pass(2_000);
  expect(clock.now()).toBe(state.database);
});

test("a process that is paused during its query is not misled", async () => {
  const { state, pass, open } = world();
  state.standsMs = 600_000;
  const clock = await open();
  expect(clock.now()).toBe(state.database);
  pass(2_000);
  state.standsMs = 60_000;
  await clock.ask();
  expect(clock.now()).toBe(state.database);
});

test("a database that is always slow is queried again when the known time has become less certain", async () => {
  const { state, pass, open } = world();
  state.answerMs = 3_000;
  const clock = await open();
  state.database += 1_000;
  await clock.ask();
  expect(clock.now()).toBe(state.database);
  state.answerMs = 4_000;
  state.database += 1_000;
  await clock.ask();
  expect(clock.now()).toBe(state.database - 1_000);
  pass(3_600_000 * 2);
  await clock.ask();
  expect(clock.now()).toBe(state.database);
});

import { expect, test } from "vitest";
import { turnedClock } from "../test/turned-clock.ts";
import { type Clock, startTimer, withTime } from "./clock.ts";

/** The same clock, with its own timer. */
function withTimer(clock: Clock): Clock {
  return {
    ...clock,
    timer(ms, expire) {
      const over = new AbortController();
      void clock.sleep(ms, over.signal).then(() => {
        if (!over.signal.aborted) expire();
      });
      return () => over.abort();
    },
  };
}

test.each([
  ["a clock without timers", (clock: Clock) => clock],
  ["a clock with timers", withTimer],
  ["another time of day", (clock: Clock) => withTime(withTimer(clock), () => 0)],
])("with %s, a timer expires once its time is over, and a cancelled one never does", async (_, made) => {
  const turned = turnedClock();
  const clock = made(turned);
  const expired: string[] = [];
  startTimer(clock, 1_000, () => expired.push("a"));
  const cancel = startTimer(clock, 1_000, () => expired.push("b"));
  await turned.turn(999);
  expect(expired).toEqual([]);
  cancel();
  await turned.turn(1);
  expect(expired).toEqual(["a"]);
  expect(turned.sleepers()).toBe(0);
});

import { expect, test } from "vitest";
import { LateSignal } from "./late-signal.ts";

test("a signal that is read before it aborts tells its listeners", () => {
  const late = new LateSignal();
  const reasons: unknown[] = [];
  const signal = late.signal();
  signal.addEventListener("abort", () => reasons.push(signal.reason));
  const why = new Error("the time is over");
  late.abort(why);
  expect(reasons).toEqual([why]);
  expect(late.signal()).toBe(signal);
});

test("one that is first read afterwards has aborted, with the first reason", () => {
  const late = new LateSignal();
  const why = new Error("the time is over");
  late.abort(why);
  late.abort(new Error("again"));
  expect(late.signal()).toMatchObject({ aborted: true, reason: why });
});

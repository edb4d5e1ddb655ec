import { expect, test } from "vitest";
import { realTime } from "./real-time.ts";
import { parseSource } from "./source-file.ts";

const found = (text: string, path = "packages/server/src/api/a.ts", allowed = new Map<string, string>()) =>
  realTime([parseSource(path, text)], allowed).map(({ says }) => says);

test.each([
  ["Date.now();", "Date.now"],
  ["new Date();", "new Date()"],
  ["Date();", "Date()"],
  ["performance.now();", "performance.now"],
  ["Math.random();", "Math.random"],
  ["setTimeout(() => {}, 5);", "setTimeout()"],
  ["globalThis.performance.now();", "performance.now"],
  ["createClock({ now: Date.now });", "Date.now"],
  ['import { setTimeout } from "node:timers/promises";', "node:timers/promises"],
])("%s asks the machine", (text, what) => {
  expect(found(text)).toEqual([`${what}: take the time, the clock or the randomness as an argument`]);
});

test("arithmetic on a time that was given is fine", () => {
  expect(found("new Date(now).toISOString(); clock.now(); Date.parse(text); Date.UTC(2026, 0);")).toEqual([]);
});

test("tests, the clock and packages that talk to people are left alone; an allowance that nothing uses is not", () => {
  expect(found("Date.now();", "packages/server/src/api/a.test.ts")).toEqual([]);
  expect(found("Date.now();", "packages/cli/src/a.ts")).toEqual([]);
  const allowed = new Map([["packages/server/src/clock/", "it is the clock"]]);
  expect(found("Date.now();", "packages/server/src/clock/system-clock.ts", allowed)).toEqual([]);
  expect(found("now();", "packages/server/src/clock/system-clock.ts", allowed)).toEqual([
    expect.stringContaining("nothing uses the allowance"),
  ]);
});

import { expect, test } from "vitest";
import { parseSource } from "./source-file.ts";
import { testWaits } from "./test-waits.ts";

const found = (text: string, path = "packages/server/src/a.test.ts") => testWaits([parseSource(path, text)]);

test.each([
  "await new Promise((resolve) => setTimeout(resolve, 100));",
  "await new Promise<void>((resolve) => { setTimeout(() => resolve(), 100); });",
  'import { setTimeout as sleep } from "node:timers/promises";',
  'it("is flaky", { retry: 2 }, () => {});',
  'test("is flaky", { repeats: 3 }, () => {});',
  'it.skipIf(true)("needs a database", () => {});',
  'test.todo("later");',
  'describe.runIf(process.env.CI)("a", () => {});',
])("%s", (text) => {
  expect(found(text)).toHaveLength(1);
});

test.each([
  "setTimeout(() => response.end(), 50);",
  'await new Promise((_, reject) => setTimeout(() => reject(new Error("late")), 5_000));',
  "policy({ retry: 2 });",
  'it("runs", { timeout: 5_000 }, () => {});',
])("fine: %s", (text) => {
  expect(found(text)).toEqual([]);
});

test("only tests are looked at", () => {
  expect(found('import "node:timers/promises";', "packages/server/src/a.ts")).toEqual([]);
  expect(found('import "node:timers/promises";', "packages/server/test/a.ts")).toHaveLength(1);
});

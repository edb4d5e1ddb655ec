import { expect, test } from "vitest";
import { limitsAsGiven, limitsInOnePlace } from "./limits-in-one-place.ts";
import { parseSource } from "./source-file.ts";

const found = (text: string, path = "packages/server/src/api/a.ts", exempt = new Map<string, string>()) =>
  limitsInOnePlace([parseSource(path, text)], exempt);

test.each([
  "const MAX_BODY_BYTES = 1_000_000;",
  "export const retryTimeoutMs = 5 * 1_000;",
  "const IDLE_TIMEOUT = 30_000;",
  "function read(limitBytes = 65_536) {}",
  "const read = (deadlineMs = 500) => {};",
])("%s is a limit", (text) => {
  expect(found(text)).toHaveLength(1);
});

test.each([
  "const DAY_MS = 86_400_000;",
  "const MS_PER_SECOND = 1_000;",
  "const ALPHABET_LENGTH = 62;",
  "const timeoutMs = limits.timeoutMs;",
  "function f() { const leftMs = 500; }",
  "function wait(ms = 0) {}",
])("%s is none", (text) => {
  expect(found(text)).toEqual([]);
});

test("the table itself and tests may; an exemption may not outlive its constant", () => {
  expect(found("const MAX_MS = 500;", "packages/server/src/limits.ts")).toEqual([]);
  expect(found("const MAX_MS = 500;", "packages/server/src/api/a.test.ts")).toEqual([]);
  const exempt = new Map([["packages/server/src/api/a.ts:MAX_MS", "a reason"]]);
  expect(found("const MAX_MS = 500;", "packages/server/src/api/a.ts", exempt)).toEqual([]);
  expect(found("const OTHER = 5;", "packages/server/src/api/a.ts", exempt)).toHaveLength(1);
});

test("only those that start a server read the defaults", () => {
  const read = (path: string) => limitsAsGiven([parseSource(path, "const limits = { ...DEFAULT_LIMITS };")]);
  expect(read("packages/server/src/resources/payouts/payouts.ts")).toEqual([expect.objectContaining({ line: 1 })]);
  expect(read("packages/server/src/read-options.ts")).toEqual([]);
  expect(read("packages/server/src/resources/payouts/payouts.test.ts")).toEqual([]);
});

import { expect, test } from "vitest";
import { parseSource } from "./source-file.ts";
import { unusedRows } from "./unused-rows.ts";

const errors = { file: "packages/a/src/errors.ts", table: "ERRORS", usedIn: "packages/", as: "string", says: "nothing throws it" } as const;
const faults = { file: "packages/a/src/fault.ts", table: "Fault", usedIn: "packages/a/src/", as: "string", says: "none" } as const;
const limits = { file: "packages/a/src/limits.ts", table: "LIMITS", usedIn: "packages/a/src/", as: "name", says: "unused" } as const;

const check = (
  table: typeof errors | typeof faults | (typeof limits & { listedIn?: string }),
  ...sources: [path: string, text: string][]
) =>
  unusedRows(
    sources.map(([path, text]) => parseSource(path, text)),
    [table],
  ).map(({ path, line, says }) => `${path}:${line} ${says}`);

test("an error that only tests name, or that only has its name in common, is not used", () => {
  const table = ["packages/a/src/errors.ts", "export const ERRORS = {\n  lost: {},\n  found: {},\n} as const satisfies object;"] as [
    string,
    string,
  ];
  expect(check(errors, table, ["packages/b/src/throws.ts", 'fail(x ? "lost" : "found");'])).toEqual([]);
  expect(
    check(errors, table, ["packages/b/src/throws.ts", 'fail("lost", { found: 1 });'], ["packages/b/src/throws.test.ts", 'fail("found");']),
  ).toEqual(["packages/a/src/errors.ts:3 found: nothing throws it"]);
});

test("members of a union are rows, and other packages do not use them", () => {
  const type = ["packages/a/src/fault.ts", 'export type Fault =\n  | "reset"\n  | "slow";'] as [string, string];
  expect(check(faults, type, ["packages/a/src/net.ts", 'const RESETS = { ECONNRESET: "reset" };'])).toEqual([
    "packages/a/src/fault.ts:3 slow: none",
  ]);
  expect(check(faults, type, ["packages/b/src/net.ts", 'const both = ["reset", "slow"];'])).toHaveLength(2);
});

test("a limit is used by its name, whether it is read from an object or taken out of it", () => {
  const table = ["packages/a/src/limits.ts", "export const LIMITS = { waitMs: 1, bodyBytes: 2, items: 3 };"] as [string, string];
  const uses = "const { waitMs } = limits; wait(limits.bodyBytes);";
  expect(check(limits, table, ["packages/a/src/reads.ts", uses])).toEqual(["packages/a/src/limits.ts:1 items: unused"]);
});

test("a limit that is only listed is not used", () => {
  const table = ["packages/a/src/limits.ts", "export const LIMITS = { waitMs: 1 };"] as [string, string];
  const lists = ["packages/a/src/system.ts", 'const SHOWN = ["waitMs"];'] as [string, string];
  const listed = { ...limits, listedIn: "packages/a/src/system.ts" };
  expect(check(listed, table, lists)).toEqual(["packages/a/src/limits.ts:1 waitMs: unused"]);
  expect(check(listed, table, lists, ["packages/a/src/parameters.ts", 'integer(1, "waitMs")'])).toEqual([]);
});

test("a table that is gone is named", () => {
  expect(check(limits, ["packages/a/src/limits.ts", "export const OTHER = { waitMs: 1 };"])[0]).toContain("has no table LIMITS");
});

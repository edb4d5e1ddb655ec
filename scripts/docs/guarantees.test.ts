import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROWS } from "../../faults/rows/rows.ts";
import { ROOT } from "../house/repository-files.ts";
import { type Evidence, promises } from "./guarantees.ts";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** Whether a file contains a test or a group of tests with that title; a line may be broken after the bracket. */
function isThere({ file, title }: Evidence): boolean {
  if (!existsSync(join(ROOT, file))) return false;
  const escaped = title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`\\b(?:test|it|describe)\\b[^\\n]*\\(\\s*["'\`]${escaped}["'\`]`).test(read(file));
}

describe.each(["docs/guarantees.md", "SECURITY.md"])("every promise of %s", (document) => {
  const promised = promises(read(document));

  test("is found", () => {
    expect(promised.length).toBeGreaterThan(5);
  });

  test.each(promised)("$promise", ({ tests, faultRows }) => {
    expect(tests.length + faultRows.length).toBeGreaterThan(0);
    for (const evidence of tests) expect(isThere(evidence), `${evidence.file}: ${evidence.title}`).toBe(true);
    for (const number of faultRows) expect(ROWS.map((row) => row.number)).toContain(number);
  });
});

test("what a row names is found, and other tables are left out", () => {
  const text =
    "| Promise | Shown by |\n| --- | --- |\n| A | `a.test.ts` “one”, `npm run faults -- 3` |\n| B | nothing |\n\n| C | D |\n| --- | --- |\n| E | F |";
  expect(promises(text)).toEqual([
    { promise: "A", tests: [{ file: "a.test.ts", title: "one" }], faultRows: [3] },
    { promise: "B", tests: [], faultRows: [] },
  ]);
  expect(isThere({ file: "scripts/docs/guarantees.test.ts", title: "what a row names" })).toBe(false);
});

import { expect, test } from "vitest";
import { parseSource } from "./source-file.ts";
import { untestedLimits } from "./untested-limits.ts";

const LIMITS = parseSource("packages/server/src/limits.ts", "export const DEFAULT_LIMITS = {\n  a: 1,\n  b: 2,\n};");
const check = (test: string, untested: string[] = []) =>
  untestedLimits([LIMITS, parseSource("packages/server/test/a.test.ts", test)], untested).map(
    ({ line, says }) => `${line} ${says.split(/[ :]/, 1)}`,
  );

test("a limit that no test names is a violation, unless it is on the list", () => {
  expect(check("start({ a: 1 });")).toEqual(["3 b"]);
  expect(check("start({ a: 1 }); limits.b;")).toEqual([]);
  expect(check("start({ a: 1 });", ["b"])).toEqual([]);
});

test("the list has no limit that a test names, or that is none", () => {
  expect(check("start({ a: 1, b: 2 });", ["b", "c"])).toEqual(["1 b", "1 c"]);
});

test("a source that uses a limit is no test of it", () => {
  const source = parseSource("packages/server/src/a.ts", "use(limits.a, limits.b);");
  expect(untestedLimits([LIMITS, source], ["a"]).map(({ says }) => says.split(":", 1))).toEqual([["b"]]);
});

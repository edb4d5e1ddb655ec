import { expect, test } from "vitest";
import { parseSource } from "./source-file.ts";
import { untestedLimits } from "./untested-limits.ts";

const LIMITS = parseSource("packages/server/src/limits.ts", "export const DEFAULT_LIMITS = {\n  a: 1,\n  b: 2,\n};");
const check = (path: string, source: string) =>
  untestedLimits([LIMITS, parseSource(path, source)]).map(({ line, says }) => `${line} ${says.split(":", 1)}`);

test("a limit that no test names is a violation", () => {
  expect(check("packages/server/test/a.test.ts", "start({ a: 1 });")).toEqual(["3 b"]);
  expect(check("packages/server/test/a.test.ts", "start({ a: 1 }); limits.b;")).toEqual([]);
});

test("a source that uses a limit is no test of it", () => {
  expect(check("packages/server/src/a.ts", "use(limits.a, limits.b);")).toEqual(["2 a", "3 b"]);
});

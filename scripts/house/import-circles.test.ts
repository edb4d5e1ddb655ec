import { expect, test } from "vitest";
import { importCircles } from "./import-circles.ts";
import { parseSource } from "./source-file.ts";

const files = (sources: Record<string, string>) =>
  Object.entries(sources).map(([path, text]) => parseSource(path, text, new Map([["@x/a", "a.ts"]])));

test("a ring is reported, with its way round", () => {
  const found = importCircles(files({ "a.ts": 'import "./b.ts";', "b.ts": 'export * from "./c.ts";', "c.ts": '\nimport "./a.ts";' }));
  expect(found).toEqual([{ path: "c.ts", line: 2, says: "import circle: a.ts → b.ts → c.ts → a.ts" }]);
});

test.each([
  ["a type import", 'import type { A } from "./a.ts";'],
  ["an inline type import", 'import { type A } from "./a.ts";'],
  ["a type re-export", 'export type { A } from "./a.ts";'],
  ["an import type", 'export let a: import("./a.ts").A;'],
  ["a dynamic import", 'await import("./a.ts");'],
  ["an import by package name", 'import "@x/a";'],
])("%s closes a ring", (_, back) => {
  expect(importCircles(files({ "a.ts": 'import "./b.ts";', "b.ts": back }))).toHaveLength(1);
});

test("a file that imports itself is a ring of one", () => {
  expect(importCircles(files({ "a.ts": 'import "./a.ts";' }))).toHaveLength(1);
});

test("two ways to one file are no ring, nor are imports in comments and texts", () => {
  const sources = { "a.ts": 'import "./b.ts"; import "./c.ts";', "b.ts": 'import "./d.ts";', "c.ts": 'import "./d.ts";' };
  expect(importCircles(files({ ...sources, "d.ts": '// import "./a.ts";\nexport const text = \'import "./a.ts"\';' }))).toEqual([]);
});

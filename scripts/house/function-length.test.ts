import { expect, test } from "vitest";
import { functionLength } from "./function-length.ts";
import { parseSource } from "./source-file.ts";

const PATH = "packages/a/src/a.ts";
const lines = (count: number) => "  call();\n".repeat(count);

test("a function is made steps of when it is a line too long", () => {
  const file = (count: number) => parseSource(PATH, `export function long() {\n${lines(count)}}\n`);
  expect(functionLength([file(3)], new Map(), 5)).toEqual([]);
  expect(functionLength([file(4)], new Map(), 5)).toEqual([
    { path: PATH, line: 1, says: "long has 6 lines of its own; 5 is the most: make steps of it" },
  ]);
});

test("functions written in it are judged by themselves, and named", () => {
  const text = `export function make() {\n  return {\n    one() {\n${lines(2)}    },\n    two: () => {\n${lines(6)}    },\n  };\n}\n`;
  expect(functionLength([parseSource(PATH, text)], new Map(), 5)).toEqual([
    { path: PATH, line: 7, says: "two has 8 lines of its own; 5 is the most: make steps of it" },
  ]);
});

test("an exception has a reason, and may not outlive it", () => {
  const file = parseSource(PATH, `export function long() {\n${lines(9)}}\n`);
  const exceptions = new Map([[`${PATH}:long`, "a list"]]);
  expect(functionLength([file], exceptions, 5)).toEqual([]);
  expect(functionLength([file], exceptions, 50)).toEqual([
    { path: "scripts/house/function-length.ts", line: 1, says: `nothing needs the exception ${PATH}:long (a list): delete it` },
  ]);
});

test("tests may be as long as their stories", () => {
  expect(functionLength([parseSource("packages/a/test/a.ts", `function long() {\n${lines(9)}}\n`)], new Map(), 5)).toEqual([]);
});

import { expect, test } from "vitest";
import { oneMeaning } from "./one-meaning.ts";
import { parseSource } from "./source-file.ts";

const found = (...sources: readonly [path: string, text: string][]) => oneMeaning(sources.map(([path, text]) => parseSource(path, text)));

test.each(["interface Lane {}", "type Lane = string;", "class Lane {}"])("a second file that exports %s is told of the first", (second) => {
  expect(found(["packages/server/src/a.ts", "export interface Lane {}"], ["packages/server/src/b.ts", `\nexport ${second}`])).toMatchObject(
    [{ path: "packages/server/src/b.ts", line: 2, says: expect.stringContaining("packages/server/src/a.ts") }],
  );
});

test("a name that is not exported, is another package's, or is in a test is free", () => {
  expect(
    found(
      ["packages/server/src/a.ts", "export interface Lane {}"],
      ["packages/server/src/b.ts", "interface Lane {} export const lane: Lane = {};"],
      ["packages/receiver/src/a.ts", "export interface Lane {}"],
      ["packages/server/src/c.test.ts", "export interface Lane {}"],
    ),
  ).toEqual([]);
});

test("overloads and merged declarations of one file are one meaning", () => {
  expect(found(["packages/server/src/a.ts", "export interface Lane { a: 1 } export interface Lane { b: 2 }"])).toEqual([]);
});

test("the two stores may each have their rows, and nobody else may", () => {
  const row = "export type SqlRow = object;";
  expect(found(["packages/server/src/store/sqlite/a.ts", row], ["packages/server/src/store/postgres/a.ts", row])).toEqual([]);
  expect(found(["packages/server/src/api/a.ts", row], ["packages/server/src/http/a.ts", row])).toHaveLength(1);
});

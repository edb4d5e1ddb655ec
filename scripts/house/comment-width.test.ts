import { expect, test } from "vitest";
import { commentWidth } from "./comment-width.ts";
import { parseSource } from "./source-file.ts";

const widths = (...lines: string[]) =>
  commentWidth([parseSource("packages/a/src/a.ts", [...lines, "export {};"].join("\n"))]).map(({ line, says }) => `${line}: ${says}`);

test.each([
  ["a line", "// ", ""],
  ["an indented line", "    // ", ""],
  ["a comment in one line", "/** ", " */"],
])("%s ends at column 120", (_, begins, ends) => {
  const of = (columns: number) => `${begins}${"word ".repeat(30).slice(0, columns - begins.length - ends.length - 1)}.${ends}`;
  expect(widths(of(120))).toEqual([]);
  expect(widths("", of(121))).toEqual(["2: 121 columns; comments wrap at 120"]);
});

test("so does a line of a longer comment", () => {
  expect(widths("/**", ` * ${"a".repeat(58)} ${"b".repeat(58)}`, " */")).toEqual([]);
  expect(widths("/**", ` * ${"a".repeat(58)} ${"b".repeat(59)}`, " */")).toEqual(["2: 121 columns; comments wrap at 120"]);
});

test("what cannot be broken may be longer: an address, code, and what a tool reads", () => {
  expect(widths(`// https://example.com/${"a".repeat(120)}`)).toEqual([]);
  expect(widths(`const a = "${"word ".repeat(30)}";`)).toEqual([]);
  expect(widths(`// biome-ignore lint/style/useConst: ${"word ".repeat(30)}`)).toEqual([]);
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, repositoryFiles } from "../house/repository-files.ts";
import { documentTables } from "./document-tables.ts";
import { limitRows } from "./limit-rows.ts";
import { OUTCOME_MEANINGS } from "./outcome-meanings.ts";
import { RECEIVED_MEANINGS, REFUSAL_MEANINGS } from "./receiver-tables.ts";
import { renderTable, tableNames, withTable } from "./table.ts";
import { unionMembers } from "./union-members.ts";

const tables = documentTables(ROOT);
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

test.each(tables.map((table) => [`${table.file}: ${table.name}`, table] as const))(
  "%s says what the code says (npm run docs rewrites it)",
  (_, table) => {
    expect(table.rows.length).toBeGreaterThan(0);
    expect(read(table.file)).toBe(withTable(read(table.file), table));
  },
);

test("no document has a place for a table that nothing fills", () => {
  const places = repositoryFiles()
    .filter((path) => path.endsWith(".md"))
    .flatMap((path) => tableNames(read(path)).map((name) => `${path}: ${name}`));
  expect(places.sort()).toEqual(tables.map(({ file, name }) => `${file}: ${name}`).sort());
});

test("every outcome has a meaning, and every meaning an outcome", () => {
  const listed = tables.find(({ name }) => name === "outcomes")?.rows.map(([outcome]) => outcome?.replaceAll("`", ""));
  expect(listed?.toSorted()).toEqual(Object.keys(OUTCOME_MEANINGS).toSorted());
});

test("a table is replaced between its marks, and bars in cells are escaped", () => {
  const table = { file: "a.md", name: "a", heads: ["H"], rows: [["x|y"]] };
  expect(withTable("1\n<!-- table: a -->\nold\n<!-- end of table -->\n2", table)).toBe(
    "1\n<!-- table: a -->\n\n| H |\n| --- |\n| x\\|y |\n\n<!-- end of table -->\n2",
  );
  expect(renderTable(table)).toContain("x\\|y");
  expect(() => withTable("no place", table)).toThrow('a.md has no place for the table "a"');
});

test("a limit without a comment is refused; one comment may speak for several", () => {
  const source = [
    "export const D = {",
    "  /** How long. Source: https://example.com/a */",
    "  waitMs: 7_200_000,",
    "  waitMostMs: 5,",
    "  /** How much. Same source. */",
    "  bodyBytes: 1_000,",
    "  /** How many. */",
    "  items: 10,",
    "};",
  ].join("\n");
  expect(limitRows({ waitMs: 7_200_000, waitMostMs: 5, bodyBytes: 1_000, items: 10 }, source)).toEqual([
    ["`waitMs`", "7,200,000 (2 h)", "ms", "How long.", "[page](https://example.com/a)"],
    ["`waitMostMs`", "5", "ms", "How long.", "[page](https://example.com/a)"],
    ["`bodyBytes`", "1,000", "bytes", "How much.", "[page](https://example.com/a)"],
    ["`items`", "10", "", "How many.", ""],
  ]);
  expect(() => limitRows({ waitMs: 5 }, "export const D = {\n  waitMs: 5,\n};\n")).toThrow("limits.ts has no comment for waitMs");
});

test("the members of a union are read from the source", () => {
  expect(unionMembers("a.ts", 'export type A = "x" | "y";', "A")).toEqual(["x", "y"]);
  expect(() => unionMembers("a.ts", "export type A = string;", "A")).toThrow("a.ts has no union named A");
});

test("every answer of the receiver has a meaning, and every meaning an answer", () => {
  const listed = tables.find(({ name }) => name === "answers of the receiver")?.rows.map(([, reported]) => reported?.replaceAll("`", ""));
  expect(listed?.toSorted()).toEqual([...Object.keys(RECEIVED_MEANINGS), ...Object.keys(REFUSAL_MEANINGS)].toSorted());
});

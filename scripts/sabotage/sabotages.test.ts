import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../house/repository-files.ts";
import { type Edit, withEdit } from "./sabotage.ts";
import { SABOTAGES } from "./sabotages.ts";

test.each(SABOTAGES)("$name can be made, and its tests are there", ({ name, edits, tests }) => {
  expect(edits.length).toBeGreaterThan(0);
  for (const edit of edits) expect(withEdit(readFileSync(join(ROOT, edit.file), "utf8"), edit, name)).toContain(edit.new);
  expect(tests.length).toBeGreaterThan(0);
  for (const file of tests) expect(existsSync(join(ROOT, file)), file).toBe(true);
});

test("each has a name of its own, in kebab case", () => {
  const names = SABOTAGES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});

test("an edit whose text has moved on is an error that names the sabotage and the file", () => {
  const edit: Edit = { file: "a.ts", old: "one", new: "$& two" };
  expect(withEdit("one, three", edit, "x")).toBe("$& two, three");
  expect(() => withEdit("three", edit, "spoilt")).toThrow(/"spoilt".*a\.ts.*not there/s);
  expect(() => withEdit("one one", edit, "spoilt")).toThrow(/there 2 times/);
});

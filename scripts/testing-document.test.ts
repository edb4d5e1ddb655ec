import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./house/repository-files.ts";
import { readmeSnippets } from "./readme-snippets.ts";

test("the document shows the files that `npm run testing-recipes` runs", () => {
  const snippets = readmeSnippets(readFileSync(join(ROOT, "docs/testing.md"), "utf8"));
  expect(snippets.map(({ title }) => title)).toEqual(["conftest.py", "test_connect.py"]);
  for (const { title, code } of snippets) expect(code).toBe(readFileSync(join(ROOT, "examples/testing/python", title), "utf8"));
});

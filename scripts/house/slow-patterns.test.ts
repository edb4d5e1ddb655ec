import { expect, test } from "vitest";
import { packageEntries, ROOT, repositoryFiles } from "./repository-files.ts";
import { slowPatterns } from "./slow-patterns.ts";
import { parseSource, readSources } from "./source-file.ts";

const found = (text: string, path = "packages/server/src/api/a.ts") => slowPatterns([parseSource(path, text)]).map(({ line }) => line);

test.each(["/\\/+$/", "/(a+)+$/", "/^\\s+|\\s+$/g", "/(\\d+)([wd])/g", "/^(\\+?[\\d ]+?)(?:\\s*x\\d+)?$/"])("%s is slow", (pattern) => {
  expect(found(`const a = 1;\nconst b = ${pattern};`)).toEqual([2]);
});

test.each(["/(?<!\\/)\\/+$/", "/^[a-z]+$/i", "/[^\\s@]+$/y", "/^(?:a|b)*c$/"])("%s is not", (pattern) => {
  expect(found(`const b = ${pattern};`)).toEqual([]);
});

test("no pattern of the packages is slow", { timeout: 180_000 }, () => {
  const paths = repositoryFiles().filter((path) => /^packages\/[^/]+\/src\/.*\.tsx?$/.test(path));
  expect(slowPatterns(readSources(ROOT, paths, packageEntries()))).toEqual([]);
});

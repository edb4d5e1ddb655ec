import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/** The files that a file imports, and those that these import. */
function reachedFrom(file: string, reached = new Set<string>()): Set<string> {
  if (reached.has(file) || !/\.tsx?$/.test(file) || !existsSync(file)) return reached;
  reached.add(file);
  for (const [, path = ""] of readFileSync(file, "utf8").matchAll(/(?:from|import) "(\.[^"]+)"/g))
    reachedFrom(join(dirname(file), path), reached);
  return reached;
}

test("each part that pages are made of is in a story, alone or within another", () => {
  const reached = reachedFrom(join(root, "stories/main.tsx"));
  const parts = readdirSync(join(root, "src/design")).filter((name) => name.endsWith(".tsx"));
  expect(parts.length).toBeGreaterThan(15);
  expect(parts.filter((name) => !reached.has(join(root, "src/design", name)))).toEqual([]);
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const STORES = join(import.meta.dirname, "../../src/store");

test("every store is held to the conformance suite", () => {
  const folders = readdirSync(STORES, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== "contract" && readdirSync(join(STORES, entry.name)).length > 0,
  );
  expect(folders.map(({ name }) => name)).toEqual(expect.arrayContaining(["postgres", "sqlite"]));
  const held = ({ name }: { name: string }): boolean =>
    readdirSync(join(STORES, name))
      .filter((file) => file.endsWith(".test.ts"))
      .some((file) => readFileSync(join(STORES, name, file), "utf8").includes("storeConformance("));
  expect(folders.filter((folder) => !held(folder)).map(({ name }) => name)).toEqual([]);
});

import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../house/repository-files.ts";
import { readmeSnippets } from "../readme-snippets.ts";
import { createTestDatabase } from "../test-database.ts";
import { RECIPES } from "./recipe.ts";
import { tryStarted } from "./try-started.ts";

const FOLDER = join(ROOT, "examples/receiver");
const README = readFileSync(join(FOLDER, "README.md"), "utf8");

// What the others need is not installed here: `npm run recipes` has all of them.
test.each(RECIPES.filter(({ name }) => name === "bun" || name === "deno"))(
  "$name: effect and note are kept together, and undone together",
  { timeout: 180_000 },
  async (recipe) => {
    let database: Awaited<ReturnType<typeof createTestDatabase>> | null = null;
    const postgres = async (): Promise<string> => {
      database = await createTestDatabase();
      return database.url;
    };
    try {
      await tryStarted(recipe, { folder: join(FOLDER, recipe.name), postgres });
    } finally {
      await (database as Awaited<ReturnType<typeof createTestDatabase>> | null)?.drop();
    }
  },
);

test("every recipe is tried, and told of", () => {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  expect(folders.sort()).toEqual(RECIPES.map(({ name }) => name).sort());
  expect([...README.matchAll(/^\| \[`(\w+)`\]/gm)].map(([, name]) => name).sort()).toEqual(folders);
});

describe("the code in the recipes' README is theirs", () => {
  test.each(readmeSnippets(README).map(({ title, code }) => ({ title, code })))("$title", ({ title, code }) => {
    expect(existsSync(join(FOLDER, title))).toBe(true);
    expect(readFileSync(join(FOLDER, title), "utf8")).toContain(code.trimEnd());
  });
});

test("a recipe names exact versions, so that it is tried with what it was written for", () => {
  for (const file of globSync("*/package.json", { cwd: FOLDER })) {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Record<
      "dependencies" | "devDependencies",
      Record<string, string> | undefined
    >;
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      if (name !== "@carabiner/receiver") expect(version, `${file}: ${name}`).toMatch(/^\d+\.\d+\.\d+$/);
  }
});

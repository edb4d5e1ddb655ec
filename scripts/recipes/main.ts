import { deepEqual } from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contractTests } from "../contract-tests.ts";
import { ROOT } from "../house/repository-files.ts";
import { packReceiver } from "../packed-receiver.ts";
import { type Running, startPostgres } from "../postgres-for-tests.ts";
import { RECIPES, type Recipe } from "./recipe.ts";
import { tryStarted } from "./try-started.ts";

/**
 * Tests the recipes for the receiver in the way that their users would run them: `npm run recipes`, or some of them,
 * `npm run recipes -- drizzle bun`. Each is copied out of the repository, installed by npm with the receiver as it is
 * published, type-checked, built and started, and then receives webhooks. Exits with 1 when something is wrong with one
 * of them.
 */
const CONFIGURATION = {
  compilerOptions: {
    target: "esnext",
    module: "nodenext",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
  },
  include: ["*.ts"],
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !RECIPES.some((recipe) => recipe.name === name));
if (unknown.length > 0)
  throw new Error(`There is no recipe ${unknown.join(", ")}: there are ${RECIPES.map(({ name }) => name).join(", ")}.`);
const chosen = RECIPES.filter(({ name }) => named.length === 0 || named.includes(name));

const packed = await packReceiver();
let postgres: Promise<Running> | null = null;
let failures = 0;
try {
  for (const recipe of chosen) {
    const began = performance.now();
    const seconds = (): string => `${((performance.now() - began) / 1_000).toFixed(0)} s`;
    try {
      await tryRecipe(recipe);
      console.log(`✓ ${recipe.name.padEnd(8)} ${seconds()}`);
    } catch (error) {
      failures++;
      console.log(`✗ ${recipe.name.padEnd(8)} ${seconds()}\n${error instanceof Error ? error.stack : String(error)}`);
    }
  }
} finally {
  await (await (postgres as Promise<Running> | null))?.stop();
  packed.remove();
}
console.log(`${chosen.length - failures} of ${chosen.length} recipes hold.`);
process.exitCode = failures === 0 ? 0 : 1;

async function tryRecipe(recipe: Recipe): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), `carabiner-${recipe.name}-`));
  try {
    cpSync(join(ROOT, "examples/receiver", recipe.name), folder, { recursive: true });
    await tryStarted(recipe, {
      folder,
      async postgres() {
        postgres ??= startPostgres();
        return (await postgres).url;
      },
      prepare: (run) => install(recipe, folder, run),
      ...(recipe.database === "Durable Object"
        ? { start: ["npm", "run", "start", "--", "--config", "tried.jsonc"], first: holdToContract }
        : {}),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Installs a recipe in its folder, builds it and checks its types. */
async function install(recipe: Recipe, folder: string, run: (...command: string[]) => Promise<void>): Promise<void> {
  await run("npm", "install", packed.tarball, "--include=dev", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error");
  const { scripts = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { scripts?: Record<string, string> };
  if (scripts.build !== undefined) await run("npm", "run", "build");
  if (recipe.checkTypes === "deno") await run("deno", "check", "main.ts");
  if (recipe.checkTypes === "tsc") {
    const configuration = join(folder, "tsconfig.json");
    if (!existsSync(configuration)) writeFileSync(configuration, JSON.stringify(CONFIGURATION));
    await run(process.execPath, join(ROOT, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", folder);
  }
  // Only a worker can give access to a Durable Object, so the recipe is started with a worker that does.
  if (recipe.database === "Durable Object") cpSync(join(import.meta.dirname, "workers"), folder, { recursive: true });
}

/** The inbox of the receiver in a Durable Object, on the platform's own runtime. */
async function holdToContract(origin: string): Promise<void> {
  const response = await fetch(`${origin}/contract`, { method: "POST" });
  const said = await response.text();
  if (!response.ok) throw new Error(said);
  deepEqual(JSON.parse(said), { tests: contractTests(), failed: [] });
}

import { execFile } from "node:child_process";
import { cpSync, existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./house/repository-files.ts";

/**
 * Tests `examples/testing` with the executable file that `npm run build` makes: `npm run testing-recipes`, or some of
 * them, `npm run testing-recipes -- python go`. Each is copied to an empty folder, gets its packages from the registry
 * of its language, and runs its test. A recipe whose toolchain is not installed is named, and not counted. Exits with 1
 * when one fails.
 */
interface Recipe {
  /** The program that it needs. */
  needs: string;
  steps: readonly (readonly [program: string, ...args: string[]])[];
  env?: Record<string, string>;
}

const DIST = join(ROOT, "dist");

/** The SDK's `init.php`, for use where Composer's registry cannot be reached. For Ruby, `RUBYLIB` does the same. */
const STRIPE_PHP = process.env.STRIPE_PHP;

const RECIPES: Readonly<Record<string, Recipe>> = {
  python: {
    needs: "python3",
    steps: [
      ["python3", "-m", "venv", "venv"],
      ["venv/bin/pip", "install", "--quiet", "pytest", "stripe"],
      ["venv/bin/pytest", "-q"],
    ],
  },
  go: {
    needs: "go",
    steps: [
      ["go", "mod", "tidy"],
      ["go", "test", "./..."],
    ],
  },
  ruby: { needs: "ruby", steps: [["ruby", "connect_test.rb"]] },
  php: {
    needs: "php",
    steps:
      STRIPE_PHP === undefined
        ? [
            ["composer", "install", "--quiet"],
            ["vendor/bin/phpunit", "ConnectTest.php"],
          ]
        : [["phpunit", "--bootstrap", STRIPE_PHP, "ConnectTest.php"]],
  },
  java: { needs: "mvn", steps: [["mvn", "-q", "-B", "test"]] },
  jest: {
    needs: "npm",
    steps: [
      ["npm", "init", "--yes"],
      ["npm", "install", "jest", "stripe", ...globSync("carabiner-{protocol,server}-*.tgz", { cwd: DIST }).map((file) => join(DIST, file))],
      ["node_modules/.bin/jest", "--testMatch", "**/*.test.mjs"],
    ],
    env: { NODE_OPTIONS: "--experimental-vm-modules" },
  },
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in RECIPES));
if (unknown.length > 0) throw new Error(`There is no recipe ${unknown.join(", ")}: there are ${Object.keys(RECIPES).join(", ")}.`);
if (!existsSync(join(DIST, "carabiner"))) throw new Error("There is no dist/carabiner. Make it with: npm run build");

const env = { ...process.env, PATH: `${DIST}${delimiter}${process.env.PATH}` };
for (const [name, recipe] of Object.entries(RECIPES)) {
  if (named.length > 0 && !named.includes(name)) continue;
  const began = performance.now();
  const said = await tryRecipe(name, recipe);
  console.log(`${name.padEnd(8)} ${said}  ${((performance.now() - began) / 1_000).toFixed(0)} s`);
}

/** Tests one recipe. Resolves with the result. */
async function tryRecipe(name: string, { needs, steps, env: more }: Recipe): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), `carabiner-${name}-`));
  const run = (program: string, args: readonly string[]) =>
    promisify(execFile)(program.includes("/") ? join(folder, program) : program, args, {
      cwd: folder,
      env: { ...env, ...more },
      maxBuffer: 16 * 1_048_576,
    });
  try {
    if (
      await run("sh", ["-c", `command -v ${needs}`]).then(
        () => false,
        () => true,
      )
    )
      return `not tried: there is no ${needs} here`;
    cpSync(join(ROOT, "examples/testing", name), folder, { recursive: true });
    for (const [program, ...args] of steps) await run(program, args);
    return "passes";
  } catch (error) {
    process.exitCode = 1;
    const { stdout = "", stderr = "", message } = error as { stdout?: string; stderr?: string; message: string };
    return `fails: ${message}\n${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

import { execFile } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/** The package of the dashboard's page. */
const PAGE = join(import.meta.dirname, "../packages/dashboard");

/**
 * Builds the dashboard's page before the tests, in the place where the server looks for it, unless the build is newer
 * than its sources. It is built once for all test files, which run in parallel. The build is the same as in `npm run
 * build`; a test's environment would produce a different page.
 */
export async function setup(): Promise<void> {
  const built = join(PAGE, "dist/index.html");
  if (existsSync(built) && statSync(built).mtimeMs > changedAt()) return;
  const vite = join(dirname(createRequire(join(PAGE, "package.json")).resolve("vite/package.json")), "bin/vite.js");
  await promisify(execFile)(process.execPath, [vite, "build", "--logLevel", "error"], {
    cwd: PAGE,
    env: { ...process.env, NODE_ENV: "production" },
  });
}

/** When the page's sources were last changed, in Unix milliseconds. */
function changedAt(): number {
  const folders = ["src", "build"].flatMap((folder) =>
    readdirSync(join(PAGE, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const files = [...folders, join(PAGE, "index.html"), join(PAGE, "package.json"), join(PAGE, "vite.config.ts")];
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

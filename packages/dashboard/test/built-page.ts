import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/** The package of the page. */
const ROOT = join(import.meta.dirname, "..");

/** Vite's command. */
const VITE = join(dirname(createRequire(import.meta.url).resolve("vite/package.json")), "bin/vite.js");

/** Builds the page where the server looks for it, as `npm run build` does: a test's environment would build another. Returns its folder. */
export async function buildPage(): Promise<string> {
  await promisify(execFile)(process.execPath, [VITE, "build", "--logLevel", "error"], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: "production" },
  });
  return join(ROOT, "dist");
}

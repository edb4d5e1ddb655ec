import { join } from "node:path";
import { build } from "vite";

/** The package of the page. */
const ROOT = join(import.meta.dirname, "..");

/** Builds the page where the server looks for it. */
export async function buildPage(): Promise<string> {
  await build({ root: ROOT, configFile: join(ROOT, "vite.config.ts"), logLevel: "error" });
  return join(ROOT, "dist");
}

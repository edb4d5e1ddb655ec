// The `carabiner` command from the sources, as fast as the published one: bundled when a source has changed since the
// last start, and run in this process. If it cannot be bundled, the sources run unbundled, and report what is wrong
// with them. Plain JavaScript, because parsing TypeScript would take a tenth of the start.
import { execFileSync } from "node:child_process";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** How often a running server marks its bundle as used. Other starts remove bundles that nobody uses. */
const NOTED_EVERY_MS = 24 * 3_600_000;

enableCompileCache();
const root = join(import.meta.dirname, "..");
let main;
try {
  const { keptBundle, noteUse } = await import("./kept-bundle.ts");
  main = keptBundle(root, (folder) => {
    const bundle = join(import.meta.dirname, "bundle-for-start.ts");
    execFileSync(process.execPath, [bundle, folder], { stdio: ["ignore", "ignore", "pipe"] });
  });
  setInterval(noteUse, NOTED_EVERY_MS, main).unref();
} catch (error) {
  process.stderr.write(`The command could not be bundled, so it starts from its sources:\n${error.stderr || error.message}\n`);
  main = join(root, "packages/cli/src/main.ts");
}
await import(pathToFileURL(main).href);

import { existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { buildPackage, type Forms } from "./build-package.ts";
import { bundleCommand } from "./bundle-command.ts";

/** In the order in which they depend on each other. */
const PACKAGES: readonly (readonly [folder: string, forms: Forms | "command"])[] = [
  ["protocol", "esm"],
  ["server", "esm"],
  ["cli", "command"],
  ["receiver", "esm and cjs"],
];

const ROOT = join(import.meta.dirname, "..");

/** The built page, which is part of the server. */
const DASHBOARD = join(ROOT, "packages/dashboard/dist");

for (const [folder, forms] of PACKAGES) {
  const began = performance.now();
  const output = (name: string): string => join(ROOT, "packages", name, "dist");
  if (forms === "command") await bundleCommand(ROOT, folder, output(folder));
  else await buildPackage(ROOT, folder, output, forms);
  // The server looks for the page beside the module that serves it; in the command, all modules are side by side.
  const page = { server: "dashboard/page", cli: "page" }[folder];
  if (page !== undefined && existsSync(DASHBOARD)) await cp(DASHBOARD, join(output(folder), page), { recursive: true });
  console.log(`packages/${folder}/dist  ${((performance.now() - began) / 1_000).toFixed(1)} s`);
}
console.log("Publish one with: npm publish packages/<name>/dist");

import { join } from "node:path";
import { buildPackage, type Forms } from "./build-package.ts";

/** In the order in which they depend on each other. */
const PACKAGES: readonly (readonly [folder: string, forms: Forms])[] = [
  ["protocol", "esm"],
  ["server", "esm"],
  ["cli", "esm"],
  ["receiver", "esm and cjs"],
];

const ROOT = join(import.meta.dirname, "..");

for (const [folder, forms] of PACKAGES) {
  const began = performance.now();
  await buildPackage(ROOT, folder, (name) => join(ROOT, "packages", name, "dist"), forms);
  console.log(`packages/${folder}/dist  ${((performance.now() - began) / 1_000).toFixed(1)} s`);
}
console.log("Publish one with: npm publish packages/<name>/dist");

import { join } from "node:path";
import { buildPublished, PUBLISHED_PACKAGES } from "./published-packages.ts";

const ROOT = join(import.meta.dirname, "..");

for (const each of PUBLISHED_PACKAGES) {
  const began = performance.now();
  await buildPublished(ROOT, each, (folder) => join(ROOT, "packages", folder, "dist"));
  console.log(`packages/${each.folder}/dist  ${((performance.now() - began) / 1_000).toFixed(1)} s`);
}
console.log("Publish one with: npm publish packages/<name>/dist");

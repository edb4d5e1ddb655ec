import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { buildExecutable } from "./build-executable.ts";
import { ROOT } from "./house/repository-files.ts";
import { buildPublished, PUBLISHED_PACKAGES } from "./published-packages.ts";
import { tryDev, tryServe } from "./try-command.ts";

/**
 * Builds what is published: `npm run build`. Each package goes to its `dist`, and the executable file to the root's,
 * where it is tried with no Node.js in its path.
 */
const built = (folder: string): string => join(ROOT, "packages", folder, "dist");

let began = performance.now();
/** Says what was done, and how long it took. */
function done(what: string): void {
  console.log(`${what}  ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  began = performance.now();
}

for (const each of PUBLISHED_PACKAGES) {
  await buildPublished(ROOT, each, built);
  done(`packages/${each.folder}/dist`);
}

const executable = await buildExecutable(ROOT, built("cli"), join(ROOT, "dist"));
done(`${relative(ROOT, executable)}  ${((await stat(executable)).size / 1_000_000).toFixed(0)} MB`);
const folder = await mkdtemp(join(tmpdir(), "carabiner-tried-"));
try {
  const tried = { command: [executable], folder, env: { PATH: "" } } as const;
  await tryDev(tried);
  done("  dev: an account was made, and its events arrived");
  await tryServe(tried, { page: true });
  done("  serve: events arrived, a backup was made, and a second start found everything");
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log("Publish a package with: npm publish packages/<name>/dist");

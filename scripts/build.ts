import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { billOfMaterials } from "./bill-of-materials.ts";
import { buildExecutable } from "./build-executable.ts";
import { ROOT } from "./house/repository-files.ts";
import { buildPublished, faultsOf, PUBLISHED_PACKAGES, packBuilt } from "./published-packages.ts";
import { tryDev, tryServe } from "./try-command.ts";

/**
 * Builds what is published: `npm run build`. Each package goes to its own `dist`. The root's `dist` gets the packed
 * packages, a bill of materials for each, and the executable file, which is tested without Node.js in its path.
 */
const DIST = join(ROOT, "dist");
const built = (folder: string): string => join(ROOT, "packages", folder, "dist");

let began = performance.now();
/** Prints what was done, and how long it took. */
function done(what: string): void {
  console.log(`${what}  ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  began = performance.now();
}

const kB = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} kB`;

/** `npm run build -- cli` builds only that package, and nothing else. */
const named = process.argv.slice(2);
const unknown = named.filter((name) => !PUBLISHED_PACKAGES.some(({ folder }) => folder === name));
if (unknown.length > 0) throw new Error(`No package is in the folder ${unknown.join(", ")}.`);

for (const each of PUBLISHED_PACKAGES) {
  if (named.length > 0 && !named.includes(each.folder)) continue;
  await buildPublished(ROOT, each, built);
  done(`packages/${each.folder}/dist`);
}

if (named.length === 0) await buildRest();

/** Builds what needs all packages: the executable file, and the files to publish. */
async function buildRest(): Promise<void> {
  const executable = await buildExecutable(ROOT, built("cli"), DIST);
  done(`${relative(ROOT, executable)}  ${((await stat(executable)).size / 1_000_000).toFixed(0)} MB`);
  for (const each of PUBLISHED_PACKAGES) {
    const { folder, name } = each;
    const { tarball, packedSize, unpackedSize, files } = await packBuilt(built(folder), DIST);
    const faults = await faultsOf(ROOT, each, built(folder), files);
    if (faults.length > 0) throw new Error(`${name} cannot be released:\n${faults.join("\n")}`);
    const bill = await billOfMaterials(ROOT, folder);
    await writeFile(tarball.replace(/\.tgz$/, ".cdx.json"), `${JSON.stringify(bill, null, 2)}\n`);
    const { dependencies = {} } = JSON.parse(await readFile(join(built(folder), "package.json"), "utf8")) as { dependencies?: object };
    const within = Object.keys(dependencies).length > 0 ? "installs" : "contains";
    done(
      `${relative(ROOT, tarball)}  ${name}: ${kB(packedSize)}, unpacked ${kB(unpackedSize)}; ${within} ${bill.components.length} other packages`,
    );
  }

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
  console.log("Packages are published by a workflow, for their provenance. Try it with: npm publish ./dist/<package>.tgz --dry-run");
}

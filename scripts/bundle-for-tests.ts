import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleModules, THREADS } from "./bundle-command.ts";
import { ROOT } from "./house/repository-files.ts";
import { nameInBundle, PROGRAMS } from "./program-for-tests.ts";

// Bundles the programs that tests start into the named folder. A separate process, because tests wait for it.
const [folder = ""] = process.argv.slice(2);
const inputs = [...PROGRAMS, ...THREADS].map((path) => [nameInBundle(path), join(ROOT, path)]);
await bundleModules(ROOT, Object.fromEntries(inputs), folder);
// Its modules ask the nearest package.json for their version.
const { version } = (await import("../packages/cli/package.json", { with: { type: "json" } })).default;
await writeFile(join(folder, "package.json"), JSON.stringify({ name: "programs-for-tests", version, type: "module" }));

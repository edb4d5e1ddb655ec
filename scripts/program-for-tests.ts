import { execFileSync } from "node:child_process";
import { basename, dirname, join } from "node:path";
import { ROOT } from "./house/repository-files.ts";
import { COMMAND, type Kept, keptBundle } from "./kept-bundle.ts";

/** The command. */
export const CLI = "packages/cli/src/main.ts";

/** The programs that contain a server and that tests start, with paths below the root. */
export const PROGRAMS: readonly string[] = [
  CLI,
  "faults/claimer.ts",
  "faults/node-process.ts",
  "packages/server/test/canary/sending-process.ts",
  "packages/server/test/unclean-ends/server-program.ts",
];

const KEPT: Kept = {
  folder: "node_modules/.cache/carabiner-tests",
  sources: [
    ...COMMAND.sources,
    ...new Set(PROGRAMS.slice(1).map((path) => (path.startsWith("packages/") ? "packages/server/test" : dirname(path)))),
    "scripts/bundle-for-tests.ts",
    "scripts/program-for-tests.ts",
  ],
};

let folder: string | null = null;

/**
 * The file to start for one of `PROGRAMS`: bundled like the published command, so that a process loads it in a quarter
 * of the time that the sources would take. The first test that asks for it makes the bundle, if its sources have
 * changed.
 */
export function programForTests(path: string): string {
  if (!PROGRAMS.includes(path)) throw new Error(`${path} is not bundled for tests: add it to PROGRAMS`);
  folder ??= dirname(keptBundle(ROOT, makeBundle, Date.now(), KEPT));
  return join(folder, `${nameInBundle(path)}.js`);
}

/** `main`, `node-process`. */
export function nameInBundle(path: string): string {
  return basename(path, ".ts");
}

function makeBundle(output: string): void {
  execFileSync(process.execPath, [join(import.meta.dirname, "bundle-for-tests.ts"), output], { stdio: ["ignore", "ignore", "pipe"] });
}

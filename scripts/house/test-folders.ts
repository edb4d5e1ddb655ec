import type { Violation } from "./source-file.ts";

/** Folders of a package's `test/` that test the package as a whole, and so do not mirror a folder of its `src/`. */
const OF_THE_WHOLE: Readonly<Record<string, readonly string[]>> = {
  server: ["canary", "hostile-answers", "seed", "simulation", "unclean-ends"],
};

/** Folders in the server's `test/` that have no counterpart in `src/`: a test's folder mirrors that of its source. */
export function testFolders(paths: readonly string[]): Violation[] {
  const violations: Violation[] = [];
  for (const [name, whole] of Object.entries(OF_THE_WHOLE)) {
    const root = `packages/${name}/`;
    const folders = new Set(
      paths.filter((path) => path.startsWith(`${root}src/`)).map((path) => path.slice(root.length + 4).split("/")[0]),
    );
    for (const path of paths) {
      const [folder, ...rest] = path.startsWith(`${root}test/`) ? path.slice(root.length + 5).split("/") : [];
      if (folder === undefined || rest.length === 0 || whole.includes(folder) || folders.has(folder)) continue;
      violations.push({ path, line: 1, says: `src/ has no folder "${folder}": put this where its source is` });
    }
  }
  return violations;
}

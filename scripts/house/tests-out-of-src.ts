import type { SourceFile, Violation } from "./source-file.ts";

/**
 * Files in a package's `src` that nothing published reaches: only tests run them, so they belong in `test/`. `entries`
 * are the files that a package's `exports` and `bin` name.
 */
export function testsOutOfSrc(files: readonly SourceFile[], entries: readonly string[]): Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const open = entries.filter((path) => byPath.has(path));
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const { target } of byPath.get(path)?.imports ?? []) if (target !== null && byPath.has(target)) open.push(target);
  }
  const violations: Violation[] = [];
  for (const { path, isTest } of files)
    if (!isTest && /^packages\/[^/]+\/src\//.test(path) && !reached.has(path))
      violations.push({ path, line: 1, says: "only tests import it: move it to the package's test/, which mirrors src/" });
  return violations;
}

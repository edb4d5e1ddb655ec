import type { SourceFile, Violation } from "./source-file.ts";
import { rowsOf, wordsOf } from "./unused-rows.ts";

const FILE = "packages/server/src/limits.ts";
const TABLE = "DEFAULT_LIMITS";

/** Limits of the server that no test names. */
export function untestedLimits(files: readonly SourceFile[]): Violation[] {
  const home = files.find(({ path }) => path === FILE);
  const rows = home === undefined ? new Map<string, number>() : rowsOf(home, TABLE);
  if (rows.size === 0) return [{ path: "scripts/house/untested-limits.ts", line: 1, says: `${FILE} has no table ${TABLE}` }];
  const named = new Set(files.filter(({ isTest }) => isTest).flatMap((file) => [...wordsOf(file, "name")]));
  return [...rows]
    .filter(([row]) => !named.has(row))
    .map(([row, offset]) => ({
      path: FILE,
      line: home?.lineAt(offset) ?? 1,
      says: `${row}: no test names it; write one at its edge, which fails where it is not kept`,
    }));
}

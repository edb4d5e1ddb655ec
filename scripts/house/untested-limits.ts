import type { SourceFile, Violation } from "./source-file.ts";
import { rowsOf, wordsOf } from "./unused-rows.ts";

const FILE = "packages/server/src/limits.ts";
const TABLE = "DEFAULT_LIMITS";

/** Limits that no test names yet. This list only gets shorter: a new limit comes with a test at its edge. */
const UNTESTED: readonly string[] = [
  "certificateCheckedMs",
  "claimsAheadMs",
  "instantPayoutUsdCents",
  "listenTroublePauseMs",
  "requestsPipelined",
  "resendLookedAtOnce",
  "tasksTroublePauseMs",
];

/** Limits of the server that no test names, and limits of the list that one does. */
export function untestedLimits(files: readonly SourceFile[], untested: readonly string[] = UNTESTED): Violation[] {
  const home = files.find(({ path }) => path === FILE);
  const rows = home === undefined ? new Map<string, number>() : rowsOf(home, TABLE);
  if (rows.size === 0) return [{ path: "scripts/house/untested-limits.ts", line: 1, says: `${FILE} has no table ${TABLE}` }];
  const named = new Set(files.filter(({ isTest }) => isTest).flatMap((file) => [...wordsOf(file, "name")]));
  return [
    ...[...rows]
      .filter(([row]) => !named.has(row) && !untested.includes(row))
      .map(([row, offset]) => ({
        path: FILE,
        line: home?.lineAt(offset) ?? 1,
        says: `${row}: no test names it; write one at its edge, which fails where it is not kept`,
      })),
    ...untested
      .filter((row) => named.has(row) || !rows.has(row))
      .map((row) => ({ path: "scripts/house/untested-limits.ts", line: 1, says: `${row} is tested, or no limit: take it off the list` })),
  ];
}

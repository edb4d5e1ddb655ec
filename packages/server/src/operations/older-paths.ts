import type { Operation } from "./operation.ts";

/**
 * Calls again, at the paths where older code knows them: `older` stands for `newer`. Others than those below it are
 * left out.
 */
export function olderPaths(operations: readonly Operation[], newer: string, older: string): Operation[] {
  return operations.filter(({ path }) => path.includes(newer)).map((call) => ({ ...call, path: call.path.replace(newer, older) }));
}

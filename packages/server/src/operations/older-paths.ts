import type { Operation } from "./operation.ts";

/**
 * The same calls at the paths that older code uses: `older` replaces `newer`. Calls whose paths are not below `newer`
 * are left out.
 */
export function olderPaths(operations: readonly Operation[], newer: string, older: string): Operation[] {
  return operations.filter(({ path }) => path.includes(newer)).map((call) => ({ ...call, path: call.path.replace(newer, older) }));
}

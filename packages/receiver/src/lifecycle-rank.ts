const BEGINS = new Set(["created", "authorized", "opened", "requested"]);
const ENDS = new Set(["deleted", "deauthorized", "closed"]);

/**
 * Where in an object's life an event stands, to put events of one second in order: 0 for its beginning, 2 for its end, 1 for all between.
 */
export function lifecycleRank(type: string): 0 | 1 | 2 {
  const last = type.slice(type.lastIndexOf(".") + 1);
  return BEGINS.has(last) ? 0 : ENDS.has(last) ? 2 : 1;
}

/** Whether nothing can come after it: what arrives later for the same object is of its past. Disputes that were closed go on; what was deleted does not. */
export function endsObject(type: string): boolean {
  return type.endsWith(".deleted");
}

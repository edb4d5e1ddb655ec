const BEGINS = new Set(["created", "authorized", "opened", "requested"]);
const ENDS = new Set(["deleted", "deauthorized", "closed"]);

/**
 * An event's place in its object's life, to order events of one second: 0 for the beginning, 2 for the end, 1 for
 * everything between.
 */
export function lifecycleRank(type: string): 0 | 1 | 2 {
  const last = type.slice(type.lastIndexOf(".") + 1);
  return BEGINS.has(last) ? 0 : ENDS.has(last) ? 2 : 1;
}

/**
 * Whether nothing can follow, so that later arrivals for the same object are outdated. Closed disputes can continue;
 * deleted objects cannot.
 */
export function endsObject(type: string): boolean {
  return type.endsWith(".deleted");
}

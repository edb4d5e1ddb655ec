import { WAYS } from "./list-thresholds.ts";

/** The most rows of each way that are counted. */
export const COUNTED = WAYS.counted;

/** A way to find the deliveries of a filter: by an index. */
export interface Way {
  /** Whether it finds them newest first. If not, everything that it finds is sorted for each page. */
  ordered: boolean;
}

/**
 * Chooses the way that examines the fewest rows, or the first that examines few. `count` counts them, up to `most`. If
 * every way has at least that many, it takes the first way that needs no sorting: then matching rows are frequent, and
 * a page fills up soon. The last way must be an ordered one.
 */
export function chosenWay<W extends Way>(ways: readonly W[], count: (way: W) => number, most: number = COUNTED): W {
  const [only] = ways;
  if (ways.length === 1 && only !== undefined) return only;
  let best: { way: W; rows: number } | null = null;
  for (const way of ways) {
    const rows = count(way);
    if (rows < (best?.rows ?? most)) best = { way, rows };
    if (rows <= WAYS.few) break;
  }
  const chosen = best?.way ?? ways.find(({ ordered }) => ordered);
  if (chosen === undefined) throw new Error("no way to find deliveries finds them in their order");
  return chosen;
}

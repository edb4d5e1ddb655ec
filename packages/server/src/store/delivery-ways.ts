import { WAYS } from "./list-thresholds.ts";

/** How many rows of each way are counted, at most. */
export const COUNTED = WAYS.counted;

/** A way to find the deliveries of a filter: by an index. */
export interface Way {
  /** Whether it finds them newest first. If not, all that it finds are sorted for each page. */
  ordered: boolean;
}

/**
 * Chooses the way that looks at the fewest rows, or the first that looks at few. `count` counts them, up to `most`. If
 * every way has at least so many, it takes the first that needs no sorting: what the filter asks for is then frequent,
 * and a page is soon full. The last way must be an ordered one.
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

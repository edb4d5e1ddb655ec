/** A delivery is quarantined once it was the only one under way at this many unclean ends. */
const ALONE_ENDS = 2;

/** When a suspect is due: never automatically. It waits for its careful round, or for the end of its process. */
export const HELD = Number.MAX_SAFE_INTEGER;

/** The unclean ends at which a delivery was under way, and how many of them had nothing else under way. */
export interface EndsMet {
  ends: number;
  alone: number;
}

/** Counts one more end, at which this many deliveries were under way. */
export function meetEnd({ ends, alone }: EndsMet, underWay: number): EndsMet {
  return { ends: ends + 1, alone: underWay === 1 ? alone + 1 : alone };
}

/**
 * Whether a delivery is quarantined because it must be the one that ends the process. Where many were under way, it may
 * have been any of them, and a single end may have been a kill.
 */
export function isQuarantined({ alone }: EndsMet): boolean {
  return alone >= ALONE_ENDS;
}

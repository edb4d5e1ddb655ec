/** At so many unclean ends a delivery has to have been alone under way before it is quarantined. */
const ALONE_ENDS = 2;

/** When a suspect is due: never by itself. It waits for its careful turn, or for the end of the process it waits in. */
export const HELD = Number.MAX_SAFE_INTEGER;

/** The unclean ends at which a delivery was under way, and those of them at which nothing else was. */
export interface EndsMet {
  ends: number;
  alone: number;
}

/** Counts one more end, at which so many were under way. */
export function meetEnd({ ends, alone }: EndsMet, underWay: number): EndsMet {
  return { ends: ends + 1, alone: underWay === 1 ? alone + 1 : alone };
}

/**
 * Whether a delivery is quarantined: it must be this one that ends the process. Of many that were under way it may have been
 * any, and one that was alone once may have met a kill.
 */
export function isQuarantined({ alone }: EndsMet): boolean {
  return alone >= ALONE_ENDS;
}

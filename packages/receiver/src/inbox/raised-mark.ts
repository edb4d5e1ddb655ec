import type { Mark } from "./inbox.ts";

/**
 * A mark that a handled event raises. A newer event says by itself whether the object has ended, since a thing may be created again under its
 * old id; of one second, an end stays; an older event changes nothing.
 */
export function raisedMark(known: Mark | null, by: Mark): Mark {
  if (known === null || by.created > known.created) return by;
  return by.created === known.created ? { created: known.created, ended: known.ended || by.ended } : known;
}

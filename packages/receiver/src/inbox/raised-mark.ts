import type { Mark } from "./inbox.ts";

/**
 * The mark after an event is handled. A newer event replaces the mark, because an object may be created again under its
 * old id. Within one second, the mark of an end stays. An older event changes nothing.
 */
export function raisedMark(known: Mark | null, by: Mark): Mark {
  if (known === null || by.created > known.created) return by;
  return by.created === known.created ? { created: known.created, ended: known.ended || by.ended } : known;
}

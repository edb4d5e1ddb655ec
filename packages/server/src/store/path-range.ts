/** How many characters of a path are indexed, as in the indexes `requests_of_path`. */
export const INDEXED_PATH_CHARS = 200;
/** The highest character: no other comes after it. */
const LAST = "\u{10ffff}";

/**
 * The first and the last of the indexed paths that may begin with a prefix. The part before a parameter is the same in
 * a route (`/v1/accounts/:account`) and in its paths with ids, and only these are indexed.
 */
export function pathRange(prefix: string): [from: string, to: string] {
  const begins = [...(prefix.split(":", 1)[0] ?? "")].slice(0, INDEXED_PATH_CHARS).join("");
  return [begins, begins + LAST];
}

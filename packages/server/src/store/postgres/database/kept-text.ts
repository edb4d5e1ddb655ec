/** Replaces a character that cannot be stored, as is done for bytes that are not UTF-8. */
const REPLACEMENT = "\uFFFD";

/**
 * An escape in JSON. It also matches an escaped backslash, so that the text after that is not taken for an escape. The
 * group is set for the escapes of NUL and of half a surrogate pair, which `JSON.stringify` produces.
 */
const ESCAPE = /\\(?:u(0000|d[89a-f][0-9a-f]{2})|.)/g;
const MAY_BE_UNREADABLE = /\\u[0d]/;

/**
 * A text in a form that PostgreSQL accepts: it refuses a statement with a NUL in a text. A client that sends a NUL gets
 * an error much earlier. This is for unforeseen cases, because a statement of the engine that fails for a reason other
 * than the database ends the node.
 */
export const keptText = (text: string): string => (text.includes("\0") ? text.replaceAll("\0", REPLACEMENT) : text);

/**
 * JSON for a column that statements look into. PostgreSQL accepts an escaped NUL and half a pair there. But then it
 * cannot read any field of the row, and every list that reaches the row fails.
 */
export function keptJson(value: unknown): string {
  const json = JSON.stringify(value);
  return MAY_BE_UNREADABLE.test(json) ? json.replace(ESCAPE, (all, unreadable) => (unreadable === undefined ? all : REPLACEMENT)) : json;
}

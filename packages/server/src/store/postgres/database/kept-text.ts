/** What stands for a character that cannot be kept, as where bytes are not UTF-8. */
const REPLACEMENT = "\uFFFD";

/**
 * An escape in JSON, an escaped backslash with it, so that what follows that is none. The group is there in those of
 * NUL and of half a surrogate pair, which `JSON.stringify` escapes.
 */
const ESCAPE = /\\(?:u(0000|d[89a-f][0-9a-f]{2})|.)/g;
const MAY_BE_UNREADABLE = /\\u[0d]/;

/**
 * A text as PostgreSQL takes it. It refuses a statement with a NUL in a text. Who sends one is told so long before, so
 * this is for what nobody thought of: a statement of the engine that fails for another reason than the database ends
 * the node.
 */
export const keptText = (text: string): string => (text.includes("\0") ? text.replaceAll("\0", REPLACEMENT) : text);

/**
 * JSON for a column that statements look into. PostgreSQL takes an escaped NUL and half a pair there, but then no field
 * of the row can be looked at, and every list that comes to it fails.
 */
export function keptJson(value: unknown): string {
  const json = JSON.stringify(value);
  return MAY_BE_UNREADABLE.test(json) ? json.replace(ESCAPE, (all, unreadable) => (unreadable === undefined ? all : REPLACEMENT)) : json;
}

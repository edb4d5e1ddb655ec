/**
 * Finds, in the JSON of a list, an escape of something other than a quote or a backslash. It may report one where there
 * is none.
 */
const OTHER_ESCAPE = /\\[^"\\]/;

/**
 * A list in PostgreSQL's syntax for arrays. Null if `pg` has to write it: a list of bytes, or one with a character that
 * JSON escapes in its own way. As in JSON, strings are quoted, and quotes and backslashes have a backslash before them,
 * so V8's fast JSON writer does nearly all of the work. A list that `pg` writes costs several times as much.
 * Source: https://www.postgresql.org/docs/18/arrays.html#ARRAYS-IO
 */
export function arrayLiteral(list: readonly (string | number | boolean | null | Uint8Array)[]): string | null {
  for (const value of list) {
    if (value === null) continue;
    if (typeof value === "object") return null;
    break;
  }
  const json = JSON.stringify(list);
  if (json.includes("\\") && OTHER_ESCAPE.test(json)) return null;
  return `{${json.slice(1, -1)}}`;
}

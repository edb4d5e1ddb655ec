import { hashOf, isHash } from "../../../operations/merge-change.ts";
import type { Json, JsonObject } from "../../../store/contract/rows.ts";

/** The value at a dotted path; undefined if there is none. */
export function valueAt(of: JsonObject, path: string): Json | undefined {
  let at: Json | undefined = of;
  for (const key of path.split(".")) at = isHash(at) ? at[key] : undefined;
  return at;
}

/**
 * The value that a request gives at a dotted path. Null on the way counts as null at the path, because it unsets
 * everything inside.
 */
export function givenAt(told: JsonObject, path: string): Json | undefined {
  let at: Json | undefined = told;
  for (const key of path.split(".")) {
    if (at === null) return null;
    at = isHash(at) ? at[key] : undefined;
  }
  return at;
}

/** Sets the value at a dotted path, in place. Creates the hashes on the way. */
export function setAt(of: JsonObject, path: string, value: Json): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let at = of;
  for (const key of keys) {
    const inner = hashOf(at[key]);
    at[key] = inner;
    at = inner;
  }
  at[last] = value;
}

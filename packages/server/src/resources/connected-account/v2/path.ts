import { hashOf, isHash } from "../../../operations/merge-change.ts";
import type { Json, JsonObject } from "../../../store/contract/rows.ts";

/** The value at a path with dots; undefined where there is none. */
export function valueAt(of: JsonObject, path: string): Json | undefined {
  let at: Json | undefined = of;
  for (const key of path.split(".")) at = isHash(at) ? at[key] : undefined;
  return at;
}

/** The value that a request gives at a path with dots. Null on the way counts as null there: it unsets all within. */
export function givenAt(told: JsonObject, path: string): Json | undefined {
  let at: Json | undefined = told;
  for (const key of path.split(".")) {
    if (at === null) return null;
    at = isHash(at) ? at[key] : undefined;
  }
  return at;
}

/** Sets the value at a path with dots, in place. Makes the hashes on the way. */
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

import type { Json, JsonObject } from "../store/contract/rows.ts";

/**
 * A hash after a change: keys given are set, keys given as null are unset, keys not given stay, and hashes within are
 * changed in the same way. Lists are replaced.
 */
export function mergeChange(before: JsonObject, change: JsonObject): JsonObject {
  const after = { ...before };
  for (const [key, value] of Object.entries(change)) {
    const was = after[key] ?? null;
    if (value === null) delete after[key];
    else after[key] = isHash(value) ? mergeChange(isHash(was) ? was : {}, value) : value;
  }
  return after;
}

/** Whether a value is a hash. */
export function isHash(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value if it is a hash, else an empty one. */
export function hashOf(value: Json | undefined): JsonObject {
  return isHash(value) ? value : {};
}

import type { Json, JsonObject } from "../store/contract/rows.ts";

/**
 * A hash after a change: given keys are set, null unsets a key, and other keys stay. Nested hashes change in the same
 * way. Lists are replaced.
 */
export function mergeChange(before: JsonObject, change: JsonObject): JsonObject {
  const after = { ...before };
  for (const key of Object.keys(change)) {
    const value = change[key] as Json;
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

/** The value if it is a hash, else an empty hash. */
export function hashOf(value: Json | undefined): JsonObject {
  return isHash(value) ? value : {};
}

import type { Json, JsonObject } from "../store/contract/rows.ts";

/**
 * `data.previous_attributes` of a change: the attributes that differ, as they were before. For a hash only the keys
 * that differ, for an array the whole array, and null for a missing attribute. Null when nothing differs.
 * Source: https://docs.stripe.com/api/events/object#event_object-data-previous_attributes
 */
export function previousAttributes(before: JsonObject, after: JsonObject): JsonObject | null {
  const previous: JsonObject = {};
  const added = Object.keys(after).filter((key) => !Object.hasOwn(before, key));
  for (const key of [...Object.keys(before), ...added]) {
    const was = before[key] ?? null;
    const is = after[key] ?? null;
    if (was === is) continue;
    if (isHash(was) && isHash(is)) {
      const inner = previousAttributes(was, is);
      if (inner !== null) previous[key] = inner;
    } else if (!equal(was, is)) previous[key] = was;
  }
  return Object.keys(previous).length === 0 ? null : previous;
}

/**
 * The attributes that `previous` names, as they are in `object` now: for a hash only the keys that differ, as in
 * `previous`.
 */
export function presentAttributes(previous: JsonObject, object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(previous).map(([key, was]) => {
      const is = object[key] ?? null;
      return [key, isHash(was) && isHash(is) ? presentAttributes(was, is) : is];
    }),
  );
}

function isHash(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function equal(one: Json, other: Json): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, position) => equal(item, other[position] ?? null));
  if (isHash(one) && isHash(other)) return previousAttributes(one, other) === null;
  return one === other;
}

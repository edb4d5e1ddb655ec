import type { Json, JsonObject } from "../store/contract/rows.ts";
import { isHash } from "./merge-change.ts";

/**
 * A hash of an answer: every key of `shape`, with the given value or else the shape's own. The shape has the official
 * type. The given values were compared with that type's parameters when they were read.
 */
export function withDefaults<Shape extends object>(shape: Shape, given: Json | undefined): Shape {
  const from = isHash(given) ? given : {};
  const defaults = shape as JsonObject;
  // A copy has the shape's keys in the same order, and keeps V8's form of it.
  const whole: JsonObject = { ...defaults };
  for (const key of Object.keys(defaults)) {
    const value = defaults[key] as Json;
    if (isHash(value)) whole[key] = withDefaults(value, from[key]);
    else whole[key] = from[key] ?? value;
  }
  return whole as Shape;
}

/** The same, or null when nothing was given. */
export function withDefaultsOrNull<Shape extends object>(shape: Shape, given: Json | undefined): Shape | null {
  return isHash(given) && Object.keys(given).length > 0 ? withDefaults(shape, given) : null;
}

/** The values in `keys` that were given, unchanged. */
export function pickGiven<Shape extends object>(from: JsonObject, keys: readonly (keyof Shape & string)[]): Partial<Shape> {
  const given: JsonObject = {};
  for (const key of keys) {
    const value = from[key];
    if (value !== undefined && value !== null) given[key] = value;
  }
  return given as Partial<Shape>;
}

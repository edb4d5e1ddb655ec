import type { Json, JsonObject } from "../store/contract/rows.ts";
import { isHash } from "./merge-change.ts";

/**
 * A hash of an answer: every key of `shape`, with the given value or else the shape's own. The shape carries the
 * official type. The given values were compared with that type's parameters when they were read.
 */
export function withDefaults<Shape extends object>(shape: Shape, given: Json | undefined): Shape {
  const from = isHash(given) ? given : {};
  return Object.fromEntries(
    Object.entries(shape).map(([key, value]: [string, Json]) => [
      key,
      isHash(value) ? withDefaults(value, from[key]) : (from[key] ?? value),
    ]),
  ) as Shape;
}

/** The same, or null when nothing was given. */
export function withDefaultsOrNull<Shape extends object>(shape: Shape, given: Json | undefined): Shape | null {
  return isHash(given) && Object.keys(given).length > 0 ? withDefaults(shape, given) : null;
}

/** Those of `keys` that were given, as they were given. */
export function pickGiven<Shape extends object>(from: JsonObject, keys: readonly (keyof Shape & string)[]): Partial<Shape> {
  return Object.fromEntries(
    keys.filter((key) => from[key] !== undefined && from[key] !== null).map((key) => [key, from[key]]),
  ) as Partial<Shape>;
}

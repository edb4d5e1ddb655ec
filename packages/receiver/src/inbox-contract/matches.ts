import { deepEqual } from "node:assert/strict";

/**
 * Throws an AssertionError unless `actual` has everything that `expected` has. Additional fields do not matter; arrays
 * must have equal lengths.
 */
export function matches(actual: unknown, expected: unknown): void {
  deepEqual(pickedAs(expected, actual), expected);
}

/** The fields of `value` that `shape` has. */
function pickedAs(shape: unknown, value: unknown): unknown {
  if (Array.isArray(shape) && Array.isArray(value)) return value.map((one, index) => pickedAs(shape[index], one));
  if (!isRecord(shape) || !isRecord(value)) return value;
  return Object.fromEntries(Object.entries(shape).map(([key, field]) => [key, pickedAs(field, value[key])]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

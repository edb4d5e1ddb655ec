import type { Json, JsonObject } from "../../../store/contract/rows.ts";
import { givenAt, setAt, valueAt } from "./path.ts";

/**
 * Converts a value of v1 to v2, and back. Neither function is called without a value; null means that there is nothing
 * to show.
 */
export interface Conversion {
  toV2(value: Json): Json;
  toV1(value: Json): Json;
}

/**
 * A value that both APIs have, by its paths in v2's request and answer and in v1's parameters. Tables of these serve
 * both directions, and the documentation.
 */
export interface Correspondence {
  v2: string;
  /** Several paths where v2 has a list and v1 has separate fields. */
  v1: string | readonly string[];
  /**
   * Absent where the value is the same. For a row of several v1 fields, it converts between a hash of these and v2's
   * list.
   */
  as?: Conversion;
}

/** Where the stored data keeps values that v1 has no field for. */
export const BESIDE = "v2";

/**
 * The change in v1's parameters that has the same effect as a change in v2's: given values are set, null unsets.
 * `known` are v2's paths without a field in v1.
 */
export function inV1(rows: readonly Correspondence[], known: readonly string[], told: JsonObject): JsonObject {
  const change: JsonObject = {};
  for (const row of rows) {
    const value = givenAt(told, row.v2);
    if (value === undefined) continue;
    const given = value === null ? null : (row.as?.toV1(value) ?? value);
    if (typeof row.v1 === "string") setAt(change, row.v1, given);
    else for (const path of row.v1) setAt(change, path, given === null ? null : (valueAt(given as JsonObject, path) ?? null));
  }
  for (const path of known) {
    const value = givenAt(told, path);
    if (value !== undefined) setAt(change, `${BESIDE}.${path}`, value);
  }
  return change;
}

/** The stored data in v2's form, without values that were not given. */
export function inV2(rows: readonly Correspondence[], known: readonly string[], given: JsonObject): JsonObject {
  const shown: JsonObject = {};
  for (const row of rows) {
    const was = v1Value(row, given);
    if (was === null) continue;
    const value = row.as === undefined ? was : row.as.toV2(was);
    if (value !== null) setAt(shown, row.v2, value);
  }
  for (const path of known) {
    const value = valueAt(given, `${BESIDE}.${path}`);
    if (value !== undefined && value !== null) setAt(shown, path, value);
  }
  return shown;
}

/** v1's value of a row; null if there is none. */
function v1Value({ v1 }: Correspondence, given: JsonObject): Json {
  if (typeof v1 === "string") return valueAt(given, v1) ?? null;
  const found: JsonObject = {};
  for (const path of v1) {
    const value = valueAt(given, path) ?? null;
    if (value !== null) setAt(found, path, value);
  }
  return Object.keys(found).length === 0 ? null : found;
}

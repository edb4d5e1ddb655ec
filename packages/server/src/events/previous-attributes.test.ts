import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../store/contract/rows.ts";
import { presentAttributes, previousAttributes } from "./previous-attributes.ts";

describe("what differs, as it was", () => {
  test.each<[string, JsonObject, JsonObject, JsonObject | null]>([
    ["a value", { email: "a@x", name: "N" }, { email: "b@x", name: "N" }, { email: "a@x" }],
    ["nothing", { a: 1, b: { c: [1, { d: 2 }] } }, { b: { c: [1, { d: 2 }] }, a: 1 }, null],
    ["a key inside a hash", { verification: { due: 1, by: 2 } }, { verification: { due: 3, by: 2 } }, { verification: { due: 1 } }],
    ["an array: all of it", { list: ["a", "b"] }, { list: ["a", "c"] }, { list: ["a", "b"] }],
    ["a key that is new was null", { metadata: {} }, { metadata: { foo: "bar" } }, { metadata: { foo: null } }],
    ["a key that is gone", { metadata: { foo: "bar" } }, { metadata: {} }, { metadata: { foo: "bar" } }],
    ["null to a hash", { address: null }, { address: { city: "X" } }, { address: null }],
    ["a hash to null", { address: { city: "X" } }, { address: null }, { address: { city: "X" } }],
  ])("%s", (_, before, after, expected) => {
    expect(previousAttributes(before, after)).toEqual(expected);
  });
});

describe("the same attributes, as they are now", () => {
  test.each<[string, JsonObject, JsonObject, JsonObject]>([
    ["a key inside a hash", { settings: { name: "A" } }, { settings: { name: "B", color: null }, id: "x" }, { settings: { name: "B" } }],
    ["an array: all of it", { list: ["a"] }, { list: ["b", "c"] }, { list: ["b", "c"] }],
    ["a key that is gone", { metadata: { foo: "bar" } }, { metadata: {} }, { metadata: { foo: null } }],
    ["null to a hash", { address: null }, { address: { city: "X" } }, { address: { city: "X" } }],
    ["a hash to null", { address: { city: "X" } }, { address: null }, { address: null }],
  ])("%s", (_, previous, object, expected) => {
    expect(presentAttributes(previous, object)).toEqual(expected);
  });
});

test("putting the previous attributes over the new object gives the old one back", () => {
  const value = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<Json>(null, true, false),
      fc.integer(),
      fc.string({ maxLength: 3 }),
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "c", "d"), tie("json"), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).json;
  const object = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), value, { maxKeys: 4, noNullPrototype: true });
  fc.assert(
    fc.property(object, object, (before, after) => {
      expect(withoutNulls(over(after, previousAttributes(before, after) ?? {}))).toEqual(withoutNulls(before));
    }),
  );
});

function over(object: JsonObject, previous: JsonObject): JsonObject {
  const result = { ...object };
  for (const [key, was] of Object.entries(previous)) {
    const is = result[key] ?? null;
    result[key] = isHash(was) && isHash(is) ? over(is, was) : was;
  }
  return result;
}

/** A key that is null and a key that is absent are the same to a reader of an API object. */
function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isHash(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}

function isHash(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

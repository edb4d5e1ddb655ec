import fc from "fast-check";
import { expect, test } from "vitest";
import { createKeysInUse, fingerprint, idempotencyKeyOf } from "./idempotency.ts";

test("POST alone has a key", () => {
  expect(idempotencyKeyOf({ method: "POST", path: "/v1/things" }, "k", 255)).toBe("k");
  expect(idempotencyKeyOf({ method: "POST", path: "/v1/things" }, "", 255)).toBeNull();
  expect(idempotencyKeyOf({ method: "POST", path: "/v1/things" }, undefined, 255)).toBeNull();
  expect(idempotencyKeyOf({ method: "GET", path: "/v1/things" }, "k", 255)).toBeNull();
  expect(idempotencyKeyOf({ method: "DELETE", path: "/v1/things" }, "k".repeat(300), 255)).toBeNull();
  expect(idempotencyKeyOf({ method: "DELETE", path: "/v2/things" }, "k", 255)).toBe("k");
  expect(idempotencyKeyOf({ method: "POST", path: "/v1/things" }, "k".repeat(255), 255)).toHaveLength(255);
  expect(() => idempotencyKeyOf({ method: "POST", path: "/v1/things" }, "k".repeat(256), 255)).toThrow(
    expect.objectContaining({ error: "idempotency_key_too_long" }),
  );
});

/** The same value with the keys of its objects in reverse order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, turned(item)]),
  );
}

test("the order of keys does not matter to a fingerprint, and everything else does", () => {
  const params = fc.dictionary(
    fc.string({ minLength: 1 }).filter((key) => key !== "__proto__"),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(params, (given) => {
      expect(fingerprint("POST", "/v1/x", turned(given) as typeof given)).toBe(fingerprint("POST", "/v1/x", given));
      expect(fingerprint("POST", "/v1/x", { ...given, "a new one": 1 })).not.toBe(fingerprint("POST", "/v1/x", given));
    }),
  );
  const base = fingerprint("POST", "/v1/x", { a: [1, 2], b: "c" });
  const others = [
    fingerprint("POST", "/v1/y", { a: [1, 2], b: "c" }),
    fingerprint("POST", "/v1/x", { a: [2, 1], b: "c" }),
    fingerprint("POST", "/v1/x", { a: [1, 2], b: "d" }),
    fingerprint("POST", "/v1/x", { a: ["1", 2], b: "c" }),
    fingerprint("POST", "/v1/x", { a: [1, 2], b: null }),
  ];
  expect(new Set([base, ...others]).size).toBe(6);
});

test("a key in use is refused to others until its holder releases it", () => {
  const keys = createKeysInUse();
  keys.take("scope", "key", "req_1");
  keys.take("scope", "key", "req_1");
  expect(() => keys.take("scope", "key", "req_2")).toThrow(expect.objectContaining({ error: "idempotency_key_in_use", status: 409 }));
  keys.take("other scope", "key", "req_2");
  keys.release("scope", "key", "req_2");
  expect(() => keys.take("scope", "key", "req_2")).toThrow();
  keys.release("scope", "key", "req_1");
  keys.take("scope", "key", "req_2");
});

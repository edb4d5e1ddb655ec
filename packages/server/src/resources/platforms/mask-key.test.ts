import fc from "fast-check";
import { expect, test } from "vitest";
import { maskKey } from "./mask-key.ts";

test.each([
  ["sk_test_0123456789abcdef", "sk_test_****cdef"],
  ["sk_live_0123456789abcdef", "sk_live_****cdef"],
  ["pk_test_0123456789abcdef", "pk_test_****cdef"],
  ["rk_live_0123456789abcdef", "rk_live_****cdef"],
  ["op_0123456789abcdef", "op_****cdef"],
  ["sk_test_short", "sk_test_****"],
  ["password", "****"],
  ["a long passphrase 1234", "****1234"],
  ["a long passphrase äöü!", "****"],
  ["", "****"],
])("%s: %s", (key, shown) => {
  expect(maskKey(key)).toBe(shown);
});

test("at most four characters of a secret are shown", () => {
  fc.assert(
    fc.property(fc.string(), (key) => {
      expect(maskKey(key)).toMatch(/^(?:(?:(?:sk|pk|rk)_(?:test|live)|op)_)?\*{4}\w{0,4}$/);
    }),
  );
});

import { expect, it } from "vitest";
import { mergeChange } from "./merge-change.ts";

it("sets, unsets and leaves alone, at every depth, and replaces lists", () => {
  const before = { name: "a", url: "b", address: { city: "Paris", line1: "1 rue", tags: [1, 2] } };
  expect(mergeChange(before, { url: null, email: "c", address: { line1: null, tags: [3], state: "IDF" } })).toEqual({
    name: "a",
    email: "c",
    address: { city: "Paris", tags: [3], state: "IDF" },
  });
  expect(before.address.tags).toEqual([1, 2]);
});

it("makes a hash where there was none, without its nulls", () => {
  expect(mergeChange({ phone: "1" }, { shipping: { name: "x", phone: null } })).toEqual({ phone: "1", shipping: { name: "x" } });
});

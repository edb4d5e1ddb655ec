import { expect, test } from "vitest";
import { changesOf } from "./changes.ts";

test("only changes are listed, with their paths, and a value that did not exist before is absent", () => {
  const now = { email: "new@example.com", tos: { date: 5, ip: "::1" }, tags: ["a", "b"], kept: 1 };
  const previous = { email: "old@example.com", tos: { date: null }, tags: ["a"], gone: "x" };
  expect(changesOf(now, previous)).toEqual([
    { path: "email", before: '"old@example.com"', after: '"new@example.com"' },
    { path: "tos.date", before: "null", after: "5" },
    { path: "tags", before: JSON.stringify(["a"], null, 2), after: JSON.stringify(["a", "b"], null, 2) },
    { path: "gone", before: '"x"', after: undefined },
  ]);
});

test("an object that appeared or disappeared is listed as a whole", () => {
  expect(changesOf({ bank: null }, { bank: { id: "ba_1" } })).toEqual([{ path: "bank", before: '{\n  "id": "ba_1"\n}', after: "null" }]);
});

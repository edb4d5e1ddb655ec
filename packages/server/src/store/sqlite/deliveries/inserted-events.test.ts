import { expect, test } from "vitest";
import { InsertedEvents } from "./inserted-events.ts";

test("numbers are found in any order, also of events that are added later", () => {
  const inserted = new InsertedEvents();
  for (const [at, id] of ["a", "b", "c"].entries()) inserted.add(id, at + 1);
  expect(["a", "a", "b", "c", "a", "c", "b"].map((id) => inserted.numberOf(id))).toEqual([1, 1, 2, 3, 1, 3, 2]);
  expect(inserted.numberOf("d")).toBeUndefined();
  inserted.add("d", 7);
  expect(["d", "a", "d"].map((id) => inserted.numberOf(id))).toEqual([7, 1, 7]);
});

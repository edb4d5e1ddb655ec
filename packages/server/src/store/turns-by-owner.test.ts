import { expect, test } from "vitest";
import { TurnsByOwner } from "./turns-by-owner.ts";

test("an owner with much work waits for itself alone", () => {
  const turns = new TurnsByOwner<string>();
  for (const work of ["a1", "a2", "a3"]) turns.add("a", work);
  turns.add("b", "b1");
  expect([turns.take(), turns.take()]).toEqual(["a1", "b1"]);
  turns.add("b", "b2");
  expect([turns.take(), turns.take(), turns.empty, turns.take()]).toEqual(["a2", "b2", false, "a3"]);
  expect([turns.empty, turns.take()]).toEqual([true, undefined]);
});

test("work that is given back is before all else of its owner, and takes no turn from others", () => {
  const turns = new TurnsByOwner<string>();
  for (const work of ["a1", "a2", "a3"]) turns.add("a", work);
  turns.add("b", "b1");
  expect(turns.take()).toBe("a1");
  turns.giveBack("a", "a1");
  expect([turns.take(), turns.take(), turns.take(), turns.take()]).toEqual(["b1", "a1", "a2", "a3"]);
  turns.giveBack("c", "c1");
  expect([turns.take(), turns.empty]).toEqual(["c1", true]);
});

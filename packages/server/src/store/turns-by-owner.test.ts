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

test("returned work comes before all other work of its owner, and takes no turn from others", () => {
  const turns = new TurnsByOwner<string>();
  for (const work of ["a1", "a2", "a3"]) turns.add("a", work);
  turns.add("b", "b1");
  expect(turns.take()).toBe("a1");
  turns.giveBack([{ owner: "a", work: "a1" }]);
  expect([turns.take(), turns.take(), turns.take(), turns.take()]).toEqual(["b1", "a1", "a2", "a3"]);
  turns.giveBack([{ owner: "c", work: "c1" }]);
  expect([turns.take(), turns.empty]).toEqual(["c1", true]);
});

test("work that no longer waits is not taken, and work that is not there is left alone", () => {
  const turns = new TurnsByOwner<string>();
  for (const work of ["a1", "a2"]) turns.add("a", work);
  turns.add("b", "b1");
  for (const [owner, work] of [
    ["a", "a1"],
    ["b", "b1"],
    ["b", "b1"],
    ["a", "none"],
  ] as const)
    turns.remove(owner, work);
  expect([turns.size, turns.take(), turns.take(), turns.empty]).toEqual([1, "a2", undefined, true]);
});

test("returned work keeps its order, and so do its owners", () => {
  const turns = new TurnsByOwner<string>();
  const taken = ["c1", "d1", "c2", "e1"].map((work) => ({ owner: work.slice(0, 1), work }));
  turns.giveBack(taken);
  expect([turns.size, turns.take(), turns.take(), turns.take(), turns.take(), turns.empty]).toEqual([4, "c1", "d1", "e1", "c2", true]);
});

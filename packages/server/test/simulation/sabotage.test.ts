import { expect, test } from "vitest";
import { Breach, RULES, type Rule } from "./rules.ts";
import { SABOTAGES, type Sabotage } from "./sabotage.ts";
import { simulate } from "./simulate.ts";

/** Within so many seeds each must be caught. The same seeds hold without sabotage. */
const SEEDS = 40;

test.each(Object.entries<Sabotage>(SABOTAGES))("%s: caught", async (_, sabotage) => {
  let caught: Breach | null = null;
  for (let seed = 1; seed <= SEEDS && caught === null; seed++)
    caught = await simulate(seed, sabotage).then(
      () => null,
      (error: Error) => error.cause as Breach,
    );
  expect(caught).toBeInstanceOf(Breach);
  expect(sabotage.caughtBy, caught?.message).toContain(caught?.rule);
});

test("every rule of deliveries catches some sabotage", () => {
  const caught = new Set(Object.values<Sabotage>(SABOTAGES).flatMap(({ caughtBy }) => caughtBy));
  expect(Object.keys(RULES).filter((rule) => !caught.has(rule as Rule))).toEqual(["bug"]);
});
